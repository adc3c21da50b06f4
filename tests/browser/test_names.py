"""What may identify a person in a note is marked on the page, and the note is kept with other words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import PATIENCE_MS, file, upload

pytestmark = pytest.mark.browser

NOTE = (
    "Patient: Philippa Abernathy    MRN: 00123456\n\nMrs. Abernathy, a 93-year-old woman, was seen by Dr. Okonkwo on "
    "03/12/2019 at Jefferson General Hospital. She lives at 12 Maple Street. Call (617) 236-8890 with results.\n"
    "She has had a cough for two weeks. <img src=x onerror=alert(1)> Return on 03/26/2019.\n"
)


def test_names_are_marked_listed_and_replaced_before_the_note_is_kept(
    new_page: Callable[..., Page], address: str
) -> None:
    page = new_page(width=1280, height=900)
    page.on("dialog", lambda dialog: pytest.fail("text of a note ran as code"))
    upload(page, address, file("note.txt", NOTE.encode()))
    note = page.locator(".at-names-note")
    note.wait_for(timeout=PATIENCE_MS)
    assert note.locator("img").count() == 0
    expect(note.locator("mark.at-name-name", has_text="Okonkwo")).to_be_visible()
    expect(note.locator("mark.at-name-age")).to_have_text("A93")
    expect(page.get_by_role("table", name="What may identify a person")).to_contain_text("over 89")
    page.get_by_role("textbox", name="Mark more words").fill("cough")
    page.keyboard.press("Enter")
    expect(note.locator("mark", has_text="cough")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Replace and keep").click()
    words = page.locator(".note-map[data-ready='1'] .text")
    words.wait_for(timeout=PATIENCE_MS)
    text = words.text_content() or ""
    assert "for two weeks" in text
    for planted in ("Abernathy", "Okonkwo", "00123456", "03/12/2019", "Maple", "236-8890", "93-year", "cough"):
        assert planted not in text
