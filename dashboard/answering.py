"""One model's answer on the Review page: its findings, the map that the reader chose, its check, and what-if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import cache, state
from dashboard.components import together
from dashboard.components.badge import badge, map_line
from dashboard.components.behind import behind
from dashboard.components.closer import begin_questions, questions
from dashboard.components.facts import model_line
from dashboard.components.findings import findings_table
from dashboard.components.frame import told
from dashboard.components.lesion import lesion_said
from dashboard.components.map_choice import map_choice
from dashboard.components.quotes import quotes_of
from dashboard.components.similar import past_images_alike, past_notes_alike, steadiness_line
from dashboard.components.treatments import offered, past_notes, suggestions
from dashboard.components.waiting import awaited
from dashboard.components.what_if import edit_list, invitation, text_of
from dashboard.reading import Reading
from engine import (
    Case,
    Explanation,
    Faithfulness,
    Finding,
    Steadiness,
    TwoLabels,
    compare_labels,
    explain_case,
    mark,
    measure_faithfulness,
    shipped_card,
    similar_cases,
    spoken,
    steadiness,
    tr,
)

_NEAREST = 20  # training notes that are asked what their plans named


def explained(desk: state.Desk, case: Case, reading: Reading, question: state.Question) -> Reading:
    """Add the map that answers the reader's question; without it where it cannot be made."""
    view = reading.view
    place = {"image_index": view.image_index, "frame": view.frame}

    def compute() -> Explanation:
        return explain_case(case, cache.model(view.task), **question._asdict(), **place)

    with told(), st.spinner(tr("{title}: drawing the map", title=spoken(reading.task.title))):
        found = replace(reading, question=question, explanation=desk.explanation(view, question, compute))
        return replace(found, pair=_pair(desk, case, view, question)) if reading.task.source == "note" else found
    return reading


def _pair(desk: state.Desk, case: Case, view: state.View, question: state.Question) -> TwoLabels | None:
    """Map both labels of a comparison, unless that takes as long as taking words away for each of them."""
    method, label, other = question.method, question.label, question.rather_than
    if label is None or other is None or method.by_removal:
        return None
    model = cache.model(view.task)
    return desk.two_labels((view, question), lambda: compare_labels(case, model, method, label, other))


def _check(desk: state.Desk, case: Case, reading: Reading) -> None:
    """Let the map be checked behind the reader's back, and show its badge when it is there."""
    view, explanation, model = reading.view, reading.explanation, cache.model(reading.task.name)
    if explanation is None:
        return
    place = {"image_index": view.image_index, "frame": view.frame}
    key = f"badge-{view.task}"
    job = desk.in_background(
        key,
        _asked(reading),
        lambda progress: measure_faithfulness(case, model, explanation, progress=progress, **place),
    )
    awaited(job, lambda found: badge(found, key=key), doing=tr("Checking whether this map can be believed"))


def _what_if(desk: state.Desk, case: Case, reading: Reading) -> None:
    """Show what the reader's edits do to the label that the map speaks for."""
    edits = desk.edits[reading.view]
    with told():
        effects = questions(desk, case, reading.view).effects(edits.places, reading.label)
        bases = reading.task.source == "sequence"
        asked = case.at(0, reading.view.frame) if bases else case
        edit_list(
            effects, edits, bases=bases, text=text_of(asked, reading.task.source), key=f"edits-{reading.task.name}"
        )


def chosen(case: Case, readings: Sequence[Reading]) -> list[Reading]:
    """Of several models that read the same source, the one that the reader wants in detail; all others as they are."""
    both = [reading for reading in readings if reading.task.source == together.SOURCE]
    if both and _read_together(case, both[0]):
        return both
    alone = [reading for reading in readings if reading not in both]
    notes = {reading.task.title: reading for reading in alone if reading.task.source == "note"}
    if len(notes) < 2:
        return alone
    title = st.radio(tr("The note is read for"), list(notes), format_func=spoken, key=f"reads-{case.case_id}")
    return [reading for reading in alone if reading.task.source != "note" or reading is notes[title]]


def _read_together(case: Case, reading: Reading) -> bool:
    """Whether the reader wants film and note as one; at first where the model was made for them."""
    ways = (mark("Film and note together"), mark("Each on its own"))
    first = ways[0] if reading.analysis.domain.inside else ways[1]
    way = st.segmented_control(
        tr("Read"), ways, default=first, required=True, format_func=tr, key=f"together-{case.case_id}"
    )
    return way == ways[0]


def _ranked(desk: state.Desk, case: Case, reading: Reading, slot: DeltaGenerator) -> None:
    """Show what is suggested, in its place above the map's choice, with the words of the map that is shown."""
    analysis, model = reading.analysis, cache.model(reading.task.name)
    wanted = suggested(reading)
    with slot, told():
        past = desk.past(reading.view, lambda: similar_cases(case, model, count=_NEAREST))
        suggestions(analysis, wanted, past, reading.explanation, case.note.text if case.note else "")
        behind(desk, case, reading.view, [finding.label for finding in wanted])
        past_notes(wanted, past)


def answer(desk: state.Desk, case: Case, reading: Reading) -> Reading:
    """Show what one model found, and take the reader's question to its map."""
    top, slot = st.container(), st.container()
    if not reading.task.offered:
        findings_table(reading.analysis, spoken(reading.task.title))
    if reading.task.source == together.SOURCE:
        with told():
            together.shares(desk, case, reading)
    labels = [finding.label for finding in reading.analysis.findings]
    task, key = reading.task.name, "-".join(map(str, reading.view))
    question = map_choice(
        labels, shipped_card(task).methods, cache.heads(task), key=f"map-{key}", logo=reading.task.source == "sequence"
    )
    shown = explained(desk, case, reading, question)
    if reading.task.offered:
        _ranked(desk, case, shown, slot)
    if reading.task.source == "note" and case.note and shown.explanation:
        quotes_of(desk, case, shown, shown.explanation)
    lesion_said(case, shown.analysis, shown.explanation)
    begin_questions(desk, case, shown.view, shown.label)
    _check(desk, case, shown)
    if desk.edits[reading.view].begun:
        with top:
            _what_if(desk, case, shown)
    else:
        invitation(reading.task.source)
    if reading.task.source == "image":
        model, view = cache.model(task), reading.view
        place = {"image_index": view.image_index, "frame": view.frame}
        past_images_alike(lambda: similar_cases(case, model, **place), key="-".join(map(str, view)))
    elif reading.task.source == "note" and not reading.task.offered and cache.model(task).memory is not None:
        model = cache.model(task)
        past_notes_alike(lambda: similar_cases(case, model), key="-".join(map(str, reading.view)))
    model_line(reading.analysis)
    return shown


def steadiness_said(desk: state.Desk, case: Case, reading: Reading) -> None:
    """Try behind the reader's back whether the answer for a picture stands when it is moved, and say so.

    Nothing where the model abstains.
    """
    view = reading.view
    if reading.task.source != "image" or not reading.analysis.domain.inside:
        return
    model, place = cache.model(view.task), {"image_index": view.image_index, "frame": view.frame}
    job = desk.in_background(f"steady-{view.task}", view, lambda _: steadiness(case, model, **place))
    awaited(job, steadiness_line, doing=tr("Checking whether the answer stands when the picture is moved"))


def tried(desk: state.Desk, readings: Sequence[Reading]) -> dict[str, Steadiness]:
    """Whether the answers on the screen stand when the picture is moved, by task, where that was tried."""
    found = {reading.task.name: desk.done(f"steady-{reading.task.name}", reading.view) for reading in readings}
    return {task: steady for task, steady in found.items() if steady is not None}


def map_said(desk: state.Desk, reading: Reading) -> None:
    """Say at the top what the check of the map that is shown has found."""
    job = desk.jobs.get((f"badge-{reading.task.name}", _asked(reading)))
    map_line(job.result if job else None, failed=job.failed if job else "", title=spoken(reading.task.title))


def suggested(reading: Reading) -> tuple[Finding, ...]:
    """What of an answer is worth suggesting."""
    return offered(reading.analysis, shipped_card(reading.task.name).trust.thresholds)


def checked(desk: state.Desk, readings: Sequence[Reading]) -> dict[str, Faithfulness]:
    """What the check of each map on the screen has found, by task, where it is done."""
    found = {reading.task.name: desk.done(f"badge-{reading.task.name}", _asked(reading)) for reading in readings}
    return {task: badge for task, badge in found.items() if badge is not None}


def _asked(reading: Reading) -> tuple[state.View, state.Question | None]:
    return reading.view, reading.question
