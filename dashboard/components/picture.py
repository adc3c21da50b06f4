"""The images of a case in the viewer, with the map of one of them laid over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.note_map import method_name
from dashboard.components.viewer import Measured, Overlay, Region, Stack, ViewerState, viewer
from engine import Box, Case, Explanation, Image, Mark, MarkedRegion, Measure, Measurement, Place

# Projections are looked at one by one, each through its own window; slices and cine loops are scrolled.
_PROJECTIONS = frozenset({"CR", "DX", "IO", "MG", "PX", "RG", "XC"})
_MARKS: dict[Mark, Literal["here", "elsewhere"]] = {Mark.HERE: "here", Mark.NOT_THERE: "elsewhere"}
_LONGEST = 512  # cells of a map on its way to the browser, each way

Part = tuple[int, ...]
"""Indices in ``case.images`` of what is shown together as one stack."""


@dataclass(frozen=True)
class Looked:
    """What the viewer shows, which frame of it the models read, and where that frame lies in the case.

    Parameters
    ----------
    place : tuple of int
        Index in ``case.images``, and the frame in that image.
    """

    part: Part
    stack: Stack
    frame: int
    place: tuple[int, int]


def _nobody(*what: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Said:
    """What the reader's review says of the images, and who is told when more is said.

    Parameters
    ----------
    on_mapped : callable
        Called when the map is first shown.
    on_measured : callable
        Called with all measurements on these images when one was made, changed or removed.
    """

    regions: Sequence[MarkedRegion] = ()
    measurements: Sequence[Measurement] = ()
    on_mapped: Callable[[], None] = _nobody
    on_measured: Callable[[tuple[Measurement, ...]], None] = _nobody


def parts(case: Case) -> tuple[Part, ...]:
    """Sort the images of a case into stacks: what one series holds, as far as one window and one size fit all of it.

    Returns
    -------
    tuple of tuple of int
        Each image once, in the order of ``case.images``.
    """
    found: list[Part] = []
    first = 0
    for series in case.series:
        numbered = list(enumerate(series, start=first))
        first += len(series)
        found += [tuple(number for number, _ in run) for _, run in groupby(numbered, key=_what_must_agree)]
    return tuple(found)


def _what_must_agree(numbered: tuple[int, Image]) -> tuple[Any, ...]:
    number, image = numbered
    alone = number if image.modality in _PROJECTIONS else None
    return alone, image.pixels.shape[1:], image.pixels.dtype, image.inverted, image.unit, image.spacing


def choose_part(case: Case, *, key: str) -> Part:
    """Let the reader choose among the stacks of a case; without asking where there is one."""
    found = parts(case)
    if len(found) == 1:
        return found[0]
    return st.selectbox(f"Image, {len(found)} in this case", found, format_func=lambda part: _name(case, part), key=key)


def _name(case: Case, part: Part) -> str:
    image = case.images[part[0]]
    frames = sum(case.images[index].frames for index in part)
    words = [image.modality, image.view, image.laterality, f"{frames} frames" if frames > 1 else ""]
    return f"{part[0] + 1}: {' '.join(word for word in words if word) or 'image'}"


def stack_of(case: Case, part: Part) -> Stack:
    """Make the viewer's stack of some images."""
    return Stack.from_series([case.images[index] for index in part], label="SYNTHETIC" if case.synthetic else "")


def place_in(case: Case, part: Part, frame: int) -> tuple[int, int]:
    """Find a frame of a stack again: the index of its image, and the frame in it."""
    for index in part:
        if frame < case.images[index].frames:
            return index, frame
        frame -= case.images[index].frames
    raise ValueError("the stack has no such frame")


def first_frame(case: Case, part: Part, image_index: int) -> int:
    """Find where the frames of an image begin in its stack."""
    return sum(case.images[index].frames for index in part[: part.index(image_index)])


def frame_asked(case: Case, part: Part, stack: Stack) -> int:
    """Tell which frame of the stack the reader wants analysed."""
    return ViewerState.of(_key(case, part), stack).frame


def picture(
    case: Case,
    looked: Looked,
    explanation: Explanation | None,
    *,
    taken: Sequence[Place] = (),
    part: Sequence[Place] = (),
    on_box: Callable[[Box, tuple[int, int]], None] | None = None,
    said: Said | None = None,
    height: int,
) -> None:
    """Show a stack, with the map of one of its frames where there is one.

    Parameters
    ----------
    taken, part : sequence of Place
        The boxes that the reader has taken away, and those of a part that an answer rests on.
    on_box : callable, optional
        Called with a box that the reader has drawn and its place in the case, before the page runs again.
    said : Said, optional
        The reader's review of the images.
    """
    made, said = overlay(explanation, looked.frame), said or Said()
    viewer(
        _key(case, looked.part),
        stack=looked.stack,
        overlay=made,
        regions=[
            *regions(part, "part", looked.frame),
            *regions(taken, "taken", looked.frame),
            *marks(case, looked.part, said.regions),
        ],
        analysed=made is not None,
        on_box=(lambda edges, frame: on_box(Box(*edges), place_in(case, looked.part, frame))) if on_box else None,
        on_mapped=said.on_mapped,
        measures=_on_stack(case, looked.part, said.measurements),
        on_measured=lambda told: said.on_measured(_in_case(case, looked.part, told)),
        height=height,
    )


def regions(places: Sequence[Place], kind: Literal["taken", "part"], frame: int) -> list[Region]:
    """Make the viewer's rectangles of boxes; those that were taken away are numbered."""
    boxes = [place for place in places if isinstance(place, Box)]
    return [
        Region(box.top, box.left, box.bottom, box.right, kind, str(rank) if kind == "taken" else "", frame)
        for rank, box in enumerate(boxes, start=1)
    ]


def marks(case: Case, part: Part, said: Sequence[MarkedRegion]) -> list[Region]:
    """Make the viewer's rectangles of the marks of a review that lie on one of its stacks."""
    return [
        Region(
            one.box.top,
            one.box.left,
            one.box.bottom,
            one.box.right,
            _MARKS[one.mark],
            str(one.mark),
            first_frame(case, part, one.image_index) + one.frame,
        )
        for one in said
        if one.image_index in part
    ]


def _on_stack(case: Case, part: Part, measured: Sequence[Measurement]) -> list[Measured]:
    """Measurements of a case as they lie on one of its stacks."""
    return [
        Measured(str(one.measure), first_frame(case, part, one.image_index) + one.frame, one.points, one.said)
        for one in measured
        if one.image_index in part
    ]


def _in_case(case: Case, part: Part, told: Sequence[Measured]) -> tuple[Measurement, ...]:
    """What was measured on a stack, with its place in the case."""
    last = sum(case.images[index].frames for index in part)
    return tuple(
        Measurement(Measure(one.kind), one.points, one.said, *place_in(case, part, one.frame))
        for one in told
        if 0 <= one.frame < last
    )


def overlay(explanation: Explanation | None, frame: int) -> Overlay | None:
    """Make the viewer's overlay of a map on source pixels; None where there is no such map."""
    if explanation is None or explanation.map is None:
        return None
    return Overlay(
        map=thin(explanation.map),
        scale=explanation.scale,
        unit="× average part" if explanation.spans else "× average patch",
        label=explanation.label or "",
        method=method_name(explanation),
        frame=frame,
        palette="berlin" if explanation.signed else "viridis",
        signed=explanation.signed,
    )


def thin(grid: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take a map at the centres of at most 512 x 512 equal cells: maps are smooth, and a finer grid only costs time.

    Parameters
    ----------
    grid : numpy.ndarray
        ``(rows, columns)`` float32, NaN where the model saw nothing.

    Returns
    -------
    numpy.ndarray
        The same map on a coarser grid that covers the same area.
    """
    return np.ascontiguousarray(grid[np.ix_(*(_centres(n) for n in grid.shape))])


def _centres(n: int) -> NDArray[np.intp]:
    cells = min(n, _LONGEST)
    return ((np.arange(cells) + 0.5) * n / cells).astype(np.intp)


def _key(case: Case, part: Part) -> str:
    return f"viewer-{case.case_id}-{part[0]}"
