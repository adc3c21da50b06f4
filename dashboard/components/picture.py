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
from dashboard.components.viewer import Overlay, Region, Stack, ViewerState, viewer
from engine import Box, Case, Explanation, Image, Mark, MarkedRegion, Place

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
    marked: Sequence[MarkedRegion] = (),
    on_box: Callable[[Box], None] | None = None,
    on_mapped: Callable[[], None] | None = None,
    height: int,
) -> None:
    """Show a stack, with the map of one of its frames where there is one.

    Parameters
    ----------
    taken, part : sequence of Place
        The boxes that the reader has taken away, and those of a part that an answer rests on.
    marked : sequence of MarkedRegion
        What the reader's review says of places in the case.
    on_box : callable, optional
        Called with a box that the reader has drawn, before the page runs again.
    on_mapped : callable, optional
        Called when the map is first shown.
    """
    made = overlay(explanation, looked.frame)
    viewer(
        _key(case, looked.part),
        stack=looked.stack,
        overlay=made,
        regions=[
            *regions(part, "part", looked.frame),
            *regions(taken, "taken", looked.frame),
            *marks(marked, looked.place, looked.frame),
        ],
        analysed=made is not None,
        on_box=(lambda edges: on_box(Box(*edges))) if on_box else None,
        on_mapped=on_mapped,
        height=height,
    )


def regions(places: Sequence[Place], kind: Literal["taken", "part"], frame: int) -> list[Region]:
    """Make the viewer's rectangles of boxes; those that were taken away are numbered."""
    boxes = [place for place in places if isinstance(place, Box)]
    return [
        Region(box.top, box.left, box.bottom, box.right, kind, str(rank) if kind == "taken" else "", frame)
        for rank, box in enumerate(boxes, start=1)
    ]


def marks(marked: Sequence[MarkedRegion], place: tuple[int, int], frame: int) -> list[Region]:
    """Make the viewer's rectangles of the marks of a review that lie in the frame that is read."""
    found = [region for region in marked if (region.image_index, region.frame) == place]
    return [
        Region(box.top, box.left, box.bottom, box.right, _MARKS[region.mark], str(region.mark), frame)
        for region in found
        for box in (region.box,)
    ]


def overlay(explanation: Explanation | None, frame: int) -> Overlay | None:
    """Make the viewer's overlay of a map on source pixels; None where there is no such map."""
    if explanation is None or explanation.map is None:
        return None
    return Overlay(
        map=thin(explanation.map),
        scale=explanation.scale,
        unit="× average patch",
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
