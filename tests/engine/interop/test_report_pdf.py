"""The PDF holds the same words as the record, on numbered pages, with nothing of the case in its properties."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import PIL.Image
import pypdfium2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from engine.interop.illustration import Illustration
from engine.interop.report import DRAFT_MARK, CaseReport, Part
from engine.interop.report_pdf import report_pdf
from engine.wording import DISCLAIMER


def pages_of(report: CaseReport) -> list[str]:
    reader = PdfReader(io.BytesIO(report_pdf(report)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_it_says_what_the_record_says(report: CaseReport) -> None:
    text = " ".join(pages_of(report))
    for said in ("pneumonia 0.87 likely ruled in", "agrees with pneumonia", "Look again in a week.", report.signature):
        assert said in text
    assert "This map: faithful." in text
    assert "multiples of an average patch" in text
    assert DRAFT_MARK not in text


def test_long_comments_flow_over_numbered_pages(draft: CaseReport) -> None:
    lines = [f"Line {number} of a long comment." for number in range(150)]
    pages = pages_of(draft.rewritten(Part.COMMENT, "\n".join(lines)))
    assert len(pages) >= 3
    for number, page in enumerate(pages, start=1):
        assert f"{number} of {len(pages)}" in page
        assert DISCLAIMER in page
        assert DRAFT_MARK in page
    assert all(any(line in page for page in pages) for line in lines)


def test_one_paragraph_longer_than_a_page_flows_too(report: CaseReport) -> None:
    assert len(pages_of(report.rewritten(Part.COMMENT, "word " * 3000 + "x" * 3000))) > 3


def test_its_properties_tell_nothing_of_the_case(report: CaseReport) -> None:
    data = report_pdf(report)
    reader = PdfReader(io.BytesIO(data))
    assert reader.metadata is not None
    assert reader.metadata.author == "Attending"
    assert reader.metadata.title == "Report of a reading with a model"
    assert reader.trailer["/Root"]["/Lang"] == "en"
    properties = repr(dict(reader.metadata))
    assert report.case_id not in properties
    assert "reader-1" not in properties


def test_letters_are_embedded_and_missing_ones_are_counted(report: CaseReport) -> None:
    text = " ".join(pages_of(report.rewritten(Part.COMMENT, "Ωμέγα Москва ไทย")))
    assert "Ωμέγα Москва ���" in text
    assert "3 characters that this document's fonts lack" in text
    assert "肺炎" in " ".join(pages_of(report.rewritten(Part.COMMENT, "肺炎")))


def test_the_map_is_on_the_page(report: CaseReport) -> None:
    document = pypdfium2.PdfDocument(report_pdf(report))
    shades = [np.asarray(page.render(scale=1).to_pil().convert("HSV")) for page in document]
    document.close()
    colored = sum(int(((page[..., 1] > 100) & (page[..., 2] > 60)).sum()) for page in shades)
    assert colored > 10_000  # the map and its legend: all else is grey or thin red words


def test_the_map_of_a_course_takes_the_whole_width(report: CaseReport) -> None:
    cells = PIL.Image.new("RGB", (1160, 580), (200, 30, 30))
    course = replace(report, illustrations=(Illustration("A map", plain=cells, wide=True, badge="Checked."),))
    with pypdfium2.PdfDocument(report_pdf(course)) as document:
        drawn = np.concatenate([np.asarray(page.render(scale=1).to_pil().convert("RGB"), int) for page in document])
    red = (np.abs(drawn - (200, 30, 30)).max(axis=2) < 20).any(axis=0)  # (columns,)
    assert red.mean() > 0.75


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_no_text_stops_it(report: CaseReport, text: str) -> None:
    assert report_pdf(report.rewritten(Part.COMMENT, text)).startswith(b"%PDF-")
