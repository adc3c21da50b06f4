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
