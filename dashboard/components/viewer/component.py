"""The Streamlit side of the viewer (components v2; the JavaScript is built by `hatch_build.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import streamlit as st

from dashboard.components.viewer.records import Measured, Overlay, Region, Stack, measures_of
from dashboard.components.viewer.wire import pixel_messages, view_message

_NAME = "attending.viewer"  # the distribution, and the component's name in pyproject.toml
_SCRIPT = "viewer-*.js"

BoxTaken: TypeAlias = Callable[[tuple[float, float, float, float], int], None]
"""Called with (top, left, bottom, right) in source pixels, and the frame, when the reader has drawn a box."""

MeasuresTaken: TypeAlias = Callable[[tuple[Measured, ...]], None]
"""Called with everything that is measured on the stack."""


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
    *,
    stack: Stack,
    overlay: Overlay | None = None,
    regions: Sequence[Region] = (),
    analysed: bool = True,
    on_box: BoxTaken | None = None,
    on_mapped: Callable[[], None] | None = None,
    measures: Sequence[Measured] = (),
    on_measured: MeasuresTaken | None = None,
    height: int = 640,
) -> ViewerState:
    """Draw the viewer.

    Window, zoom, scrolling and the overlay's switches stay in the browser; only "Analyse frame", a box that was
    drawn and the first look at a map run the page again.

    Parameters
    ----------
    key : str
        Keeps the view between runs of the page; a stack with another digest starts afresh.
    overlay : Overlay, optional
        Hidden until the reader asks for it.
    regions : sequence of Region
        Always shown.
    analysed : bool
        Whether a model reads these images, so that the reader may ask for another frame.
    on_box : callable, optional
        Called before the page runs again; boxes belong on the analysed frame where there is one. None offers no boxes.
    on_mapped : callable, optional
        Called once an image, when its map is first shown.
    measures : sequence of Measured
        Put on the image when it is opened; afterwards those on the screen are the newer ones.
    on_measured : callable, optional
        Called with all measurements on the stack when one was made, changed or removed.
    height : int
        CSS pixels, controls included; the CSS variable ``--attending-pane`` of the page overrules it.
    """
    component = st.components.v2.component(_NAME, js=_SCRIPT)
    state = ViewerState.of(key, stack)
    with st.container(gap=None):
        chosen = state.frame if analysed else None
        message = view_message(stack, overlay, regions, measures, chosen=chosen, boxes=bool(on_box), height=height)
        component(
            key=key,
            data=message,
            on_choice_change=_rerun,
            on_box_change=lambda: _tell(key, stack, on_box),
            on_mapped_change=on_mapped or _rerun,
            on_measured_change=lambda: _tell_measures(key, stack, on_measured),
        )
        for index, pixels in enumerate(pixel_messages(stack)):
            component(key=f"{key}-pixels-{index}", data=pixels)
    return state


def _tell(key: str, stack: Stack, on_box: BoxTaken | None) -> None:
    """Hand on the box that was drawn, unless it lies on an image that was there before."""
    drawn = (st.session_state.get(key) or {}).get("box")
    if on_box and drawn and drawn["digest"] == stack.digest:
        top, left, bottom, right = (float(edge) for edge in drawn["box"])
        on_box((top, left, bottom, right), int(drawn["frame"]))


def _tell_measures(key: str, stack: Stack, on_measured: MeasuresTaken | None) -> None:
    """Hand on what was measured, unless it lies on an image that was there before."""
    told = (st.session_state.get(key) or {}).get("measured")
    if on_measured and told and told["digest"] == stack.digest:
        on_measured(measures_of(told["measures"]))


def _rerun() -> None:
    """Streamlit keeps a state only where it has a callback; the new run of the page is all that is needed."""
