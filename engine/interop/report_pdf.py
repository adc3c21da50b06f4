"""A report as PDF, drawn by ReportLab: A4, pages numbered, the disclaimer and the state of the report on each of them.

Properties of the file name the program and the kind of document, never the case or the reader.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import PIL.Image
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table
from reportlab.platypus import Image as Picture

from engine.interop.fonts import BOLD, REGULAR, printable, register
from engine.interop.illustration import Edges, Illustration, Legend, jpeg
from engine.interop.report import TITLE, CaseReport, ModelAnswer
from engine.wording import DISCLAIMER, listed
from engine.words import mark, speaking, tr

_MARGIN = 18 * mm
_FOOT = 12 * mm
_FRAME_PADDING = 6  # points that ReportLab keeps free inside the margins
_WIDTH = A4[0] - 2 * _MARGIN
_TALLEST = 95 * mm
_GAP = 4 * mm
_INK, _QUIET, _ALARM, _RULE = (colors.HexColor(code) for code in ("#14191e", "#59636d", "#a3301f", "#c4ccd3"))

_MOST = mark("Marked most: {parts} (× an average one; − speaks against).")

_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9.5, leading=13.5, textColor=_INK)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8, leading=11, textColor=_QUIET)
_HEADING = ParagraphStyle(
    "heading", parent=_BODY, fontName=BOLD, fontSize=11.5, leading=15, spaceBefore=9, spaceAfter=3
)
_MODEL = ParagraphStyle("model", parent=_BODY, fontName=BOLD, spaceBefore=4)
_NAME = ParagraphStyle("title", parent=_BODY, fontName=BOLD, fontSize=16, leading=20)
_MARK = ParagraphStyle("mark", parent=_BODY, fontName=BOLD, textColor=_ALARM)
_TOP = ParagraphStyle("top", parent=_MARK, fontSize=8, leading=11, alignment=1)
_CENTRED = ParagraphStyle("centred", parent=_SMALL, alignment=1)


class _Ink:
    """Turns text into paragraphs and remembers what could not be printed."""

    def __init__(self) -> None:
        self.missing = 0

    def write(self, text: str, style: ParagraphStyle = _BODY) -> Paragraph:
        found = printable(text)
        self.missing += found.missing
        return Paragraph(found.markup, _in_chinese(style) if found.chinese else style)

    def notes(self) -> list[str]:
        """What a reader of the page must know of its letters."""
        lacking = mark("{n} characters that this document's fonts lack are printed as �; the HTML has them.")
        return [tr(lacking, n=self.missing)] if self.missing else []


def report_pdf(report: CaseReport) -> bytes:
    """Draw a report.

    Returns
    -------
    bytes
        A PDF of as many pages as the text needs.
    """
    register()
    with speaking(report.language):
        return _drawn(report)


def _drawn(report: CaseReport) -> bytes:
    """A report in the language of this context."""
    ink, sink = _Ink(), io.BytesIO()
    story = [
        *_head(report, ink),
        *_answers(report, ink),
        *(
            part
            for section in report.sections
            for part in _section(tr(section.part), section.text, section.edited, ink)
        ),
        *(_illustration(shown, ink) for shown in report.illustrations),
        *_record(report, ink),
    ]
    story += [ink.write(note, _SMALL) for note in ink.notes()]
    document = SimpleDocTemplate(
        sink,
        pagesize=A4,
        leftMargin=_MARGIN - _FRAME_PADDING,
        rightMargin=_MARGIN - _FRAME_PADDING,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=tr(TITLE),
        author="Attending",
        subject=tr(DISCLAIMER),
        creator="Attending",
        lang=report.language.replace("_", "-"),
    )
    document.build(story, canvasmaker=lambda *args, **options: _Pages(*args, marks=report.marks, **options))
    return sink.getvalue()


class _Pages(Canvas):  # type: ignore[misc]
    """Writes what stands on every page when the number of pages is known."""

    def __init__(self, *args: Any, marks: tuple[str, ...], **options: Any) -> None:
        super().__init__(*args, **options)
        self._marks = marks
        self._drawn: list[Mapping[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 the name is ReportLab's
        """Keep the page back."""
        self._drawn.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Finish every page, then the file."""
        for number, page in enumerate(self._drawn, start=1):
            self.__dict__.update(page)
            self._surround(tr("{page} of {pages}", page=number, pages=len(self._drawn)))
            super().showPage()
        super().save()

    def _surround(self, number: str) -> None:
        _, height = A4
        for text, style, y in (
            (tr(DISCLAIMER), _SMALL, _FOOT),
            (number, _right(), _FOOT),
            (" · ".join(self._marks), _TOP, height - _FOOT),
        ):
            line = _Ink().write(text, style)
            line.wrapOn(self, _WIDTH, style.leading)
            line.drawOn(self, _MARGIN, y - style.leading / 4)


def _head(report: CaseReport, ink: _Ink) -> list[Flowable]:
    rows = [[ink.write(name, _SMALL), ink.write(said)] for name, said in report.examination.items()]
    marks = [ink.write(" · ".join(report.marks), _MARK)] if report.marks else []
    facts = Table(rows, colWidths=(28 * mm, _WIDTH - 28 * mm), style=_tight())
    return [ink.write(tr(TITLE), _NAME), *marks, Spacer(1, 4), facts]


def _answers(report: CaseReport, ink: _Ink) -> list[Flowable]:
    """All answers under one heading, which stays with the first."""
    headings = [ink.write(tr("What the model answered"), _HEADING)]
    story: list[Flowable] = []
    for answer in report.answers:
        story += _answer(answer, headings, ink)
        headings = []
    return story


def _answer(answer: ModelAnswer, headings: list[Paragraph], ink: _Ink) -> list[Flowable]:
    """One model's answer in words, its figures, and where it comes from."""
    rows = [
        [ink.write(text, style) for text, style in zip(line, (_BODY, _BODY, _BODY, _SMALL), strict=True)]
        for line in ((one.label, one.probability, one.likelihood, one.call) for one in answer.lines)
    ]
    head = [ink.write(name, _SMALL) for name in (tr("Finding"), tr("Probability"), tr("In words"), tr("Call"))]
    table = Table(
        [head, *rows],
        colWidths=[share * _WIDTH for share in (0.42, 0.14, 0.26, 0.18)],
        style=[*_tight(), ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE)],
        repeatRows=1,
        hAlign="LEFT",
    )
    quiet = [answer.more, answer.model, tr("Intended use: {words}", words=answer.intended_use)]
    return [
        KeepTogether([*headings, ink.write(answer.title, _MODEL), ink.write(answer.sentence)]),
        *(ink.write(said) for said in (answer.steady, answer.drawn) if said),
        Spacer(1, 3),
        table,
        *(ink.write(text, _SMALL) for text in quiet if text),
    ]


def _section(title: str, text: str, edited: bool, ink: _Ink) -> list[Flowable]:
    lines = text.split("\n") or [""]
    heading = ink.write(tr("{part} (edited by hand)", part=title) if edited else title, _HEADING)
    first, *rest = [ink.write(line or " ") for line in lines]
    return [KeepTogether([heading, first]), *rest]


def _illustration(shown: Illustration, ink: _Ink) -> Flowable:
    """A picture beside its map, the legend and the badge below; or in words what a map marks."""
    parts: list[Flowable] = [ink.write(shown.title, _HEADING)]
    pictures = [picture for picture in (shown.plain, shown.overlay) if picture is not None]
    if shown.wide:
        parts += [_fitted(picture, float(_WIDTH)) for picture in pictures]
    elif pictures:
        cells = [_framed(picture, shown.edges, ink) for picture in pictures]
        parts.append(Table([cells], colWidths=[_half()] * len(cells), style=_tight(), hAlign="LEFT"))
    if shown.legend is not None:
        parts += [_legend(shown.legend, ink)]
    if shown.strongest:
        parts.append(ink.write(tr(_MOST, parts=listed(shown.strongest))))
    if shown.badge:
        parts.append(ink.write(shown.badge, _BODY if shown.trusted else _MARK))
    return KeepTogether(parts)


def _half() -> float:
    return float((_WIDTH - _GAP) / 2)


def _framed(picture: PIL.Image.Image, edges: Edges, ink: _Ink) -> Table:
    """A picture in its true proportions, with the letters of its edges around it."""
    letters = 6 * mm
    drawn = _fitted(picture, _half() - 2 * letters - _GAP)
    top, bottom, left, right = (
        ink.write(word, _CENTRED) for word in (edges.top, edges.bottom, edges.left, edges.right)
    )
    rows = [["", top, ""], [left, drawn, right], ["", bottom, ""]]
    middle = [("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("ALIGN", (1, 1), (1, 1), "CENTER")]
    return Table(rows, colWidths=(letters, drawn.drawWidth, letters), style=[*_tight(), *middle], hAlign="LEFT")


def _fitted(picture: PIL.Image.Image, most_wide: float) -> Picture:
    """A picture as large as fits, in points."""
    share = min(most_wide / picture.width, _TALLEST / picture.height)
    return Picture(io.BytesIO(jpeg(picture)), picture.width * share, picture.height * share, hAlign="LEFT")


def _legend(legend: Legend, ink: _Ink) -> Table:
    """The colour bar with its lowest, middle and highest value, and their unit."""
    width = _half()
    ends = [ink.write(legend.low, _SMALL), ink.write(legend.middle, _CENTRED), ink.write(legend.high, _right())]
    values = Table([ends], colWidths=[width / 3] * 3, style=_tight())
    rows = [[Picture(io.BytesIO(jpeg(legend.bar)), width, 3 * mm)], [values], [ink.write(legend.unit, _CENTRED)]]
    return Table(rows, colWidths=[width], style=_tight(), hAlign="LEFT", spaceBefore=4)


def _in_chinese(style: ParagraphStyle) -> ParagraphStyle:
    """Lines break between any two characters, and nothing is bold: the Chinese font has one weight."""
    return ParagraphStyle(f"{style.name} in Chinese", parent=style, fontName=REGULAR, wordWrap="CJK")


def _right() -> ParagraphStyle:
    return ParagraphStyle("right", parent=_SMALL, alignment=2)


def _record(report: CaseReport, ink: _Ink) -> list[Flowable]:
    lines = [ink.write(line, _SMALL) for line in report.record]
    signature = ink.write(report.signature, _BODY if report.signed else _MARK)
    return [
        KeepTogether([ink.write(tr("Record of the reading"), _HEADING), *lines, Spacer(1, 6), signature]),
        Spacer(1, 4),
    ]


def _tight() -> list[tuple[Any, ...]]:
    """A table without the air that ReportLab puts into it."""
    whole = ((0, 0), (-1, -1))
    sides = [
        (f"{side}PADDING", *whole, 1.5 if side in ("TOP", "BOTTOM") else 0)
        for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")
    ]
    return [*sides, ("VALIGN", *whole, "TOP")]
