"""Review: one case, read in the order that helps: words first, then the picture, maps only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import cache, keeping, reviewing, state
from dashboard.answering import answer, checked, chosen, map_said, steadiness_said, suggested, tried
from dashboard.components import together
from dashboard.components.asking import asking
from dashboard.components.burned_in import told_kept_before
from dashboard.components.closer import closer
from dashboard.components.course_words import patterns
from dashboard.components.facts import facts, provenance
from dashboard.components.findings import headline
from dashboard.components.frame import told
from dashboard.components.library import like_note
from dashboard.components.markup import node, show
from dashboard.components.own_reading import held_back, own_reading
from dashboard.components.picture import Looked, choose_part, frame_asked, place_in, stack_of
from dashboard.components.refusals import refusals
from dashboard.components.removal import removal
from dashboard.components.report_panel import report_panel
from dashboard.components.sites import all_sites, expected_density, meanwhile, site_asked, sites
from dashboard.components.sources import sources
from dashboard.components.tags import tag_browser
from dashboard.components.treatments import contradictions, suggested_line
from dashboard.components.unread import cut_short
from dashboard.components.verdict import verdict
from dashboard.components.waiting import awaited
from dashboard.lines import kind_in_words, line_of
from dashboard.reading import Reading
from dashboard.searching import Search, searches
from engine import (
    Analysis,
    Case,
    Cautions,
    LoadedModel,
    Scan,
    Step,
    Task,
    analyse,
    fits_one_window,
    fitting_tasks,
    mark,
    note_cautions,
    spoken,
    suitable_tasks,
    tr,
)

_PATTERNS_FIRST = 3  # beside a model's answer
_CAUTIONS_SEEN = 4  # without scrolling
_HEIGHT = 520  # CSS pixels, where the browser does not know better
_ANSWER, _WORD, _REPORT = mark("Model's answer"), mark("Your verdict"), mark("Report")
_PATIENCE = 2.0  # seconds that a page is held up for a search; longer ones go on behind it


def _header(desk: state.Desk, case: Case) -> None:
    name, actions = st.columns([3, 2], vertical_alignment="center")
    line = desk.line(case.case_id) or line_of(case)
    with name:
        synthetic = [node("span", tr("SYNTHETIC"), class_="at-mark")] if case.synthetic else []
        about = node(
            "span", " · ".join(part for part in (line.modality, kind_in_words(line.kind)) if part), class_="at-quiet"
        )
        show(node("div", node("h2", spoken(case.title)), *synthetic, about, class_="at-title"))
    with actions.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button(tr("Worklist"), key="to-worklist"):
            st.switch_page(state.WORKLIST)
        _turn_to(desk, tr("Previous case"), desk.neighbour(-1), key="previous-case")
        _turn_to(desk, tr("Next case"), desk.neighbour(+1), key="next-case")


def _turn_to(desk: state.Desk, words: str, case_id: str | None, *, key: str) -> None:
    if st.button(words, key=key, disabled=case_id is None) and case_id is not None:
        desk.open(case_id)
        st.rerun()


def _layout(case: Case) -> tuple[list[DeltaGenerator], DeltaGenerator]:
    """Columns for the image and the note, and one for the answers and the reader's word."""
    both = bool(case.images) and case.note is not None
    sources = [3.0, 2.5] if both else [3.2] if case.images else [3.6] if case.course else [4.0]
    *columns, answers = st.columns([*sources, 1.25 if len(sources) == 1 else 1.85], gap="small")
    return columns, answers


def _look(desk: state.Desk, case: Case) -> Looked | None:
    """Find what is shown of the images, and the frame that the reader wants read."""
    if not case.images:
        return None
    part = choose_part(case, key=f"part-{case.case_id}")
    stack = desk.shown((case.case_id, part), lambda: stack_of(case, part))
    frame = frame_asked(case, part, stack)
    return Looked(part, stack, frame, place_in(case, part, frame))


def _search(case: Case) -> tuple[LoadedModel, Search] | None:
    """Search a long sequence behind the reader's back; None where there is nothing to search."""
    tasks = [task for task in suitable_tasks(case) if task.source == "sequence"]
    if fits_one_window(case) or not tasks:
        return None
    model = cache.model(tasks[0].name)
    search = searches().of(case, model)
    search.job.wait(_PATIENCE)
    return model, search


def _found(search: Search | None) -> Scan | None:
    """What a search has found at the density that the reader expects; None until it is done."""
    result = search.job.result if search else None
    return result.expecting(expected_density()) if result else None


def _whether_there(desk: state.Desk, *cases: Case) -> Callable[[], bool]:
    """What tells whether cases may still be taken away: kept by the store, or this session's alone and gone with it."""
    return keeping.whether_kept(*(case.case_id for case in cases if case.case_id not in desk.mine))


def _sites(desk: state.Desk, case: Case, model: LoadedModel, search: Search, found: Scan | None) -> None:
    """Show what was found in a long sequence, or how far the search is, and in those that were opened with it.

    Parameters
    ----------
    found : Scan or None
        What was known when the answers were drawn: beside the answer for another place a table would mislead.
    """
    beside = searches().beside(case)
    if found:
        sites(case, found, _whether_there(desk, case), lambda: searches().anew(case, model))
    elif search.job.ended and search.job.result is None:
        awaited(search.job, lambda _: None, doing=tr("Searching the sequence for junctions"))
    else:
        meanwhile(case, search)
    all_sites(beside, model, searches(), _whether_there(desk, *beside), key=case.case_id)


def _read(desk: state.Desk, case: Case, task: Task, looked: Looked | None, site: int) -> Reading | None:
    """Let one model read the case; None, and the reason in words, where it cannot."""
    with told(), st.spinner(tr("{title}: the model reads the case", title=spoken(task.title))):
        reading = _asked(desk, case, task, looked, site)
        if case.case_id not in desk.mine:  # what is kept under the same id may have other pixels
            with told():
                keeping.keep_answer(reading.analysis, task)
        return reading
    return None


def _asked(desk: state.Desk, case: Case, task: Task, looked: Looked | None, site: int) -> Reading:
    """What one model says of the case, from the desk where it was asked before."""
    index, frame = looked.place if looked and task.source in {"image", together.SOURCE} else (0, site)
    view = state.View(case.case_id, task.name, index, frame)

    def compute() -> Analysis:
        return analyse(case, cache.model(task.name), image_index=index, frame=frame)

    return Reading(task, view, desk.analysis(view, compute))


def _suitable(desk: state.Desk, case: Case, looked: Looked | None) -> list[Task]:
    """Find the models that answer unasked; of those that read pictures, the ones that were made for this picture."""
    here = case.at(*looked.place) if looked else case
    tasks = suitable_tasks(here)
    with told():
        tasks = fitting_tasks(here, lambda task: _asked(desk, case, task, looked, 0).analysis)
    return [task for task in tasks if task.source != "question"]  # these answer where they are asked


def _read_in_part(readings: Sequence[Reading]) -> None:
    """Say which models did not read the note to its end."""
    for reading in readings:
        if reading.task.source in {"note", together.SOURCE}:
            cut_short(reading.analysis.coverage, spoken(reading.task.title))


def _words(desk: state.Desk, case: Case, readings: Sequence[Reading], cautions: Cautions | None) -> None:
    """Sum up what was found, contradictions and abstentions first, and say what no model answers for."""
    if cautions:
        contradictions(cautions, [one for reading in readings if reading.task.offered for one in suggested(reading)])
    for reading in sorted(readings, key=lambda reading: reading.analysis.domain.inside):
        if reading.task.offered and reading.analysis.domain.inside:
            suggested_line(suggested(reading), reading.analysis)
        else:
            headline(reading.analysis, spoken(reading.task.title))
            steadiness_said(desk, case, reading)
    read = {reading.task.source for reading in readings}
    if together.SOURCE in read:
        read |= {"image", "note"}
    if case.images and "image" not in read:
        show(node("div", tr("No model here answers for this kind of image yet. You can look at it and measure it.")))
    if case.sequence and "sequence" not in read:
        show(node("div", tr("No answer for this sequence yet.")))
    if case.note and "note" not in read:
        show(node("div", tr("No model here answers for this note yet. You can read it.")))
    if case.course and "course" not in read:
        show(node("div", tr("No model here answers for this course yet. You can read it.")))


def _fill_window(*, lines: float) -> None:
    """Let image and note fill the window below so many lines of words."""
    rest = f"{9.6 + 2.3 * lines:.1f}rem"
    st.html(f"<style>:root {{ --attending-pane: max({_HEIGHT - 80}px, calc(100vh - {rest})); }}</style>")


def _lines_above(case: Case) -> float:
    """What stands in words above a course or a note."""
    if case.note and case.note.warnings:
        return 1.6 + 1.2 * len(case.note.warnings)
    return 0.0 if case.course is None else 3.2 if case.course.warnings else 1.2


def _lines_of_cautions(cautions: Cautions | None) -> float:
    """What stands in words of contradictions."""
    return 1.0 + 1.5 * min(len(cautions.found), _CAUTIONS_SEEN) if cautions and cautions.found else 0.0


def _closer(desk: state.Desk, case: Case, reading: Reading, *, named: bool) -> None:
    """Offer a closer look at one map."""
    if reading.explanation is None or reading.question is None:
        return
    if named:
        show(node("div", tr("{title}: look closer", title=spoken(reading.task.title)), class_="at-quiet"))
    with told():
        closer(desk, case, reading.view, reading.question, reading.explanation, reading.label)


def _details(desk: state.Desk, case: Case, looked: Looked | None, readings: Sequence[Reading]) -> None:
    """Fold away what names the analysis and the image again, the truth of a generated case, and removal."""
    if looked:
        with st.expander(tr("Attributes of the image")):
            tag_browser(case.images[looked.place[0]].tags, key=f"tags-{case.case_id}-{looked.place[0]}")
    with st.expander(tr("Provenance")):
        for reading in readings:
            facts(provenance(reading.analysis), label=tr("Provenance of {title}", title=spoken(reading.task.title)))
        if case.synthetic and case.truth.get("labels"):
            facts({tr("Generated as"): tr(", ").join(map(spoken, case.truth["labels"]))}, label=tr("Ground truth"))
        said = removal(case)
    if said:
        searches().forget(case.case_id)
        desk.let_go()
        st.toast(said)
        st.switch_page(state.WORKLIST)


def _read_first(
    desk: state.Desk,
    case: Case,
    looked: Looked | None,
    tasks: Sequence[Task],
    columns: Sequence[DeltaGenerator],
    answers: DeltaGenerator,
) -> bool:
    """Show the case without any answer as long as the reader's own is awaited; False where it is not."""
    if not held_back(reviewing.current(case.case_id)):
        return False
    with answers, told():
        own_reading(case, tasks)
    _fill_window(lines=1 + _lines_above(case))
    sources(desk, case, looked, (), columns, height=_HEIGHT)
    return True


def _panes(desk: state.Desk, case: Case, readings: Sequence[Reading], answers: DeltaGenerator) -> list[Reading]:
    """Put what the models say, the reader's word and the report into panes; return the answers with their maps."""
    names = [*([_ANSWER] if readings or case.course else []), _WORD, _REPORT]
    panes = dict(
        zip(
            names,
            answers.tabs([tr(name) for name in names], key=f"panes-{case.case_id}", on_change="rerun"),
            strict=True,
        )
    )
    explained = list(readings)
    if _ANSWER in panes:
        with panes[_ANSWER]:
            if case.course:
                patterns(case.course, first=_PATTERNS_FIRST if readings else 8)
            explained = [answer(desk, case, reading) for reading in chosen(case, readings)]
    _time(case, explained)
    with panes[_WORD]:
        verdict(case, explained)
    if panes[_REPORT].open:
        with panes[_REPORT]:
            review, said = reviewing.current(case.case_id), checked(desk, explained)
            there, steady = _whether_there(desk, case), tried(desk, explained)
            report_panel(case, explained, review, checked=said, steady=steady, there=there)
    return explained


def _time(case: Case, readings: Sequence[Reading]) -> None:
    """Note what the reader has now seen, before the verdict is drawn, which tells what is kept.

    The map of a film is hidden until it is asked for.
    """
    at_once = any(reading.explanation and reading.task.source != "image" for reading in readings)
    with told():
        reviewing.took(case.case_id, *([Step.ANSWERED] if readings else []), *([Step.MAPPED] if at_once else []))


def _review(desk: state.Desk, case: Case) -> None:
    with told():
        reviewing.took(case.case_id, Step.OPENED)
    _header(desk, case)
    refusals(desk.refused)
    told_kept_before(desk, case.case_id)
    looked = _look(desk, case)
    searched = _search(case)
    found = _found(searched[1] if searched else None)
    site = site_asked(case, found)
    tasks = _suitable(desk, case, looked)
    words = st.container()
    columns, answers = _layout(case)
    if tasks and _read_first(desk, case, looked, tasks, columns, answers):
        return
    with answers:
        readings = [reading for task in tasks if (reading := _read(desk, case, task, looked, site))]
    cautions = note_cautions(case)  # also where no model answers
    with words:
        _read_in_part(readings)
        _words(desk, case, readings, cautions)
    shown = _panes(desk, case, readings, answers)
    explained = [reading for reading in shown if reading.explanation]
    with words:
        for reading in explained:
            map_said(desk, reading)
    lines = (
        sum(2 if reading.task.source == "image" or not reading.analysis.domain.inside else 1 for reading in readings)
        or 1
    )
    _fill_window(lines=lines + len(explained) + _lines_above(case) + _lines_of_cautions(cautions))
    sources(desk, case, looked, shown, columns, height=_HEIGHT)
    for reading in explained:
        if reading.task.source == together.SOURCE:
            together.looks(case, reading)
    if looked:
        asking(desk, case, looked.place)
    with columns[0] if len(columns) == 1 else st.container():
        if searched:
            _sites(desk, case, *searched, found)
        for reading in shown:
            _closer(desk, case, reading, named=len(shown) > 1)
        if case.note and st.toggle(tr("Abstracts like this note"), key=f"like-note-{case.case_id}"):
            like_note(desk, case.note.text, key=f"literature-{case.case_id}")
    _details(desk, case, looked, readings)


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    case = desk.case()
    if case is not None:
        desk.seen.add(case.case_id)
        _review(desk, case)
        return
    st.info(tr("No case is open."))
    if st.button(tr("Go to the worklist"), type="primary"):
        st.switch_page(state.WORKLIST)


main()
