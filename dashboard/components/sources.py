"""What a case is made of, each source with the map of the model that read it, and the reader's edits on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import cache, reviewing
from dashboard.comparing import Compared, comparing
from dashboard.components import together
from dashboard.components.closer import part_drawn, questions
from dashboard.components.course_plot import course_plot
from dashboard.components.course_words import about, record_notes
from dashboard.components.frame import told
from dashboard.components.lesion import lesion_overlay
from dashboard.components.lungs import lungs_outline
from dashboard.components.markup import node, show
from dashboard.components.note_map import note_map
from dashboard.components.picture import Looked, Part, Said, Shown, in_case, overlay, picture
from dashboard.components.sequence_map import sequence_map
from dashboard.components.unread import left_out
from dashboard.components.verdict import box_use
from dashboard.components.viewer import Measured, Overlay
from dashboard.reading import Reading
from dashboard.state import Desk
from engine import Box, Case, Course, Place, Review, Step, Stretch, mutate, spoken, tr


def sources(
    desk: Desk,
    case: Case,
    looked: Looked | None,
    readings: Sequence[Reading],
    columns: Sequence[DeltaGenerator],
    height: int,
) -> None:
    """Draw the image, the note or the course, each with the map of the model that read it."""
    first = {reading.task.source: reading for reading in reversed(readings)}
    both = first.get(together.SOURCE)
    if looked:
        with columns[0], told():
            _picture(desk, case, looked, first.get("image", both), height)
    if case.note:
        with columns[-1], told():
            left_out(case.note)
            _note(desk, case, case.note.text, first.get("note", both), height)
    if case.sequence:
        with columns[0], told():
            _sequence(desk, case, first.get("sequence"))
    if case.course:
        with columns[0], told():
            _course(desk, case, case.course, first.get("course"), height)


def _picture(desk: Desk, case: Case, looked: Looked, reading: Reading | None, height: int) -> None:
    review = reviewing.current(case.case_id)
    place = st.container()
    heads = cache.heads(reading.task.name) if reading else 0
    compared = comparing(desk, case, looked, reading, review, heads=heads)
    edits = desk.edits[reading.view] if reading else None

    def drawn(box: Box, at: tuple[int, int]) -> None:
        if not _drawn(case, at, box, asks=edits is not None) and edits is not None:
            edits.take(box)

    with place:
        picture(
            case,
            looked,
            Shown(
                overlays=_overlays(desk, case, reading, looked.frame),
                taken=edits.places if edits else (),
                part=part_drawn(desk, reading.view, reading.question) if reading else (),
                beside=compared.pane if compared else None,
            ),
            said=_said(case, looked, review, compared),
            on_box=drawn,
            on_taken=edits.change if edits else lambda *_: None,
            height=height,
        )


def _overlays(desk: Desk, case: Case, reading: Reading | None, frame: int) -> list[Overlay]:
    """The map that answers the reader's question, the lesion that the model drew, and the lungs where asked for."""
    if reading is None:
        return []
    lesion = reading.analysis.lesion
    found = (
        overlay(reading.explanation, frame),
        lesion_overlay(lesion, frame, shown=reading.analysis.domain.inside) if lesion and lesion.regions else None,
        lungs_outline(desk, case, reading.view, frame),
    )
    return [one for one in found if one is not None]


def _said(case: Case, looked: Looked, review: Review, compared: Compared | None) -> Said:
    """The review of the images, and the ways in which it changes."""

    def measured(digest: str, found: tuple[Measured, ...]) -> None:
        if compared and digest != looked.stack.digest:
            _measured(compared.case, compared.part, found)
        else:
            _measured(case, looked.part, found)

    return Said(
        regions=review.regions,
        measurements=review.measurements,
        key_images=review.key_images,
        locked=review.signed,
        on_marked=lambda region, box: _change(case, lambda: reviewing.change_mark(case.case_id, region, box)),
        on_keyed=lambda keys: _change(case, lambda: reviewing.keyed(case.case_id, frozenset(looked.part), keys)),
        on_mapped=lambda: _mapped(case),
        on_measured=measured,
    )


def _mapped(case: Case) -> None:
    """Note when the map was first looked at."""
    with told():
        reviewing.took(case.case_id, Step.MAPPED)


def _change(case: Case, make: Callable[[], None]) -> None:
    """Change the review; a signed one stays as it is."""
    if not reviewing.current(case.case_id).signed:
        with told():
            make()


def _measured(case: Case, part: Part, found: Sequence[Measured]) -> None:
    """Keep what was measured on images of a case with that case's own review."""
    _change(case, lambda: reviewing.measured(case.case_id, frozenset(part), in_case(case, part, found)))


def _drawn(case: Case, place: tuple[int, int], box: Box, *, asks: bool) -> bool:
    """Take a drawn box as a mark of the review where the reader says so; False where it is a question to the model."""
    mark = box_use(case.case_id, asks=asks)
    if mark is None or reviewing.current(case.case_id).signed:
        return False
    with told():
        reviewing.mark(case.case_id, box, mark, place)
    return True


def _note(desk: Desk, case: Case, text: str, reading: Reading | None, height: int) -> None:
    key = f"note-{case.case_id}"
    if reading is None:
        note_map(text, None, key=key, height=height)
        return
    edits, part = desk.edits[reading.view], part_drawn(desk, reading.view, reading.question)
    withheld = [Stretch(start, end) for start, end in reading.analysis.withheld]
    if withheld:
        show(
            node(
                "div",
                tr("Not read by {title}: the parts in grey.", title=spoken(reading.task.title)),
                class_="at-quiet",
            )
        )
    note_map(
        text,
        reading.explanation,
        key=key,
        height=height,
        struck=_stretches(edits.places),
        marked=_stretches(part),
        withheld=withheld,
        draft=reading.analysis.draft,
        pair=reading.pair,
        on_strike=edits.take,
    )


def _stretches(places: Sequence[Place]) -> list[Stretch]:
    return [place for place in places if isinstance(place, Stretch)]


def _course(desk: Desk, case: Case, course: Course, reading: Reading | None, height: int) -> None:
    about(course)
    record_notes(course)
    key = f"course-{case.case_id}"
    if reading is None:
        course_plot(course, None, key=key, height=height)
        return
    edits, part = desk.edits[reading.view], part_drawn(desk, reading.view, reading.question)
    edited = questions(desk, case, reading.view).trajectory(edits.places) if edits.places else None
    course_plot(
        course,
        reading.explanation,
        key=key,
        height=height,
        risk=edited or reading.analysis.trajectory,
        whole=reading.analysis.trajectory if edited else None,
        muted=edits.places,
        marked=part,
        on_mute=edits.take,
    )


def _sequence(desk: Desk, case: Case, reading: Reading | None) -> None:
    key = f"sequence-{case.case_id}"
    for warning in case.sequence.warnings if case.sequence else ():
        st.warning(spoken(warning))
    if reading is None:
        sequence_map(case, None, None, said="", key=key)
        return
    view = reading.view
    edits, part = desk.edits[view], part_drawn(desk, view, reading.question)
    model, label = cache.model(view.task), reading.label
    mutations = desk.mutated((view, label), lambda: mutate(case, model, label, frame=view.frame))
    sequence_map(
        case.at(0, view.frame),
        reading.explanation,
        mutations,
        said=reading.analysis.findings[0].label,
        key=key,
        edited=edits.places,
        marked=part,
        on_edit=edits.take,
    )
