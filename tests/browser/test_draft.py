"""A drafted impression in a real Chromium: the arrow keys walk its words, the findings show where they come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import sample_data
from tests.browser.steps import PATIENCE_MS, file, upload_note

pytestmark = pytest.mark.browser

REPORT = (Path(sample_data.__file__).parent / "cases" / "note-chest-report-2" / "note.txt").read_bytes()


def test_each_drafted_word_shows_where_it_comes_from(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(width=1366, height=900)
    upload_note(page, address, file("report.txt", REPORT + b"\nIMPRESSION: <b>withheld</b>\n"))
    words = page.locator(".drafted")
    words.first.wait_for(timeout=PATIENCE_MS)
    words.first.focus()
    page.keyboard.press("ArrowRight")
    expect(words.nth(1)).to_be_focused()
    expect(page.locator(".origins")).to_contain_text(words.nth(1).text_content() or "")
    tinted = page.locator(".note-map .text [style*='background: rgb']")
    assert tinted.count() > 0
    words.nth(1).click()
    page.get_by_role("heading").first.hover()
    assert tinted.count() > 0  # pinned
    expect(page.locator(".note-map .withheld").filter(has_text="<b>withheld</b>")).to_be_visible()
    expect(page.locator(".draft .about")).to_contain_text("Of 26 findings looked for by name")
