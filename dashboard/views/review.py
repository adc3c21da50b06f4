"""Review: one case, read in the order that helps: words first, then the picture, maps only when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import cache, keeping, reviewing, state
from dashboard.components.badge import badge, map_line
from dashboard.components.closer import begin_questions, closer, questions
from dashboard.components.course_words import patterns
from dashboard.components.facts import facts, model_line, provenance
from dashboard.components.findings import findings_table, headline
from dashboard.components.frame import told
from dashboard.components.map_choice import map_choice
from dashboard.components.markup import node, show
from dashboard.components.own_reading import held_back, own_reading
from dashboard.components.picture import Looked, choose_part, frame_asked, place_in, stack_of
from dashboard.components.refusals import refusals
from dashboard.components.removal import removal
from dashboard.components.similar import second_look
from dashboard.components.sites import site_asked, sites
from dashboard.components.sources import sources
from dashboard.components.verdict import verdict
from dashboard.components.waiting import awaited
from dashboard.components.what_if import edit_list, invitation, text_of
from dashboard.lines import line_of
from dashboard.reading import Reading
from engine import (
    Analysis,
    Case,
    Explanation,
    Scan,
    Step,
    Task,
    analyse,
    explain_case,
    fits_one_window,
    measure_faithfulness,
    scan,
    shipped_card,
    similar_cases,
    steadiness,
    suitable_tasks,
)

_PATTERNS_FIRST = 3  # beside a model's answer
_HEIGHT = 520  # CSS pixels, where the browser does not know better
_PATIENCE = 2.0  # seconds that a page is held up for a search; longer ones go on behind it


def _header(desk: state.Desk, case: Case) -> None:
    name, actions = st.columns([3, 2], vertical_alignment="center")
    line = desk.line(case.case_id) or line_of(case)
    with name:
        mark = [node("span", "SYNTHETIC", class_="at-mark")] if case.synthetic else []
        about = node("span", " · ".join(part for part in (line.modality, line.kind) if part), class_="at-quiet")
        show(node("div", node("h2", case.title), *mark, about, class_="at-title"))
    with actions.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Worklist", key="to-worklist"):
            st.switch_page(state.WORKLIST)
        _turn_to(desk, "Previous case", desk.neighbour(-1), key="previous-case")
        _turn_to(desk, "Next case", desk.neighbour(+1), key="next-case")


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


def _search(desk: state.Desk, case: Case) -> Scan | None:
    """Search a long sequence behind the reader's back; None until it is done, and where there is nothing to search."""
    tasks = [task for task in suitable_tasks(case) if task.source == "sequence"]
    if fits_one_window(case) or not tasks:
        return None
    model = cache.model(tasks[0].name)
    job = desk.in_background("scan", case.case_id, lambda progress: scan(case, model, progress=progress))
    job.wait(_PATIENCE)
    found: list[Scan] = []
    awaited(job, found.append, doing="Searching the sequence for junctions")
    return found[0] if found else None


def _read(desk: state.Desk, case: Case, task: Task, looked: Looked | None, site: int) -> Reading | None:
    """Let one model read the case; None, and the reason in words, where it cannot."""
    index, frame = looked.place if looked and task.source == "image" else (0, site)
    view = state.View(case.case_id, task.name, index, frame)

    def compute() -> Analysis:
        return analyse(case, cache.model(task.name), image_index=index, frame=frame)

    with told(), st.spinner(f"{task.title}: the model reads the case"):
        reading = Reading(task, view, desk.analysis(view, compute))
        with told():
            keeping.keep_answer(reading.analysis, task)
        return reading
    return None


def _explain(desk: state.Desk, case: Case, reading: Reading, question: state.Question) -> Reading:
    """Add the map that answers the reader's question; without it where it cannot be made."""
    view = reading.view
    place = {"image_index": view.image_index, "frame": view.frame}

    def compute() -> Explanation:
        return explain_case(case, cache.model(view.task), **question._asdict(), **place)

    with told(), st.spinner(f"{reading.task.title}: drawing the map"):
        return replace(reading, question=question, explanation=desk.explanation(view, question, compute))
    return reading


def _check(desk: state.Desk, case: Case, reading: Reading) -> None:
    """Let the map be checked behind the reader's back, and show its badge when it is there."""
    view, explanation, model = reading.view, reading.explanation, cache.model(reading.task.name)
    if explanation is None:
        return
    place = {"image_index": view.image_index, "frame": view.frame}
    key = f"badge-{view.task}"
    job = desk.in_background(
        key,
        (view, reading.question),
        lambda progress: measure_faithfulness(case, model, explanation, progress=progress, **place),
    )
    awaited(job, lambda found: badge(found, key=key), doing="Checking whether this map can be believed")


def _what_if(desk: state.Desk, case: Case, reading: Reading) -> None:
    """Show what the reader's edits do to the label that the map speaks for."""
    edits = desk.edits[reading.view]
    with told():
        effects = questions(desk, case, reading.view).effects(edits.places, reading.label)
        bases = reading.task.source == "sequence"
        edit_list(
            effects, edits, bases=bases, text=text_of(case, reading.task.source), key=f"edits-{reading.task.name}"
        )


def _answer(desk: state.Desk, case: Case, reading: Reading) -> Reading:
    """Show what one model found, and take the reader's question to its map."""
    top = st.container()
    findings_table(reading.analysis, reading.task.title)
    labels = [finding.label for finding in reading.analysis.findings]
    task, key = reading.task.name, "-".join(map(str, reading.view))
    question = map_choice(
        labels, shipped_card(task).methods, cache.heads(task), key=f"map-{key}", logo=reading.task.source == "sequence"
    )
    explained = _explain(desk, case, reading, question)
    begin_questions(desk, case, explained.view, explained.label)
    _check(desk, case, explained)
    if desk.edits[reading.view].begun:
        with top:
            _what_if(desk, case, explained)
    else:
        invitation(reading.task.source)
    if reading.task.source == "image":
        _second_look(case, reading.view)
    model_line(reading.analysis)
    return explained


def _second_look(case: Case, view: state.View) -> None:
    """Offer past films that look alike to the model, and whether its answer stands when the film is moved."""
    model, place = cache.model(view.task), {"image_index": view.image_index, "frame": view.frame}
    second_look(
        lambda: similar_cases(case, model, **place),
        lambda: steadiness(case, model, **place),
        key="-".join(map(str, view)),
    )


def _map_line(desk: state.Desk, reading: Reading) -> None:
    """Say at the top what the check of the map that is shown has found."""
    job = desk.jobs.get((f"badge-{reading.task.name}", (reading.view, reading.question)))
    map_line(job.result if job else None, failed=job.failed if job else "", title=reading.task.title)


def _words(case: Case, readings: Sequence[Reading]) -> None:
    """Sum up what was found, abstentions first, and say what no model answers for."""
    for reading in sorted(readings, key=lambda reading: reading.analysis.domain.inside):
        headline(reading.analysis, reading.task.title)
    read = {reading.task.source for reading in readings}
    if case.images and "image" not in read:
        show(node("div", "No model here answers for this kind of image yet. You can look at it and measure it."))
    if case.sequence and "sequence" not in read:
        show(node("div", "No answer for this sequence yet."))
    if case.note and "note" not in read:
        show(node("div", "No model here answers for this note yet. You can read it."))
    if case.course and "course" not in read:
        show(node("div", "No model here answers for this course yet. You can read it."))


def _fill_window(*, lines: float) -> None:
    """Let image and note fill the window below so many lines of words."""
    rest = f"{9.6 + 2.3 * lines:.1f}rem"
    st.html(f"<style>:root {{ --attending-pane: max({_HEIGHT - 80}px, calc(100vh - {rest})); }}</style>")


def _lines_above(case: Case) -> float:
    """What stands in words above a course."""
    return 0.0 if case.course is None else 3.2 if case.course.warnings else 1.2


def _closer(desk: state.Desk, case: Case, reading: Reading, *, named: bool) -> None:
    """Offer a closer look at one map."""
    if reading.explanation is None or reading.question is None:
        return
    if named:
        show(node("div", f"{reading.task.title}: look closer", class_="at-quiet"))
    with told():
        closer(desk, case, reading.view, reading.question, reading.explanation, reading.label)


def _details(desk: state.Desk, case: Case, looked: Looked | None, readings: Sequence[Reading]) -> None:
    """Fold away what names the analysis and the image again, the truth of a generated case, and removal."""
    with st.expander("Provenance"):
        for reading in readings:
            facts(provenance(reading.analysis), label=f"Provenance of {reading.task.title}")
        if looked:
            facts(case.images[looked.place[0]].tags, label="Attributes of the image")
        if case.synthetic and case.truth.get("labels"):
            facts({"Generated as": ", ".join(case.truth["labels"])}, label="Ground truth")
        said = removal(case)
    if said:
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


def _review(desk: state.Desk, case: Case) -> None:
    with told():
        reviewing.took(case.case_id, Step.OPENED)
    _header(desk, case)
    refusals(desk.refused)
    looked = _look(desk, case)
    found = _search(desk, case)
    if not fits_one_window(case) and found is None:
        return
    tasks = suitable_tasks(case.at(*looked.place) if looked else case)
    words = st.container()
    columns, answers = _layout(case)
    if tasks and _read_first(desk, case, looked, tasks, columns, answers):
        return
    with answers:
        readings = [reading for task in tasks if (reading := _read(desk, case, task, looked, site_asked(case, found)))]
    with words:
        _words(case, readings)
    both = answers.tabs(["Model's answer", "Your verdict"]) if tasks or case.course else (answers, answers)
    answer, word = both
    with answer:
        if case.course:
            patterns(case.course, first=_PATTERNS_FIRST if readings else 8)
        readings = [_answer(desk, case, reading) for reading in readings]
    explained = [reading for reading in readings if reading.explanation]
    with told():
        at_once = any(reading.task.source != "image" for reading in explained)
        reviewing.took(case.case_id, *([Step.ANSWERED] if readings else []), *([Step.MAPPED] if at_once else []))
    with word:
        verdict(case, readings)
    with words:
        for reading in explained:
            _map_line(desk, reading)
    lines = sum(1 if reading.analysis.domain.inside else 2 for reading in readings) or 1
    _fill_window(lines=lines + len(explained) + _lines_above(case))
    sources(desk, case, looked, readings, columns, height=_HEIGHT)
    with columns[0] if len(columns) == 1 else st.container():
        if found:
            sites(case, found)
        for reading in readings:
            _closer(desk, case, reading, named=len(readings) > 1)
    _details(desk, case, looked, readings)


def main() -> None:
    """Draw the page."""
    desk = state.desk()
    case = desk.case()
    if case is not None:
        desk.seen.add(case.case_id)
        _review(desk, case)
        return
    st.info("No case is open.")
    if st.button("Go to the worklist", type="primary"):
        st.switch_page(state.WORKLIST)


main()
