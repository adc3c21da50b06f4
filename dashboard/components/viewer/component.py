"""The Streamlit side of the viewer (components v2; the JavaScript is built by `hatch_build.py`)."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.components.viewer.records import Overlay, Stack
from dashboard.components.viewer.wire import pixel_messages, view_message

_NAME = "attending.viewer"  # the distribution, and the component's name in pyproject.toml
_SCRIPT = "viewer-*.js"


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
    key: str, *, stack: Stack, overlay: Overlay | None = None, analysed: bool = True, height: int = 640
) -> ViewerState:
    """Draw the viewer.

    Window, zoom, scrolling and the overlay's switches stay in the browser; only "Analyse frame" runs the page again.

    Parameters
    ----------
    key : str
        Keeps the view between runs of the page; a stack with another digest starts afresh.
    overlay : Overlay, optional
        Hidden until the reader asks for it.
    analysed : bool
        Whether a model reads these images, so that the reader may ask for another frame.
    height : int
        CSS pixels, controls included; the CSS variable ``--attending-pane`` of the page overrules it.
    """
    component = st.components.v2.component(_NAME, js=_SCRIPT)
    state = ViewerState.of(key, stack)
    with st.container(gap=None):
        message = view_message(stack, overlay, chosen=state.frame if analysed else None, height=height)
        component(key=key, data=message, on_choice_change=_rerun)
        for index, pixels in enumerate(pixel_messages(stack)):
            component(key=f"{key}-pixels-{index}", data=pixels)
    return state


def _rerun() -> None:
    """Streamlit keeps a state only where it has a callback; the new run of the page is all that is needed."""
