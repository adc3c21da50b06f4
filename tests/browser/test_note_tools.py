"""A note in Chromium: its words walked by keys, found, copied, and what it denies or only thinks of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import note_page

pytestmark = pytest.mark.browser

NOTE_PAGE = Path(note_page.__file__)


@pytest.fixture
def note(new_page: Callable[..., Page], serve_streamlit: Callable[..., str]) -> Locator:
    page = new_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(serve_streamlit(NOTE_PAGE))
    found = page.locator(".note-map[data-ready='1']")
    found.locator(".toolbar").wait_for()
    return found


def copied(note: Locator) -> str:
    found: str = note.page.evaluate("navigator.clipboard.readText()")
    return found


def painted(note: Locator) -> list[int]:
    """How many matches are painted: those around, and the one that is gone to."""
    names = ["attending-found", "attending-found-here"]
    found: list[int] = note.page.evaluate("(names) => names.map((name) => CSS.highlights.get(name).size)", names)
    return found


def test_words_are_walked_without_striking_and_their_values_read_out(note: Locator) -> None:
    text, readout = note.locator(".text"), note.locator(".readout")
    text.focus()
    for key, said in (("ArrowRight", "Acute: 0.00"), ("ArrowRight", "chest: 1.00"), ("End", "fluids: 8.00")):
        note.page.keyboard.press(key)
        expect(readout).to_contain_text(said)
    note.page.keyboard.press("w")
    note.page.keyboard.press("Home")
    expect(readout).to_contain_text("Acute chest pain.:")
    note.page.keyboard.press("ArrowRight")
    expect(readout).to_contain_text("No fever today., denied: fever today:")
    expect(text.locator(".sentence.at")).to_have_text("No fever today.")


def test_words_are_found_whatever_their_case_and_the_search_is_closed(note: Locator, screenshots: Path) -> None:
    keys, count = note.page.keyboard, note.locator(".finder output")
    note.locator(".text").focus()
    keys.press("/")
    sought = note.get_by_role("searchbox", name="Find in the note")
    expect(sought).to_be_focused()
    keys.type("a")
    expect(count).to_have_text("1 of 4")
    note.page.screenshot(path=screenshots / "note-found.png")
    for key, said in (("Enter", "2 of 4"), ("Shift+Enter", "1 of 4"), ("Shift+Enter", "4 of 4")):
        keys.press(key)
        expect(count).to_have_text(said)
    assert painted(note) == [3, 1]
    sought.fill("TODAY.  REST")  # over the end of a line
    expect(count).to_have_text("1 of 1")
    sought.fill("(")
    expect(count).to_have_text("not found")
    keys.press("Escape")
    expect(sought).to_be_hidden()
    expect(note.locator(".text")).to_be_focused()
    assert painted(note) == [0, 0]


def test_what_is_selected_is_copied_or_else_the_note(note: Locator) -> None:
    note.locator(".text").focus()
    note.page.keyboard.press("c")
    expect(note.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(note) == note_page.TEXT
    note.locator(".word").nth(1).dblclick()
    expect(note.get_by_role("button", name="Copy")).to_be_visible()
    note.get_by_role("button", name="Copy").click()
    expect(note.get_by_role("button", name="Copied")).to_be_visible()
    assert copied(note).strip() == "chest"


def test_what_is_denied_is_underlined_until_the_reader_says_otherwise(note: Locator) -> None:
    denied = note.locator(".text .denied.word")
    expect(denied).to_have_text(["fever", "today"])
    style = "(word) => getComputedStyle(word).borderBottomStyle"
    assert denied.first.evaluate(style) == "dotted"
    denied.first.hover()
    expect(note.locator(".readout")).to_contain_text("fever, denied by “No”")
    note.locator(".text").focus()
    note.page.keyboard.press("n")
    expect(note.get_by_role("button", name="denied possible")).to_have_attribute("aria-pressed", "false")
    assert denied.first.evaluate(style) == "none"


def test_the_keys_are_listed(note: Locator) -> None:
    note.locator(".text").focus()
    note.page.keyboard.press("?")
    keys = note.get_by_role("group", name="Keys")
    expect(keys).to_contain_text("find in the note")
    expect(keys.locator("dt")).to_contain_text(["/", "C", "← →", "N", "S"])
    note.page.keyboard.press("h")
    expect(keys).to_be_hidden()
