"""Text that seems to be burned into the pixels of a case: the reader looks before it is kept, and may blank it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard import keeping, state
from dashboard.components.markup import node, show
from dashboard.components.picture import SLICED, Part, choose_part, parts, regions
from dashboard.components.viewer import Edges, Listeners, Pane, Region, Stack, viewer
from engine import Box, Case, Image, burned_in, mark, spoken, tr, without_text

_FEW, _MANY = 3, 9
_HEIGHT = 460


def keep_looked_through(desk: state.Desk, cases: Sequence[Case], *, names: str | None = None) -> None:
    """Keep cases but for those with text in their pixels, which belong to the session until the reader has looked.

    `names` says what became of the names in their notes.
    """
    suspected = _suspected(cases)
    waiting = [case for case in cases if case.case_id in suspected]
    desk.add(waiting, keep=lambda _: False, names=names)  # first: the store may refuse the others
    desk.unchecked |= suspected
    desk.add([case for case in cases if case.case_id not in suspected], keep=lambda _: True, names=names)


def _suspected(cases: Iterable[Case]) -> dict[str, dict[Part, tuple[Box, ...]]]:
    """Look for text in cases that are about to be kept; of one that was kept before, nothing new is."""
    suspected: dict[str, dict[Part, tuple[Box, ...]]] = {}
    for case in cases:
        if not case.images or keeping.line(case.case_id) is not None:
            continue
        with st.spinner(tr("Looking for text in the pixels")):
            found = {part: burned_in(sample(case, part)) for part in parts(case)}
        if any(one.suspected for one in found.values()):
            suspected[case.case_id] = {part: one.boxes for part, one in found.items() if one.suspected}
    return suspected


def sample(case: Case, part: Part) -> Image:
    """Some frames of a stack as one image, from the first to the last: what is looked through, and shown."""
    frames = [(index, frame) for index in part for frame in range(case.images[index].frames)]
    most = _FEW if case.images[part[0]].modality in SLICED else _MANY  # three slices stand for all
    chosen = [frames[place] for place in sorted({round(at) for at in np.linspace(0, len(frames) - 1, most)})]
    pixels = np.stack([case.images[index].pixels[frame] for index, frame in chosen])
    digest = hashlib.sha256(" ".join(f"{case.images[i].digest} {frame}" for i, frame in chosen).encode()).hexdigest()
    said = {case.images[index].tags.get("BurnedInAnnotation", "") for index in part}
    first = case.images[part[0]]
    tags = {**first.tags, "BurnedInAnnotation": "YES"} if "YES" in said else first.tags
    return replace(first, pixels=pixels, digest=digest, tags=tags)


def ask_about_text(desk: state.Desk) -> None:
    """Show the first case that waits for the reader's word, with the places where text seems to be."""
    if not desk.unchecked:
        return
    case_id, found = next(iter(desk.unchecked.items()))
    case = desk.held(case_id)
    waiting = tr(" ({n} cases wait)", n=len(desk.unchecked)) if len(desk.unchecked) > 1 else ""
    show(
        node(
            "div",
            node(
                "strong",
                tr(
                    "Text seems to be burned into the pixels of {title}{waiting}.",
                    title=spoken(case.title),
                    waiting=waiting,
                ),
            ),
            tr(" It may name the patient. Until you choose, the case belongs to this session alone."),
            class_="at-problem",
            role="alert",
        )
    )
    decision = st.container()  # above the picture, so that no window is too low for it; filled when all is known
    part = choose_part(case, key=f"burned-in-part-{case_id}")
    _picture(desk, case, part)
    total = sum(map(len, found.values()))
    _places(desk, case, part)
    st.caption(
        tr(
            "The search finds candidates and misses some: look at the whole picture. Draw a box over what it has "
            "missed, move a box, or remove it. Boxes are filled in every image and frame of the stack that they were "
            "drawn on, before anything is kept."
        )
    )
    blank, leave, no = decision.columns(3)
    if blank.button(
        tr("Blank these and keep"), type="primary", disabled=total == 0, key="burned-in-blank", width="stretch"
    ):
        _keep(desk, without_text(case, {index: boxes for part, boxes in found.items() for index in part}), total)
    if leave.button(tr("Keep as it is"), key="burned-in-leave", width="stretch"):
        _keep(desk, case, 0)
    if no.button(tr("Do not keep"), key="burned-in-no", width="stretch"):
        _go_on(desk, case_id)


def _picture(desk: state.Desk, case: Case, part: Part) -> None:
    """The frames with their boxes, which the reader may draw, move and remove."""
    stack = desk.shown(("burned-in", case.case_id, part), lambda: Stack.from_image(sample(case, part)))
    boxes = _boxes(desk, case, part)

    def drawn(edges: Edges, frame: int) -> None:
        _put(desk, case, part, (*_boxes(desk, case, part), Box(*edges)))

    def moved(region: Region, edges: Edges | None) -> None:
        was = Box(region.top, region.left, region.bottom, region.right)
        instead = [Box(*edges)] if edges else []
        others = [box for box in _boxes(desk, case, part) if box != was]
        _put(desk, case, part, (*others, *instead))

    marks = [mark for frame in range(len(stack.frames)) for mark in regions(boxes, "taken", frame)]
    pane = Pane(stack, tr("Before it is kept"), regions=marks)
    listeners = Listeners(on_box=drawn, on_moved=moved)
    viewer(f"burned-in-{case.case_id}-{part[0]}", pane, analysed=False, listeners=listeners, height=_HEIGHT)


def _places(desk: state.Desk, case: Case, part: Part) -> None:
    """The boxes of a stack in words, for whoever would rather choose than draw."""
    boxes = _boxes(desk, case, part)
    if not boxes:
        st.caption(tr("No place is marked in this stack."))
        return
    names = {f"{rank}: {_place(box)}": box for rank, box in enumerate(boxes, start=1)}
    key = f"burned-in-boxes-{case.case_id}-{part[0]}-{hash(boxes)}"
    left = st.multiselect(tr("Places to blank"), list(names), default=list(names), key=key)
    if len(left) < len(names):
        _put(desk, case, part, tuple(names[name] for name in left))
        st.rerun()


def _place(box: Box) -> str:
    return tr(
        "rows {top:.0f} to {bottom:.0f}, columns {left:.0f} to {right:.0f}",
        top=box.top,
        bottom=box.bottom,
        left=box.left,
        right=box.right,
    )


def _boxes(desk: state.Desk, case: Case, part: Part) -> tuple[Box, ...]:
    return desk.unchecked.get(case.case_id, {}).get(part, ())


def _put(desk: state.Desk, case: Case, part: Part, boxes: Sequence[Box]) -> None:
    desk.unchecked[case.case_id][part] = tuple(boxes)


def _keep(desk: state.Desk, case: Case, places: int) -> None:
    """Keep the case as the reader has decided, and record what that was; nothing of both where it was kept before."""
    done = mark("blanked") if places else mark("kept as they are")
    desk.add([case], keep=lambda _: True, pixels={"done": done, "places": places})
    _go_on(desk, case.case_id)


def told_kept_before(desk: state.Desk, case_id: str) -> None:
    """Say that a case on the page is not what was opened just now, but what was kept of the same files before."""
    if case_id not in desk.kept_before:
        return
    first = tr("This case was kept here before, and stays as it was kept: that is what you see, not what you opened.")
    rest = tr(
        " Nothing was blanked or replaced now: what names somebody may still be there. To decide anew, have the "
        "case removed for good and open its files again."
    )
    show(node("div", node("strong", first), rest, class_="at-line at-alarm", role="alert"))


def _go_on(desk: state.Desk, case_id: str) -> None:
    """Turn to the next case that waits; after the last, open this one."""
    del desk.unchecked[case_id]
    if desk.unchecked:
        st.rerun()
    desk.open(case_id)
    st.switch_page(state.REVIEW)
