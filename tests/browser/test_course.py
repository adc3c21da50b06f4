"""A course in a real Chromium: the map beneath its values, the read-out, and values muted by mouse and by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

PAGE = Path(__file__).parent / "pages" / "course_page.py"

pytestmark = pytest.mark.browser


@pytest.fixture
def plot(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Locator:
    page = new_page(width=1100, height=700)
    page.goto(serve_streamlit(PAGE))
    found = page.locator(".course-plot[data-ready='1']")
    found.wait_for()
    return found


def row(plot: Locator, name: str) -> Locator:
    return plot.locator(".row").filter(has=plot.page.locator(f".name b:text-is('{name}')"))


def point(
    plot: Locator, name: str, share: float, *, click: bool = False, keys: Sequence[Literal["Shift"]] = ()
) -> None:
    """Point at a share of the hours of one variable; what an answer of the server draws anew is waited for."""
    drawn = row(plot, name).locator("svg[height]")
    x = 8 + share * (drawn.evaluate("node => node.getBoundingClientRect().width") - 16)
    if click:
        drawn.click(position={"x": x, "y": 15}, modifiers=keys)
    else:
        drawn.hover(position={"x": x, "y": 15})


def test_the_map_is_drawn_where_the_values_are(plot: Locator) -> None:
    assert plot.get_attribute("data-overlay") == "off"
    assert plot.locator(".cell").count() == 0
    plot.locator(".body").focus()
    plot.page.keyboard.press("o")
    expect(plot).to_have_attribute("data-overlay", "on")
    expect(row(plot, "HR").locator(".cell")).to_have_count(2)  # above the threshold of 1
    expect(row(plot, "MAP").locator(".cell")).to_have_count(2)
    expect(row(plot, "Lactate").locator(".cell")).to_have_count(0)  # not read by the model
    against, speaking = (row(plot, "MAP").locator(".cell").nth(rank).get_attribute("fill") for rank in (0, 1))
    assert against != speaking


def test_hostile_names_stay_text(plot: Locator) -> None:
    expect(plot.locator(".name-of-map")).to_contain_text("<img src=x onerror=alert(1)>")
    assert plot.locator("img").count() == 0


def test_the_read_out_names_hour_variable_value_and_relevance(plot: Locator) -> None:
    plot.get_by_role("button", name="Show map").click()
    point(plot, "MAP", 6 / 24)
    expect(plot.locator(".readout")).to_have_text(
        "Hour 6.0 (6:00) · Mean pressure, arterial line 55 mmHg, below 70 · +3.50 × average value"
    )
    point(plot, "MAP", 0.8)
    expect(plot.locator(".readout")).to_contain_text("Point at a value")


def test_values_are_muted_by_the_mouse_and_come_back(plot: Locator) -> None:
    told = plot.page.get_by_text("Muted:")
    point(plot, "HR", 0.5, click=True)
    expect(told).to_have_text("Muted:")
    plot.get_by_role("button", name="Mute values").click()
    point(plot, "HR", 0.5, click=True)
    expect(told).to_have_text("Muted: HR 12:00–13:00")
    point(plot, "MAP", 0.25, click=True, keys=["Shift"])
    expect(told).to_have_text("Muted: HR 12:00–13:00; MAP, all values")
    expect(row(plot, "MAP")).to_have_class("row all-muted")
    point(plot, "MAP", 0.25, click=True)
    expect(told).to_have_text("Muted: HR 12:00–13:00")


def test_the_risk_moves_with_what_is_muted_and_stays_dashed_as_it_was(plot: Locator) -> None:
    before = plot.locator(".risk-line").get_attribute("d")
    expect(plot.locator(".risk-whole")).to_have_count(0)
    plot.get_by_role("button", name="Mute values").click()
    point(plot, "HR", 0.5, click=True)
    expect(plot.locator(".risk-whole")).to_have_attribute("d", before or "")
    assert plot.locator(".risk-line").get_attribute("d") != before
    expect(plot.locator(".risk .last b")).to_have_text("20 %")
    expect(plot.locator(".risk .name i")).to_have_text("dashed: with all values")
    plot.locator(".risk svg[height]").hover(position={"x": 200, "y": 30})
    plot.locator(".body").focus()
    for key in ("ArrowUp", "ArrowUp"):
        plot.page.keyboard.press(key)
    expect(plot.locator(".readout")).to_contain_text("with all values")
    point(plot, "HR", 0.5, click=True)
    expect(plot.locator(".risk-whole")).to_have_count(0)
    assert plot.locator(".risk-line").get_attribute("d") == before


def test_an_hour_of_all_variables_is_muted_on_the_risk(plot: Locator) -> None:
    plot.get_by_role("button", name="Mute values").click()
    plot.locator(".body").focus()
    keys = plot.page.keyboard
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):  # the risk at its third hour
        keys.press(key)
    told = plot.page.get_by_text("Muted:")
    expect(told).to_contain_text("Everything ")
    keys.press("Enter")
    expect(told).to_have_text("Muted:")


def test_values_are_muted_by_keys_alone(plot: Locator) -> None:
    told = plot.page.get_by_text("Muted:")
    keys = plot.page.keyboard
    plot.locator(".body").focus()
    keys.press("m")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):  # the risk, then HR at hour 6
        keys.press(key)
    expect(told).to_have_text("Muted: HR 12:00–13:00")
    keys.press("ArrowDown")
    keys.press("Shift+Enter")
    expect(told).to_have_text("Muted: HR 12:00–13:00; MAP, all values")
