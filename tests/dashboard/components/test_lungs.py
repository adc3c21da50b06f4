"""The lungs of a chest film are estimated only where the model knows the picture, and outlined on request alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.viewer import Overlay
from dashboard.state import View
from engine import Domain, sample_case


def _page() -> None:
    import streamlit as st

    from dashboard.components.lungs import ask_for_outline, lungs_on, lungs_outline

    desk, case, view = st.session_state["asked"]
    st.session_state["found"] = lungs_on(desk, case, view)
    st.session_state["overlay"] = lungs_outline(desk, case, view, 3)
    ask_for_outline(view)


def _opened(view: View, *, inside: bool = True) -> Any:
    desk = SimpleNamespace(
        analyses={view: SimpleNamespace(domain=Domain(inside))}, lungs_of=lambda key, estimate: estimate()
    )
    app = AppTest.from_function(_page, default_timeout=60)
    app.session_state["asked"] = desk, sample_case(view.case_id), view
    return app.run()


def test_the_outline_of_both_lungs_comes_on_request() -> None:
    app = _opened(View("chest-normal-1", "chest-xray", 0, 0))
    assert list(app.session_state["found"]) == ["Right lung", "Left lung"]
    assert app.session_state["overlay"] is None
    app.toggle[0].set_value(True).run()
    overlay = app.session_state["overlay"]
    assert isinstance(overlay, Overlay)
    assert (overlay.frame, overlay.contour, overlay.shown) == (3, True, True)
    assert set(np.unique(overlay.map)) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("view", "inside"),
    [(View("breast-benign-1", "breast-ultrasound", 0, 0), True), (View("chest-normal-1", "chest-xray", 0, 0), False)],
)
def test_what_is_no_film_that_the_model_knows_has_no_lungs(view: View, inside: bool) -> None:
    assert _opened(view, inside=inside).session_state["found"] is None
