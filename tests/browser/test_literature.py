"""The library of abstracts in a real Chromium: filled, searched, and a word of the question shows what answers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PATIENCE_MS

pytestmark = pytest.mark.browser


def test_a_question_finds_abstracts_and_the_words_that_agree(new_page: Callable[..., Page], own_address: str) -> None:
    page = new_page(width=1366, height=900)
    page.goto(f"{own_address}/literature")
    page.get_by_role("button", name="Load the sample library").click()
    expect(page.get_by_text("40 abstracts in the library")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Question, or the text of an abstract or note").fill(
        "Does treatment of high blood pressure prevent stroke?"
    )
    page.get_by_role("button", name="Search").click()
    matched = page.locator(".word-match[data-ready='1']")
    matched.wait_for(timeout=PATIENCE_MS)
    expect(matched.get_by_role("article")).to_have_count(8)
    words = matched.locator(".asked .word")
    words.first.focus()
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    expect(words.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(matched.locator(".line")).to_contain_text(words.nth(1).text_content() or "")
