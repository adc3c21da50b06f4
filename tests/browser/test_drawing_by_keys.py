"""Whatever the mouse draws, keys draw too: placed, moved, sized, kept, given up, taken up again and removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.scenes import draw_note
from tests.browser.viewer_steps import PAGE, data, eventually, heard, settle

pytestmark = pytest.mark.browser


@pytest.fixture
def viewer(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Locator:
    page = new_page()
    page.goto(f"{serve_streamlit(PAGE)}/?case=ct&several=1")
    found = page.locator('.viewer[data-ready="1"]')
    found.wait_for()
    settle(found)
    return found


def press(viewer: Locator, *keys: str) -> None:
    for key in keys:
        viewer.page.keyboard.press(key)


def spoken(viewer: Locator) -> str:
    """What a screen reader was told last."""
    return viewer.locator(".spoken[aria-live='polite']").inner_text()


def test_a_box_is_placed_moved_sized_and_kept(viewer: Locator) -> None:
    viewer.get_by_role("button", name="Left drag draws a box").press("Enter")
    assert "Arrows move it" in spoken(viewer)
    before = spoken(viewer)
    press(viewer, "Shift+ArrowRight", "ArrowDown")
    assert spoken(viewer) != before
    press(viewer, "m", "Shift+ArrowLeft")
    assert spoken(viewer).startswith("Box, point 1 of 2: columns")
    columns, rows = spoken(viewer).split(": columns ")[1].split(", rows ")
    press(viewer, "Enter")
    eventually(lambda: heard(viewer, "on_box").startswith("on_box: (("))
    top, left, bottom, right = (
        float(edge) for edge in heard(viewer, "on_box").removeprefix("on_box: ((").split(")")[0].split(",")
    )
    assert f"{left:.0f} to {right:.0f}" == columns
    assert f"{top:.0f} to {bottom:.0f}" == rows


def test_escape_keeps_nothing(viewer: Locator) -> None:
    viewer.get_by_role("button", name="Left drag draws a box").press("Enter")
    press(viewer, "ArrowRight", "Escape")
    assert spoken(viewer) == "Not kept."
    assert viewer.locator(".regions .draft polygon").count() == 0
    press(viewer, "PageDown")  # arrows and pages are those of the image again
    assert heard(viewer, "on_box") == ""


@pytest.mark.parametrize(
    ("tool", "said"), [("Length:", " mm"), ("Angle:", "90.0°"), ("Ellipse:", "mean"), ("Area:", "mean")]
)
def test_measurements_are_made_changed_and_removed(tool: str, said: str, viewer: Locator) -> None:
    viewer.get_by_role("button", name=tool).press("Enter")
    press(viewer, "Enter")
    eventually(lambda: said in heard(viewer, "on_measured"))
    first = heard(viewer, "on_measured")
    press(viewer, "e", "e", "Shift+ArrowDown", "Enter")  # the saved box is the first that is taken up
    eventually(lambda: heard(viewer, "on_measured") != first)
    assert heard(viewer, "on_measured").count("Measured(") == 1
    press(viewer, "e", "e", "Delete")
    eventually(lambda: "Measured(" not in heard(viewer, "on_measured"))


def test_a_saved_box_is_changed_by_keys_and_by_mouse(viewer: Locator) -> None:
    viewer.press("e")
    press(viewer, "ArrowRight", "Enter")
    eventually(lambda: "on_moved" in heard(viewer, "on_moved"))
    first = heard(viewer, "on_moved")
    assert "left=100.0" in first, "what it was"
    viewer.get_by_role("button", name="Left drag draws a box").click()
    corner = viewer.locator(".regions .editable circle").nth(2).bounding_box()
    assert corner is not None
    x, y = corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2
    viewer.page.mouse.move(x, y)
    viewer.page.mouse.down()
    viewer.page.mouse.move(x + 40, y + 30, steps=5)
    viewer.page.mouse.up()
    eventually(lambda: heard(viewer, "on_moved") != first)
    assert heard(viewer, "on_box") == "", "no new box was drawn"
    viewer.press("e")
    press(viewer, "Delete")
    eventually(lambda: heard(viewer, "on_moved").endswith("None)"))
    eventually(lambda: viewer.locator(".regions .editable").count() == 0)


def test_words_of_a_note_are_struck_by_keys(new_page: Callable[..., Page], address: str) -> None:
    page = new_page()
    draw_note(page, address)
    text = page.locator(".note-map .text")
    text.press("s")
    expect(text).to_have_attribute("role", "application")
    press(text, "ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp")
    at = text.locator(".word.at")
    expect(at).to_have_count(1)
    word = at.inner_text()
    press(text, "Enter")
    expect(page.locator(".note-map .word.struck").first).to_have_text(word)
    assert page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.className ?? ''").startswith("text")
    press(page.locator(".note-map .text"), "Enter")
    expect(page.locator(".note-map .word.struck")).to_have_count(0)


def test_a_key_image_is_marked_listed_and_gone_to(
    new_page: Callable[..., Page], serve_streamlit: Callable[..., str]
) -> None:
    page = new_page()
    page.goto(f"{serve_streamlit(PAGE)}/?case=series")
    viewer = page.locator('.viewer[data-ready="1"]')
    viewer.wait_for()
    settle(viewer)
    viewer.press("PageDown")
    eventually(lambda: data(viewer, "frame") == "10")
    viewer.press("k")
    eventually(lambda: heard(viewer, "on_keyed") == "on_keyed: ((10,),)")
    assert "★ Key image" in viewer.locator("[data-part='place']").inner_text()
    viewer.press("PageUp")
    eventually(lambda: data(viewer, "frame") == "0")
    viewer.get_by_role("button", name="Key image: go to frame 11").click()
    eventually(lambda: data(viewer, "frame") == "10")
    viewer.press("k")
    eventually(lambda: heard(viewer, "on_keyed") == "on_keyed: ((),)")
