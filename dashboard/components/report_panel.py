"""The report of a reading: drafted in words, edited section by section, taken away as PDF or HTML."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import streamlit as st

from dashboard import cache, keeping
from dashboard.components.frame import told
from dashboard.components.markup import node, show
from dashboard.components.names_warning import names_warning, other_words, printed_names_warning
from dashboard.components.take_away import take_away
from dashboard.handing_out import drawing
from dashboard.reading import Reading
from dashboard.tongue import speaks
from dashboard.uninterrupted import uninterrupted
from engine import (
    Action,
    Case,
    CaseReport,
    Faithfulness,
    Illustration,
    Review,
    Section,
    ShownMap,
    Steadiness,
    answer_of,
    data_address,
    draft_report,
    report_html,
    report_pdf,
    spoken,
    tr,
)

_WRITTEN = "report-written"  # of the session: the draft and what the reader made of it, by section
_LINE = 26  # CSS pixels
_LINES = (3, 12)


@st.fragment
@speaks
def report_panel(
    case: Case,
    readings: Sequence[Reading],
    review: Review,
    *,
    checked: Mapping[str, Faithfulness],
    steady: Mapping[str, Steadiness] = MappingProxyType({}),
    there: Callable[[], bool],
) -> None:
    """Let the reader look through the draft, change its words, and take it away.

    Parameters
    ----------
    checked : mapping of str to Faithfulness
        By task, what the check of the map on the screen gave; tasks without one are said to be unchecked.
    steady : mapping of str to Steadiness
        By task, whether the answer stands when the picture is moved, where that was tried.
    there : callable
        Whether the case may still be taken away when the reader takes it; asked outside of the page.
    """
    with drawing(), told():
        kept = keeping.line(case.case_id) is not None  # its names were replaced before, or the reader vouched for it
        report = draft_report(
            case,
            [answer_of(reading.analysis) for reading in readings],
            review,
            cards={reading.task.name: cache.card(reading.task.name) for reading in readings},
            maps=[shown for reading in readings if (shown := _shown_map(reading, checked))],
            steady=steady,
            instead={} if kept else other_words(case, key=f"report-words-{case.case_id}"),
        )
        for section in report.sections:
            report = report.rewritten(section.part, _edited(review, section))
        if report.marks:
            show(node("div", " · ".join(report.marks), class_="at-line at-alarm", role="status"))
        edited = "\n".join(section.text for section in report.sections if section.text != section.drafted)
        names_warning(tr("What you wrote in the report"), edited, key=f"report-names-{case.case_id}")
        marked = [word for shown in report.illustrations for word in shown.strongest if kept]
        printed_names_warning(case, marked, key=f"report-note-names-{case.case_id}")
        _downloads(report, there)
        for shown in report.illustrations:
            _preview(shown)


def _shown_map(reading: Reading, checked: Mapping[str, Faithfulness]) -> ShownMap | None:
    if reading.explanation is None:
        return None
    view = reading.view
    found = checked.get(reading.task.name)
    return ShownMap(reading.task.name, reading.explanation, found, view.image_index, view.frame)


def _edited(review: Review, section: Section) -> str:
    """One section as the reader wants it; where the records change, it is drafted anew, and what they wrote offered.

    The words are held beside the box, which forgets them when another pane is shown.
    """
    lines = min(max(section.drafted.count("\n") + 3, _LINES[0]), _LINES[1])
    place = f"report-{review.case_id}-{review.reader}-{review.version}-{section.part}"
    key = f"{place}-{hash(section.drafted)}"
    held: dict[str, tuple[str, str]] = st.session_state.setdefault(_WRITTEN, {})
    drafted, written = held.get(place, (section.drafted, section.text))
    same = drafted == section.drafted
    words = st.text_area(spoken(section.part), written if same else section.text, height=lines * _LINE, key=key)
    if words != section.drafted:
        held[place] = section.drafted, words
    elif same:
        held.pop(place, None)
    else:
        _offer(written, key)
    return words


def _offer(written: str, box: str) -> None:
    """Offer what the reader wrote before the records, and with them the draft, were changed."""

    @uninterrupted
    def put_back() -> None:
        st.session_state[box] = written

    show(node("div", tr("The records have changed since you edited this section. You had written:"), class_="at-quiet"))
    show(node("blockquote", written, class_="at-quiet"))
    st.button(tr("Put my words back"), key=f"{box}-back", on_click=put_back)


def _downloads(report: CaseReport, there: Callable[[], bool]) -> None:
    """Offer the report as long as its case is there: others may remove it while this session still shows it."""
    kinds: tuple[tuple[str, Callable[[CaseReport], bytes | str], str], ...] = (
        ("PDF", report_pdf, "application/pdf"),
        ("HTML", report_html, "text/html"),
    )
    with st.container(horizontal=True, gap="small"):
        for kind, make, mime in kinds:
            taken = keeping.recorded(partial(make, report), Action.REPORT_EXPORTED, report.case_id, kind=kind)
            name = f"report-{report.case_id}.{kind.lower()}"
            label = tr("Download {kind}", kind=kind)
            take_away(label, taken, name, mime, key=f"report-{kind}-{report.case_id}", there=there)
    st.caption(
        tr(
            "The models' answers, the check of the map, the record of the reading and the signature go with it "
            "unchanged. A section that you edit says so."
        )
    )


def _preview(shown: Illustration) -> None:
    """The pictures as they will be printed, with their legend and what the check of the map gave."""
    pictures = ((shown.plain, shown.alt), (shown.overlay, shown.overlay_alt))
    drawn = [node("img", src=data_address(picture), alt=alt) for picture, alt in pictures if picture is not None]
    block = node(
        "figure", node("figcaption", shown.title), node("div", *drawn, class_="at-pictures"), class_="at-print"
    )
    if shown.legend is not None:
        ends = (node("span", end) for end in (shown.legend.low, shown.legend.middle, shown.legend.high))
        block.append(node("img", src=data_address(shown.legend.bar), alt=tr("Colours of the map"), class_="at-colors"))
        block.append(node("div", *ends, class_="at-ends"))
        block.append(node("div", shown.legend.unit, class_="at-quiet"))
    if shown.strongest:
        block.append(node("div", tr("Marked most: {words}.", words=tr(", ").join(shown.strongest))))
    if shown.badge:
        block.append(node("div", shown.badge, class_="at-quiet" if shown.trusted else "at-line at-alarm"))
    show(block)
