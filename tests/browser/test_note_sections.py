"""A long note in Chromium: its sections as bars that lead into it, its sentences, and two labels on one scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import PATIENCE_MS, choose, open_sample

pytestmark = pytest.mark.browser

LONG, SHORT = "note-consultation-1", "note-stone-1"


def with_map(page: Page, address: str, case_id: str) -> Locator:
    """Open a note and show its map by keys alone."""
    open_sample(page, address, case_id)
    note = page.locator(".note-map[data-ready='1']")
    note.locator(".toolbar").wait_for(timeout=PATIENCE_MS)
    note.locator(".text").focus()
    page.keyboard.press("o")
    expect(note).to_have_attribute("data-overlay", "on")
    return note


def top_in_text(note: Locator, selector: str) -> float:
    """How far below the upper edge of the text a place stands."""
    found: float = note.locator(selector).evaluate(
        "(node) => node.getClientRects()[0].top - node.closest('.text').getBoundingClientRect().top"
    )
    return found


def test_a_bar_leads_to_its_section_by_keys(new_page: Callable[..., Page], address: str, screenshots: Path) -> None:
    page = new_page(width=1280, height=720)
    note = with_map(page, address, LONG)
    bars = note.locator(".part")
    expect(bars.first).to_contain_text("History")
    expect(bars.first).to_contain_text("of the words")
    bars.first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(bars.nth(4)).to_have_attribute("aria-pressed", "true")
    expect(note.locator(".section.here")).to_contain_text("SOCIAL HISTORY")
    assert 0 <= top_in_text(note, ".section.here") < 60
    expect(note.locator(".readout")).to_contain_text("social history:")
    page.screenshot(path=screenshots / "note-sections.png")
    note.locator(".text").focus()
    page.keyboard.press("b")
    expect(bars.first).to_be_hidden()


def test_a_long_note_is_shaded_by_sentence_and_a_short_one_by_word(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(width=1280, height=720)
    note = with_map(page, address, LONG)
    expect(note.locator(".sentence.shaded").first).to_be_visible()
    expect(note.locator(".word.shaded")).to_have_count(0)
    expect(note.locator(".toolbar")).to_contain_text("average sentence")
    note.locator(".text").focus()
    page.keyboard.press("w")
    expect(note.locator(".word.shaded").first).to_be_visible()
    expect(note.locator(".sentence.shaded")).to_have_count(0)
    note = with_map(page, address, SHORT)
    expect(note.locator(".word.shaded").first).to_be_visible()


def test_the_sentence_that_is_shaded_is_what_is_struck(new_page: Callable[..., Page], address: str) -> None:
    page = new_page(width=1280, height=720)
    note = with_map(page, address, SHORT)
    page.keyboard.press("w")
    page.keyboard.press("s")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(note.locator(".struck").nth(3)).to_be_visible(timeout=PATIENCE_MS)
    assert len(set(note.locator(".struck").evaluate_all("(all) => all.map((w) => w.closest('.sentence').rank)"))) == 1


def test_two_labels_stand_side_by_side_with_the_words_that_tell_them_apart(
    new_page: Callable[..., Page], address: str, screenshots: Path
) -> None:
    page = new_page(width=1280, height=720, theme="light")
    note = with_map(page, address, LONG)
    choose(page, "Rather than", 1)
    expect(note.locator(".pair")).to_be_visible(timeout=PATIENCE_MS)
    expect(note.locator(".part").first.locator(".letter")).to_have_text(["A", "B", ""])
    shade = note.get_by_role("combobox", name="Shade")
    colors = "(all) => all.map((one) => one.style.background)"
    seen = []
    for rank in range(3):
        shade.select_option(str(rank))
        seen.append(tuple(note.locator(".sentence").evaluate_all(colors)))
    assert len(set(seen)) == 3
    word = note.locator(".telling").first
    said = word.inner_text()
    word.focus()
    page.keyboard.press("Enter")
    expect(note.locator(".word.pointed")).to_have_text(said)
    assert top_in_text(note, ".word.pointed") >= 0
    expect(note.locator(".readout")).to_contain_text("A ")
    page.screenshot(path=screenshots / "note-two-labels.png")
