"""The pages of the dashboard as a reader finds them, each ready to be looked at."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from engine import sample_index
from tests.browser.steps import PATIENCE_MS, choose, dicom, file, of_kind, open_row, open_sample, upload, viewer_of


def draw_worklist(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)


def draw_open_case(page: Page, address: str) -> None:
    page.goto(f"{address}/open_case")
    page.get_by_text("Drop one or many files here").wait_for(timeout=PATIENCE_MS)


def draw_models(page: Page, address: str) -> None:
    page.goto(f"{address}/models")
    page.locator(".at-facts").first.wait_for(timeout=PATIENCE_MS)


def draw_training(page: Page, address: str) -> None:
    page.goto(f"{address}/training")
    page.get_by_role("heading", name="Training").first.wait_for(timeout=PATIENCE_MS)


def draw_audit(page: Page, address: str) -> None:
    page.goto(f"{address}/audit")
    page.get_by_role("button", name="Verify the chain").click(timeout=PATIENCE_MS)
    expect(page.get_by_role("status").filter(has_text="Whole:")).to_be_visible()


def draw_validation(page: Page, address: str) -> None:
    page.goto(f"{address}/validation")
    page.get_by_text("Readers are shown by number.").wait_for(timeout=PATIENCE_MS)


def draw_film(page: Page, address: str) -> None:
    open_sample(page, address, of_kind(images=True, note=False))


def draw_film_with_map(page: Page, address: str) -> None:
    draw_film(page, address)
    page.get_by_role("button", name="Heat map on or off (O)").click()


def draw_two_panes(page: Page, address: str) -> None:
    draw_film_with_map(page, address)
    page.locator(".viewer").press("c")
    page.locator(".viewer[data-panes='2']").wait_for()


def draw_curves(page: Page, address: str) -> None:
    """The check of a map behind its badge: a dialog, which Streamlit puts beside its page."""
    draw_film(page, address)
    page.locator("[data-verdict]").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="Curves").click()
    expect(page.locator(".js-plotly-plot")).to_have_count(2, timeout=PATIENCE_MS)


def draw_note(page: Page, address: str) -> None:
    open_sample(page, address, of_kind(images=False, note=True))
    page.get_by_role("button", name="Show map").click()


def draw_pair(page: Page, address: str) -> None:
    open_sample(page, address, of_kind(images=True, note=True))
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)


def draw_unanswered(page: Page, address: str) -> None:
    """An image that no model reads."""
    grey = np.linspace(0, 4000, 64 * 64).reshape(64, 64).astype(np.uint16)
    upload(page, address, file("slice.dcm", dicom(grey, "MR")))
    viewer_of(page)


def draw_verdict(page: Page, address: str) -> None:
    """The reader's own part, with an edit begun."""
    draw_film(page, address)
    page.get_by_role("tab", name="Your verdict").click()
    edit = page.get_by_role("radio", name="Edit").first
    edit.wait_for(timeout=PATIENCE_MS)
    if edit.get_attribute("aria-checked") != "true":  # else it is kept from who drew it before
        edit.click()
    page.get_by_role("combobox", name="Instead of").first.wait_for()


def draw_own_reading(page: Page, address: str) -> None:
    """A reader who reads first, before the answer."""
    draw_worklist(page, address)
    draw_session(page, address)
    page.get_by_role("textbox", name="Reader").fill("Dr First")
    page.get_by_text("Read first").click()
    page.get_by_role("button", name="Use for this session").click()
    expect(page.get_by_role("button", name="Dr First · read first")).to_be_visible()
    pair = of_kind(images=True, note=True)
    open_row(page, pair, page.get_by_role("heading", name="Your own reading"))
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    choose(page, "Specialties of a clinical note", 1)
    page.keyboard.press("Escape")


def draw_session(page: Page, address: str) -> None:
    """Who reads, and who speaks first."""
    draw_worklist(page, address)
    page.get_by_role("button", name="reader · model first").click()
    page.get_by_role("textbox", name="Reader").wait_for()


def draw_course(page: Page, address: str) -> None:
    _open(page, address, "COURSE", ".course-plot")


def draw_sequence(page: Page, address: str) -> None:
    _open(page, address, "DNA", ".sequence-map")


def _open(page: Page, address: str, modality: str, drawn: str) -> None:
    page.goto(address)
    case_id = next(entry.case_id for entry in sample_index() if entry.modality == modality)
    page.locator(f"tr[data-case='{case_id}']").click(timeout=PATIENCE_MS)
    page.locator(f"{drawn}[data-ready='1']").first.wait_for(timeout=PATIENCE_MS)


SCENES = {
    "worklist": draw_worklist,
    "open-case": draw_open_case,
    "models": draw_models,
    "validation": draw_validation,
    "review-film": draw_film,
    "review-film-map": draw_film_with_map,
    "review-two-panes": draw_two_panes,
    "review-curves": draw_curves,
    "review-note": draw_note,
    "review-pair": draw_pair,
    "review-course": draw_course,
    "review-sequence": draw_sequence,
    "review-verdict": draw_verdict,
    "review-own-reading": draw_own_reading,
    "session": draw_session,
    "training": draw_training,
    "audit": draw_audit,
    "review-unanswered": draw_unanswered,
}
