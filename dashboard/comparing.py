"""What stands beside the image that is read: another map of it, another image of the case, or another case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import streamlit as st

from dashboard import keeping, reviewing
from dashboard.answering import explained
from dashboard.components.frame import told
from dashboard.components.map_choice import map_choice
from dashboard.components.picture import (
    SLICED,
    Looked,
    Part,
    choose_part,
    key_frames,
    marks,
    name_of_part,
    on_stack,
    overlay,
    parts,
    stack_of,
)
from dashboard.components.viewer import Pane, Stack
from dashboard.reading import Reading
from dashboard.state import Desk
from engine import (
    AttendingError,
    Case,
    Line,
    Plane,
    Review,
    Volume,
    mark,
    plane_in_words,
    reformatted,
    shipped_card,
    tr,
    volume_of,
)

_LISTED = 50  # cases of the worklist, beside those of the same patient
_PICTURES = "image"  # stands in the kind of every case that has one


class Beside(StrEnum):
    """What a reader may want to see beside the image."""

    NOTHING = mark("Nothing else")
    MAP = mark("Another map of this image")
    PLANE = mark("Another plane of this series")
    IMAGE = mark("Another image of this case")
    CASE = mark("Another case")


@dataclass(frozen=True)
class Compared:
    """What stands in the second pane, and whose it is.

    Parameters
    ----------
    part : tuple of int
        The images of `case` that it shows.
    """

    pane: Pane
    case: Case
    part: Part


def comparing(
    desk: Desk, case: Case, looked: Looked, reading: Reading | None, review: Review, *, heads: int = 0
) -> Compared | None:
    """Let the reader choose what stands beside the image; None where that is nothing.

    Parameters
    ----------
    reading : Reading or None
        The answer to the image with the map on the screen; None where no model reads it.
    heads : int
        Heads of the model's last layer.
    """
    offered = [Beside.NOTHING]
    offered += [Beside.MAP] if reading and reading.explanation else []
    offered += [Beside.PLANE] if _is_stack_of_slices(case, looked) else []
    offered += [Beside.IMAGE] if len(parts(case)) > 1 else []
    offered += [Beside.CASE]
    key = f"beside-{case.case_id}"
    chosen = st.session_state.get(key, Beside.NOTHING)
    label = tr("Compare") if chosen == Beside.NOTHING else tr("Compare: {chosen}", chosen=tr(chosen).lower())
    with st.popover(label, key=f"{key}-popover"), told():
        chosen = st.radio(tr("In the second pane"), offered, format_func=tr, key=key)
        if chosen == Beside.MAP and reading:
            return _another_map(desk, case, looked, reading, heads)
        if chosen == Beside.PLANE:
            return _another_plane(desk, case, looked)
        if chosen == Beside.IMAGE:
            return _another_image(desk, case, looked, review)
        if chosen == Beside.CASE:
            return _another_case(desk, case)
    return None


def _another_map(desk: Desk, case: Case, looked: Looked, reading: Reading, heads: int) -> Compared | None:
    """The same image under another question to the model."""
    labels = [finding.label for finding in reading.analysis.findings]
    methods = shipped_card(reading.task.name).methods
    question = map_choice(labels, methods, heads, key=f"beside-map-{'-'.join(map(str, reading.view))}")
    made = overlay(explained(desk, case, reading, question).explanation, looked.frame)
    if made is None:
        return None
    return Compared(Pane(looked.stack, tr("The same image"), (replace(made, shown=True),)), case, looked.part)


def _is_stack_of_slices(case: Case, looked: Looked) -> bool:
    """Whether a reader may expect other planes: slices through the body, not a film or a loop."""
    return case.images[looked.part[0]].modality in SLICED and len(looked.stack.frames) > 1


def _another_plane(desk: Desk, case: Case, looked: Looked) -> Compared | None:
    """The same series, cut in another plane of the body; why not, where its geometry does not allow it."""
    try:
        volume = desk.volume((case.case_id, looked.part), lambda: volume_of([case.images[i] for i in looked.part]))
    except AttendingError as error:
        st.caption(str(error))
        return None
    planes = [plane for plane in Plane if plane is not volume.plane]
    plane = st.radio(
        tr("Plane"), planes, format_func=lambda one: plane_in_words(volume, one), key=f"beside-plane-{case.case_id}"
    )
    st.caption(
        tr(
            "Voxels as they were taken, {apart:g} mm from slice to slice: nothing is made up between them. Lines show "
            "where the other pane lies; with the tool Locate, a click takes the other pane there. What is measured on "
            "this pane is not kept.",
            apart=volume.distances[0],
        )
    )
    stack = desk.shown_beside((case.case_id, looked.part, plane), lambda: _cut(looked.stack, volume, plane))
    return Compared(Pane(stack, plane_in_words(volume, plane)), case, ())


def _cut(stack: Stack, volume: Volume, plane: Plane) -> Stack:
    """Cut a volume, to be seen through the windows of its own slices."""
    image, axes = reformatted(volume, plane)
    return replace(Stack.from_image(image, label=stack.label), presets=stack.presets, axes=axes)


def _another_image(desk: Desk, case: Case, looked: Looked, review: Review) -> Compared:
    """Other images of the same study."""
    others = [part for part in parts(case) if part != looked.part]
    part = st.selectbox(
        tr("Image"), others, format_func=lambda one: name_of_part(case, one), key=f"beside-part-{case.case_id}"
    )
    return _picture_of(desk, case, part, review, tr("This case, image {name}", name=name_of_part(case, part)))


def _another_case(desk: Desk, case: Case) -> Compared | None:
    """An image of another case, those of the same patient first."""
    same = _same_patient(desk, case)
    lines = {line.case_id: line for line in _with_images(desk, case, same)}
    if not lines:
        st.caption(tr("The worklist holds no other case with images."))
        return None

    def listed(case_id: str) -> str:
        return tr("Same patient: {title}", title=lines[case_id].title) if case_id in same else lines[case_id].title

    case_id = st.selectbox(tr("Case"), list(lines), format_func=listed, key=f"beside-case-{case.case_id}", index=None)
    if case_id is None:
        return None
    other = desk.held(case_id)
    part = choose_part(other, key=f"beside-{case.case_id}-{case_id}")
    return _picture_of(desk, other, part, reviewing.current(case_id), _named(lines[case_id], same=case_id in same))


def _picture_of(desk: Desk, case: Case, part: Part, review: Review, title: str) -> Compared:
    stack = desk.shown_beside((case.case_id, part), lambda: stack_of(case, part))
    pane = Pane(
        stack,
        title,
        regions=marks(case, part, review.regions),
        measures=on_stack(case, part, review.measurements),
        keys=key_frames(case, part, review.key_images),
    )
    return Compared(pane, case, part)


def _same_patient(desk: Desk, case: Case) -> frozenset[str]:
    """Other cases of the same patient: those that are kept, and those that were opened in this session."""
    patients = {image.placement.patient for image in case.images} - {""}
    at_hand = (case_id for case_id, others in desk.patients.items() if patients and others == patients)
    return frozenset([*keeping.same_patient(case.case_id), *at_hand]) - {case.case_id}


def _with_images(desk: Desk, case: Case, same: frozenset[str]) -> list[Line]:
    """Cases to compare with, of the same patient first; at most so many of the others."""
    query = replace(keeping.everything(), search=_PICTURES, size=_LISTED)
    found = [*desk.mine.values(), *keeping.page(query).lines]
    first = [line for case_id in sorted(same) if (line := desk.line(case_id))]
    others = [line for line in found if line.case_id not in same]
    listed: Sequence[Line] = [*first, *others]
    return [line for line in listed if line.case_id != case.case_id and _PICTURES in line.kind]


def _named(line: Line, *, same: bool) -> str:
    """Name a case with what tells a comparison from a mistake; dates of the study are not kept.

    Examples
    --------
    >>> _named(Line("a", "Film 2", "image"), same=False)
    'Film 2, not known to be the same patient'
    """
    patient = tr("same patient") if same else tr("not known to be the same patient")
    added = tr(", added {day:%Y-%m-%d}", day=line.added_at) if line.added_at and not line.synthetic else ""
    return f"{line.title}{added}, {patient}"
