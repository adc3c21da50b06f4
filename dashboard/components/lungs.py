"""The lungs of a chest film as they are estimated from it: what relevance is counted by, and their outline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.picture import thin
from dashboard.components.viewer import Overlay
from dashboard.state import Desk, View
from engine import TASKS, Case, language, lungs, tr

Lungs = Mapping[str, NDArray[np.bool_]]


def lungs_on(desk: Desk, case: Case, view: View) -> Lungs | None:
    """Estimate where the lungs lie on the film of a view.

    Returns
    -------
    mapping of str to numpy.ndarray or None
        By name, ``(rows, columns)`` bool; empty where they cannot be told apart. None where the picture is none of the
        chest films that the model knows.
    """
    analysis = desk.analyses.get(view)
    if not TASKS[view.task].lungs or analysis is None or not analysis.domain.inside:
        return None
    image = case.images[view.image_index]
    return desk.lungs_of((view, language()), lambda: lungs(image, view.frame))


def ask_for_outline(view: View) -> None:
    """Let the reader have the lungs outlined on the film."""
    st.toggle(tr("Outline the lungs on the image"), key=_key(view))


def lungs_outline(desk: Desk, case: Case, view: View, frame: int) -> Overlay | None:
    """Make the viewer's overlay of both lungs, as an outline; None where the reader has not asked for it."""
    found = lungs_on(desk, case, view) if st.session_state.get(_key(view)) else None
    if not found:
        return None
    return Overlay(
        map=thin(np.logical_or.reduce(list(found.values())).astype(np.float32)),
        scale=1.0,
        unit=tr("inside"),
        label=tr("lungs"),
        method=tr("Estimated from the picture"),
        frame=frame,
        threshold=0.5,
        shown=True,
        contour=True,
    )


def _key(view: View) -> str:
    return f"lungs-{'-'.join(map(str, view))}"
