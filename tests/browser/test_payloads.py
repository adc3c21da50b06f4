"""What strangers write into files, names and comments stays text: on every page, in the report, in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from playwright.sync_api import Page, expect

from tests.browser.payloads import FORMULAS, MARKDOWN, PAYLOADS, SHORT, watch
from tests.browser.steps import PATIENCE_MS, dicom, file, take

pytestmark = pytest.mark.browser

COURSE = "time,HR,{name}\n0,80,1\n1,90,2\n20,85,3\n"


@pytest.fixture(scope="module")
def address(own_address: str) -> str:
    return own_address


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Iterator[Page]:
    return new_page(width=1440, height=1000)


def hostile_film(seed: int) -> bytes:
    """A film whose attributes hold payloads where they are shown: as tags, in the title, over the image."""
    grey = np.random.default_rng(seed).integers(0, 65535, (128, 96)).astype(np.uint16)
    dataset = pydicom.dcmread(io.BytesIO(dicom(grey)))
    with pydicom.config.disable_value_validation():
        for keyword in ("Manufacturer", "BodyPartExamined", "PatientPosition", "PresentationIntentType"):
            setattr(dataset, keyword, SHORT)
        dataset.ViewPosition = MARKDOWN
        dataset.ImageType = [SHORT, "<script>alert(3)</script>"]
        content = io.BytesIO()
        dataset.save_as(content)
    return content.getvalue()


def drop(page: Page, *files: tuple[str, bytes]) -> None:
    """Open files in this session: a new address would begin another one."""
    page.get_by_role("link", name="Open case").click()
    page.locator("input[type=file]").first.set_input_files([file(*one) for one in files], timeout=PATIENCE_MS)


def test_what_strangers_write_stays_text(
    page: Page, address: str, tmp_path: Path, screenshots: Path, request: pytest.FixtureRequest
) -> None:
    check = watch(page)
    film = hostile_film(getattr(request.node, "execution_count", 1))  # one that this server does not know as signed
    page.goto(address)
    page.locator(".case-table[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    page.get_by_role("button", name="reader · model first").click()
    page.get_by_role("textbox", name="Reader").fill(MARKDOWN)
    page.get_by_role("button", name="Use for this session").click()
    expect(page.get_by_role("button", name=MARKDOWN)).to_be_visible()  # as it was written, letter for letter
    check("the reader's name")

    words = "\n".join(PAYLOADS)
    note = f"HISTORY: The patient has chest pain. {words}\nPLAN: Aspirin. {words}"
    refused = [(f"{SHORT.replace('/', ':')}.bin", bytes(60)), ("=1+1.zip", b"PK\3\4 broken")]
    drop(page, (f"{MARKDOWN.replace('/', ':')}.dcm", film), *refused)
    page.locator(".viewer[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    expect(page.get_by_text("2 files were not opened")).to_be_visible()
    check("the film and the refused files")
    page.get_by_text("Attributes of the image").click()
    check("the attributes")
    page.screenshot(path=screenshots / "hostile-film.png", full_page=True)

    page.get_by_role("tab", name="Your verdict").click(timeout=PATIENCE_MS)
    comment = page.get_by_label("Comment")
    saved = page.get_by_role("status").filter(has_text="Saved as a draft")
    before = saved.inner_text()  # when the case was opened
    comment.fill(f"=1+1 {words}")
    comment.blur()
    expect(saved).not_to_have_text(before)
    check("the comment")
    page.get_by_role("tab", name="Report").click()
    for kind in ("HTML", "PDF"):
        take(page, f"Download {kind}", tmp_path / f"report.{kind.lower()}")
    check("the drafted report")
    page.get_by_role("tab", name="Your verdict").click()
    page.get_by_role("button", name=f"Sign as {MARKDOWN}").click()
    expect(page.get_by_role("status").filter(has_text="Signed by")).to_be_visible()
    check("the signed review")

    drop(page, (f"{SHORT.replace('/', ':')}.txt", note.encode()))
    keep_none = page.get_by_role("button", name="Open without keeping")
    keep_none.wait_for(timeout=PATIENCE_MS)
    check("the search for names")
    keep_none.click()
    page.locator(".note-map[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    check("the note")
    page.screenshot(path=screenshots / "hostile-note.png", full_page=True)
    drop(page, ("genes.fa", f">{SHORT.replace(' ', '/')} b\n{'CAGGTAAGT' * 20}\n".encode()))
    page.locator(".sequence-map[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    check("the sequence")
    drop(page, ("course.csv", COURSE.format(name=f'"{SHORT}"').encode()))
    page.locator(".course-plot[data-ready='1']").wait_for(timeout=PATIENCE_MS)
    check("the course")
    for name in ("Worklist", "Validation", "Models", "Audit"):
        page.get_by_role("link", name=name).first.click()
        page.wait_for_timeout(1500)
        check(name)

    _check_documents(page, tmp_path)


def _check_documents(page: Page, folder: Path) -> None:
    """The report opened by a browser, and the printed one without anything that acts."""
    fresh = page.context.new_page()
    check = watch(fresh)
    fresh.goto((folder / "report.html").as_uri())
    expect(fresh.get_by_text("alert(3)").first).to_be_visible()
    check("the HTML report")
    fresh.close()
    printed = (folder / "report.pdf").read_bytes()
    assert not [part for part in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"/OpenAction") if part in printed]


def test_no_cell_of_an_export_is_a_formula(page: Page, address: str, tmp_path: Path) -> None:
    from engine import reviews_csv
    from engine.review import Review

    reviews = [Review(f"case-{rank}", "reader", comment=begin) for rank, begin in enumerate((*FORMULAS, *PAYLOADS))]
    rows = list(csv.reader(io.StringIO(reviews_csv(reviews).decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if cell.startswith(tuple(begin[0] for begin in FORMULAS))]
