"""The Streamlit side of the viewer (components v2; the JavaScript is built by `hatch_build.py`)."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import streamlit as st

from dashboard.components.viewer.records import Measured, Pane, Region, Stack, measures_of
from dashboard.components.viewer.wire import pixel_messages, view_message
from dashboard.uninterrupted import uninterrupted

_NAME = "attending.viewer"  # the distribution, and the component's name in pyproject.toml
_SCRIPT = "viewer-*.js"

Edges: TypeAlias = tuple[float, float, float, float]
"""(top, left, bottom, right) in source pixels, from the outer corner of the first."""


@dataclass(frozen=True)
class Listeners:
    """Who is told of what the reader does, before the page runs again; what nobody listens to is not offered.

    Parameters
    ----------
    on_box : callable, optional
        Called with (top, left, bottom, right) in source pixels, and the frame, when a box was drawn on the first
        picture; boxes belong on the analysed frame where there is one.
    on_moved : callable, optional
        Called with an editable region of the first picture, and its new (top, left, bottom, right); None where it was
        removed.
    on_keyed : callable, optional
        Called with all frames of the first picture that are key images.
    on_measured : callable, optional
        Called with the digest of a stack and all that is measured on it when a measurement was made, changed or
        removed.
    on_mapped : callable, optional
        Called once an image, when a map of it is first shown.
    """

    on_box: Callable[[Edges, int], None] | None = None
    on_moved: Callable[[Region, Edges | None], None] | None = None
    on_keyed: Callable[[tuple[int, ...]], None] | None = None
    on_measured: Callable[[str, tuple[Measured, ...]], None] | None = None
    on_mapped: Callable[[], None] | None = None


@dataclass(frozen=True)
class ViewerState:
    """What the reader asked of the viewer.

    Parameters
    ----------
    frame : int
        The frame to be analysed, from 0; the first until the reader asks for another.
    """

    frame: int = 0

    @classmethod
    def of(cls, key: str, stack: Stack) -> ViewerState:
        """Tell the state of a viewer before it is drawn, so that the map of the frame asked for can be made."""
        choice = (st.session_state.get(key) or {}).get("choice")
        if not choice or choice["digest"] != stack.digest:
            return cls()
        return cls(frame=min(max(int(choice["frame"]), 0), len(stack.frames) - 1))


def viewer(
    key: str,
    pane: Pane,
    *,
    beside: Pane | None = None,
    analysed: bool = True,
    listeners: Listeners | None = None,
    height: int = 640,
) -> ViewerState:
    """Draw the viewer.

    Window, zoom, scrolling, a second pane and the settings of overlays stay in the browser; only "Analyse frame", what
    is drawn or marked, and the first look at a map run the page again.

    Parameters
    ----------
    key : str
        Keeps the view between runs of the page; a stack with another digest starts afresh.
    beside : Pane, optional
        Shown in the second pane as soon as it is there; without it the second pane shows the same image.
    analysed : bool
        Whether a model reads these images, so that the reader may ask for another frame.
    height : int
        CSS pixels, controls included; the CSS variable ``--attending-pane`` of the page overrules it.
    """
    component = st.components.v2.component(_NAME, js=_SCRIPT)
    state, tell = ViewerState.of(key, pane.stack), listeners or Listeners()
    panes = [pane] if beside is None else [pane, beside]
    told = _Told(key, panes, tell)
    with st.container(gap=None):
        chosen = state.frame if analysed else None
        component(
            key=key,
            data=view_message(panes, chosen=chosen, boxes=bool(tell.on_box), marks=bool(tell.on_keyed), height=height),
            on_choice_change=_rerun,
            on_box_change=uninterrupted(told.box),
            on_moved_change=uninterrupted(told.moved),
            on_keyed_change=uninterrupted(told.keyed),
            on_measured_change=uninterrupted(told.measured),
            on_mapped_change=uninterrupted(tell.on_mapped or _rerun),
        )
        for digest, stack in {one.stack.digest: one.stack for one in panes}.items():
            for index, pixels in enumerate(pixel_messages(stack)):
                component(key=f"{key}-pixels-{digest}-{index}", data=pixels)
    return state


@dataclass(frozen=True)
class _Told:
    """Hands on what the browser tells, unless it is of an image that was there before."""

    key: str
    panes: Sequence[Pane]
    listeners: Listeners

    def _said(self, name: str, digests: Container[str]) -> Mapping[str, Any] | None:
        said = (st.session_state.get(self.key) or {}).get(name)
        return said if said and said["digest"] in digests else None

    def _of_first(self, name: str) -> Mapping[str, Any] | None:
        return self._said(name, {self.panes[0].stack.digest})

    def box(self) -> None:
        drawn = self._of_first("box")
        if drawn and self.listeners.on_box:
            self.listeners.on_box(_edges(drawn["box"]), int(drawn["frame"]))

    def moved(self) -> None:
        said = self._of_first("moved")
        if not said or not self.listeners.on_moved:
            return
        was, box = _edges(said["was"]), said["box"] and _edges(said["box"])
        for region in self.panes[0].regions:
            place = (region.top, region.left, region.bottom, region.right)
            if region.editable and (region.kind, region.frame, place) == (said["kind"], said["frame"], was):
                self.listeners.on_moved(region, box or None)
                return

    def keyed(self) -> None:
        said = self._of_first("keyed")
        if said and self.listeners.on_keyed:
            last = len(self.panes[0].stack.frames)
            self.listeners.on_keyed(tuple(sorted({int(frame) for frame in said["keys"] if 0 <= frame < last})))

    def measured(self) -> None:
        said = self._said("measured", {pane.stack.digest for pane in self.panes})
        if said and self.listeners.on_measured:
            self.listeners.on_measured(said["digest"], measures_of(said["measures"]))


def _edges(told: Sequence[float]) -> Edges:
    top, left, bottom, right = (float(edge) for edge in told)
    return top, left, bottom, right


def _rerun() -> None:
    """Streamlit keeps a state only where it has a callback; the new run of the page is all that is needed."""
