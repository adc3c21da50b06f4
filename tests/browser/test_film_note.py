"""A film with its note in a real Chromium: one answer of both, one map on both, and words that point at the film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import sample_data
from tests.browser.steps import PATIENCE_MS, file, upload_note

pytestmark = pytest.mark.browser

FOLDER = Path(sample_data.__file__).parent / "cases" / "chest-and-note-2"


def test_both_are_read_together_and_the_reader_sees_what_each_carried(
    new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=1440, height=1000)
    upload_note(page, address, *(file(name, (FOLDER / name).read_bytes()) for name in ("film.dcm", "note.txt")))
    expect(page.get_by_text("Film and note together")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("Without the film:")).to_be_visible()
    expect(page.get_by_text("Taught on generated notes")).to_be_visible()
    note = page.locator(".note-map[data-ready='1']")
    note.get_by_role("button", name="Show map").click()
    expect(note.locator(".word.shaded").first).to_be_visible()
    expect(note.locator(".readout")).to_have_text("")
    expect(note.locator(".withheld").first).to_contain_text("ASSESSMENT")
    note.get_by_role("button", name="Strike words").click()
    note.locator(".word", has_text="Alert").click()
    expect(page.get_by_text("“Alert”")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_text("Which words looked where").click()
    drawn = page.locator(".question-map[data-ready='1']")
    drawn.wait_for(timeout=PATIENCE_MS)
    drawn.get_by_role("button", name="crackles").focus()
    expect(drawn).to_have_attribute("data-from", "crackles")
    drawn.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    expect(drawn).to_have_attribute("data-from", "patch")
    page.screenshot(path=screenshots / "film-note.png", full_page=True)
