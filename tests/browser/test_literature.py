"""The library in a real Chromium: filled with the samples, searched, and its words matched by pointer and keyboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PATIENCE_MS

pytestmark = pytest.mark.browser


def test_a_word_of_the_question_shows_the_words_that_answer_it(
    new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=1366, height=900)
    page.goto(f"{address}/literature")
    page.get_by_role("button", name="Load the sample library").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("40 abstracts in the library")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Question, or the text of an abstract or note").fill("Does aspirin prevent stroke?")
    page.get_by_role("button", name="Search", exact=True).click()
    match = page.locator(".word-match[data-ready='1']")
    match.wait_for(timeout=PATIENCE_MS)
    expect(match.locator("article")).to_have_count(8)
    word = match.locator(".asked .word", has_text="stroke")
    word.hover()
    expect(match.locator(".line")).to_contain_text("“stroke”")
    lit = match.locator("article").first.locator(".lit")
    expect(lit.first).to_be_visible()
    page.screenshot(path=screenshots / "literature.png")
    page.mouse.move(2, 2)
    expect(match.locator(".line")).to_contain_text("Shaded: words that make")
    first = match.locator(".asked .word").first
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(match.locator(".asked .word").nth(1)).to_have_attribute("aria-pressed", "true")
    assert "aspirin" not in page.url
