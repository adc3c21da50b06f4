"""Suggestions in a real Chromium: contradictions stand first, the plan is grey, and the keyboard reaches all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import sample_data
from tests.browser.steps import PATIENCE_MS, file, upload_note

pytestmark = pytest.mark.browser

TOP = "node => node.getBoundingClientRect().top"
NOTE = (Path(sample_data.__file__).parent / "cases" / "note-heart-failure-1" / "note.txt").read_bytes()


def test_contradictions_stand_before_suggestions_and_the_plan_is_grey(
    new_page: Callable[..., Page], address: str
) -> None:
    page = new_page(width=1366, height=900)
    upload_note(page, address, file("note.txt", NOTE))
    stated = page.locator(".at-cautions")
    stated.wait_for(timeout=PATIENCE_MS)
    expect(stated).to_contain_text("Asthma since childhood")
    expect(stated).not_to_contain_text("bleeding ulcers")
    choice = page.get_by_role("radio", name="Treatments to consider")
    choice.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Suggestions to consider – not orders")).to_be_visible(timeout=PATIENCE_MS)
    row = page.locator(".at-suggestions").get_by_role("row").first
    expect(row).to_contain_text("nearest training notes")
    note = page.locator(".note-map[data-ready='1']")
    expect(note.locator(".withheld").filter(has_text="Furosemide 80 mg")).to_be_visible(timeout=PATIENCE_MS)
    assert stated.evaluate(TOP) < row.evaluate(TOP)
