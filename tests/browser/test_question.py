"""A question about an image in a real Chromium: suggested, answered, its words and regions pointed at by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import sample_data
from tests.browser.steps import PATIENCE_MS, file, upload

pytestmark = pytest.mark.browser

FILM = (Path(sample_data.__file__).parent / "cases" / "breast-benign-1" / "image.png").read_bytes()


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1440, height=1000)


def test_a_question_is_suggested_answered_and_looked_into(page: Page, address: str, screenshots: Path) -> None:
    upload(page, address, file("anything.bin", FILM))
    drawn = page.locator(".question-map[data-ready='1']")
    expect(page.get_by_label("Question")).to_be_visible(timeout=PATIENCE_MS)
    expect(drawn).to_have_count(0)  # nothing is answered before something is asked
    page.get_by_role("button", name="What modality is this?").click()
    drawn.wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_text("Without the image the model would say")).to_be_visible()
    expect(page.get_by_text("Answers, the most probable first")).to_be_visible()
    word = drawn.get_by_role("button", name="modality")
    word.focus()
    expect(drawn).to_have_attribute("data-from", "modality")
    expect(drawn.locator(".readout")).to_contain_text("of its attention is on the image")
    drawn.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    expect(drawn).to_have_attribute("data-from", "patch")
    expect(drawn.locator(".mark")).to_be_visible()
    page.keyboard.press("Escape")
    drawn.get_by_role("button", name="Show what the answer rests on").click()
    expect(drawn).to_have_attribute("data-from", "answer")
    page.screenshot(path=screenshots / "question.png", full_page=True)


def test_words_and_regions_are_taken_away_and_put_back_by_keys_and_mouse(
    page: Page, address: str, screenshots: Path
) -> None:
    upload(page, address, file("anything.bin", FILM))
    page.get_by_role("button", name="What modality is this?").click()
    drawn = page.locator(".question-map[data-ready='1']")
    expect(page.get_by_text("Take a word or a region away to see")).to_be_visible(timeout=PATIENCE_MS)
    take = drawn.get_by_role("button", name="Take away")
    take.click()
    expect(take).to_have_attribute("aria-pressed", "true")
    drawn.get_by_role("button", name="modality").click()
    effects = page.locator(".at-effects", has_text="What if:")
    expect(effects).to_contain_text("“modality”", timeout=PATIENCE_MS)
    expect(drawn.get_by_role("button", name="modality")).to_have_class("word struck")
    image = drawn.get_by_role("application")
    image.focus()
    for key in ("ArrowUp", "Shift+ArrowLeft", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(effects).to_contain_text("Box 1", timeout=PATIENCE_MS)
    expect(effects).to_contain_text("All together")
    expect(drawn.locator(".gone")).to_have_text("1")
    expect(take).to_have_attribute("aria-pressed", "true")  # what was chosen outlives the new drawing
    page.screenshot(path=screenshots / "question-what-if.png", full_page=True)
    page.get_by_role("button", name="Undo").click()
    expect(drawn.locator(".gone")).to_have_count(0, timeout=PATIENCE_MS)
    page.get_by_role("button", name="Redo").click()
    gone = drawn.locator(".gone")
    expect(gone).to_have_count(1, timeout=PATIENCE_MS)
    box, whole = gone.bounding_box(), image.bounding_box()
    assert box
    assert whole
    image.click(position={"x": box["x"] - whole["x"] + 4, "y": box["y"] - whole["y"] + 4})
    expect(gone).to_have_count(0, timeout=PATIENCE_MS)  # a click on what is gone puts it back
    expect(effects).to_contain_text("“modality”")


def test_a_hostile_question_stays_text(page: Page, address: str) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
    upload(page, address, file("anything.bin", FILM))
    asked = page.get_by_label("Question")
    asked.fill("Is <img src=x onerror=alert(1)> a mass?")
    asked.press("Enter")
    page.locator(".question-map[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    expect(page.locator(".question-map .words")).to_contain_text("onerror=alert(1)")
    assert not alerts
