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
from dashboard.components.viewer import Edges, Listeners, Measured, Overlay, Pane, Region, Stack, ViewerState, viewer
from engine import (
    Box,
    Case,
    Explanation,
    Image,
    KeyImage,
    Mark,
    MarkedRegion,
    Measure,
    Measurement,
    Place,
    side_in_words,
    spoken,
    tr,
)

# Projections are looked at one by one, each through its own window; slices and cine loops are scrolled.
_PROJECTIONS = frozenset({"CR", "DX", "IO", "MG", "PX", "RG", "XC"})
SLICED = frozenset({"CT", "MR", "NM", "PT"})
"""Modalities of slices through the body: hundreds of alike, which make up a volume."""
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
    locked : bool
        Whether it is signed: then nothing of it can be changed.
    on_marked : callable
        Called with a region of the review and its new box, or None where it was removed.
    on_keyed : callable
        Called with all key images among these images when one was marked or no longer is.
    on_mapped : callable
        Called when the map is first shown.
    on_measured : callable
        Called with the digest of a stack and everything that is measured on it when a measurement was made, changed or
        removed.
    """

    regions: Sequence[MarkedRegion] = ()
    measurements: Sequence[Measurement] = ()
    key_images: Sequence[KeyImage] = ()
    locked: bool = False
    on_marked: Callable[[MarkedRegion, Box | None], None] = _nobody
    on_keyed: Callable[[tuple[KeyImage, ...]], None] = _nobody
    on_mapped: Callable[[], None] = _nobody
    on_measured: Callable[[str, tuple[Measured, ...]], None] = _nobody


@dataclass(frozen=True)
class Shown:
    """What is laid over the image and drawn on it, and what stands beside it.

    Parameters
    ----------
    overlays : sequence of Overlay
        Of the frame that is analysed, the lowest first.
    taken, part : sequence of Place
        The boxes that the reader has taken away, and those of a part that an answer rests on.
    """

    overlays: Sequence[Overlay] = ()
    taken: Sequence[Place] = ()
    part: Sequence[Place] = ()
    beside: Pane | None = None


def parts(case: Case) -> tuple[Part, ...]:
    """Sort the images of a case into stacks: what one series holds, as far as one window, size and plane fit all of it.

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
    seen = image.inverted, image.unit, image.spacing, image.orientation  # a localizer has slices in three planes
    return alone, image.pixels.shape[1:], image.pixels.dtype, *seen


def choose_part(case: Case, *, key: str) -> Part:
    """Let the reader choose among the stacks of a case; without asking where there is one."""
    found = parts(case)
    if len(found) == 1:
        return found[0]
    return st.selectbox(
        tr("Image, {n} in this case", n=len(found)), found, format_func=lambda part: name_of_part(case, part), key=key
    )


def name_of_part(case: Case, part: Part) -> str:
    """Name a stack by the number of its first image and what it is of."""
    image = case.images[part[0]]
    frames = sum(case.images[index].frames for index in part)
    words = [
        image.modality,
        image.view,
        side_in_words(image.laterality),
        tr("{n} frames", n=frames) if frames > 1 else "",
    ]
    return f"{part[0] + 1}: {' '.join(word for word in words if word) or tr('image')}"


def stack_of(case: Case, part: Part) -> Stack:
    """Make the viewer's stack of some images."""
    return Stack.from_series([case.images[index] for index in part], label=tr("SYNTHETIC") if case.synthetic else "")


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
    shown: Shown,
    *,
    said: Said,
    on_box: Callable[[Box, tuple[int, int]], None] | None = None,
    on_taken: Callable[[Box, Box | None], None] = _nobody,
    height: int,
) -> None:
    """Show a stack, with the maps of one of its frames.

    Parameters
    ----------
    said : Said
        The reader's review of the images.
    on_box : callable, optional
        Called with a box that the reader has drawn and its place in the case, before the page runs again.
    on_taken : callable
        Called with a box that was taken away and what is to be taken instead; None where it is put back.
    """
    drawn = marks(case, looked.part, said.regions, editable=not said.locked)

    def moved(region: Region, edges: Edges | None) -> None:
        box = Box(*edges) if edges else None
        if region.kind == "taken":
            on_taken(Box(region.top, region.left, region.bottom, region.right), box)
            return
        here = [one for one in said.regions if one.image_index in looked.part]
        said.on_marked(here[drawn.index(region)], box)

    pane = Pane(
        looked.stack,
        name_of_part(case, looked.part)
        if shown.beside is None
        else tr("This case, {name}", name=name_of_part(case, looked.part)),
        shown.overlays,
        [*regions(shown.part, "part", looked.frame), *regions(shown.taken, "taken", looked.frame), *drawn],
        on_stack(case, looked.part, said.measurements),
        key_frames(case, looked.part, said.key_images),
    )
    listeners = Listeners(
        on_box=(lambda edges, frame: on_box(Box(*edges), place_in(case, looked.part, frame))) if on_box else None,
        on_moved=moved,
        on_keyed=lambda frames: said.on_keyed(tuple(KeyImage(*place_in(case, looked.part, f)) for f in frames)),
        on_measured=said.on_measured,
        on_mapped=said.on_mapped,
    )
    key, analysed = _key(case, looked.part), bool(shown.overlays)
    viewer(key, pane, beside=shown.beside, analysed=analysed, listeners=listeners, height=height)


def regions(places: Sequence[Place], kind: Literal["taken", "part"], frame: int) -> list[Region]:
    """Make the viewer's rectangles of boxes; those that were taken away are numbered."""
    boxes = [place for place in places if isinstance(place, Box)]
    return [
        Region(
            *(box.top, box.left, box.bottom, box.right),
            kind,
            str(rank) if kind == "taken" else "",
            frame,
            editable=kind == "taken",
        )
        for rank, box in enumerate(boxes, start=1)
    ]


def marks(case: Case, part: Part, said: Sequence[MarkedRegion], *, editable: bool = False) -> list[Region]:
    """Make the viewer's rectangles of the marks of a review that lie on one of its stacks."""
    return [
        Region(
            one.box.top,
            one.box.left,
            one.box.bottom,
            one.box.right,
            _MARKS[one.mark],
            spoken(one.mark),
            first_frame(case, part, one.image_index) + one.frame,
            editable,
        )
        for one in said
        if one.image_index in part
    ]


def key_frames(case: Case, part: Part, keys: Sequence[KeyImage]) -> list[int]:
    """Key images of a case as frames of one of its stacks, ascending."""
    return sorted(first_frame(case, part, key.image_index) + key.frame for key in keys if key.image_index in part)


def on_stack(case: Case, part: Part, measured: Sequence[Measurement]) -> list[Measured]:
    """Measurements of a case as they lie on one of its stacks."""
    return [
        Measured(str(one.measure), first_frame(case, part, one.image_index) + one.frame, one.points, one.said)
        for one in measured
        if one.image_index in part
    ]


def in_case(case: Case, part: Part, told: Sequence[Measured]) -> tuple[Measurement, ...]:
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
        unit=tr("× average part") if explanation.spans else tr("× average patch"),
        label=spoken(explanation.label or ""),
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
