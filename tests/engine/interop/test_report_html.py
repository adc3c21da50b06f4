"""The HTML report stands alone, is read aloud in order, and no text of a reader becomes markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.interop.report import CaseReport, Part
from engine.interop.report_html import report_html
from engine.wording import DISCLAIMER


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_everything_is_in_the_file(report: CaseReport) -> None:
    page = Page(report_html(report))
    assert page.all("html") == [{"lang": "en"}]
    pictures = page.all("img")
    assert len(pictures) == 3  # the picture, its map, the colours
    assert all(str(one["src"]).startswith("data:image/jpeg;base64,") and one["alt"] for one in pictures)
    assert not page.all("script")
    assert not page.all("link")
    for said in ("0.87", "likely", "agrees with pneumonia", report.signature, DISCLAIMER, "This map: faithful"):
        assert said in page.words
    assert "multiples of an average patch" in page.words


def test_headings_go_down_step_by_step(report: CaseReport) -> None:
    levels = [int(tag[1]) for tag, _ in Page(report_html(report)).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_is_made_for_print(draft: CaseReport) -> None:
    text = report_html(draft)
    assert "@media print" in text
    assert '@top-center { content: "DRAFT – not signed"' in text
    assert "counter(pages)" in text


def test_edited_sections_say_so(report: CaseReport) -> None:
    changed = Page(report_html(report.rewritten(Part.IMPRESSION, "All is well.")))
    assert "Impression (edited by hand)" in changed.words
    assert "EDITED AFTER SIGNING – Impression" in changed.words


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(exclude_characters="\r\x00", exclude_categories=["Cs"])))
def test_no_text_becomes_markup(report: CaseReport, text: str) -> None:
    plain = Page(report_html(report.rewritten(Part.COMMENT, "Harmless.")))
    hostile = Page(report_html(report.rewritten(Part.COMMENT, f'<script>"{text}</p>')))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert f'<script>"{text}</p>' in hostile.words
