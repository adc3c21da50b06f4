"""A page with nothing but a course, for tests: its names are hostile text, and a made-up map lies beneath it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.components.course_plot import course_plot
from dashboard.components.what_if import name_of
from dashboard.edits import Edits
from engine import Course, Explanation, Method, Trajectory

HOSTILE = "<img src=x onerror=alert(1)>"
COURSE = Course(
    hours=np.asarray([0.5, 0.5, 6.0, 6.0, 12.0, 23.5]),
    variables=("HR", "MAP", "HR", "MAP", "HR", "Lactate"),
    values=np.asarray([80.0, 85.0, 90.0, 55.0, 130.0, 4.4]),
    digest="x",
)
EXPLANATION = Explanation(
    Method.LIBRA_FULL_GRADIENT, HOSTILE, 4.0, observed=np.asarray([0.2, -2.5, 1.5, 3.5, 5.0, np.nan], np.float32)
)
RISK = Trajectory(HOSTILE, (6, 12, 24), (0.1, 0.2, 0.4), (0.05, 0.15, 0.3), (0.15, 0.3, 0.45))

LESS = Trajectory(HOSTILE, (6, 12, 24), (0.08, 0.1, 0.2), (0.05, 0.07, 0.1), (0.15, 0.2, 0.25))

edits = st.session_state.setdefault("edits", Edits())
risk, whole = (LESS, RISK) if edits.places else (RISK, None)
course_plot(COURSE, EXPLANATION, key="c", height=420, risk=risk, whole=whole, muted=edits.places, on_mute=edits.take)
st.text("Muted: " + "; ".join(name_of(place, 1, "") for place in edits.places))
