"""The drawn lesion is said in words beside the answer, with its share of the map, and outlined on the image."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.lesion import lesion_overlay
from engine import Analysis, Call, Case, Domain, Explanation, Finding, Image, Lesion, Method, Region


def _lesion() -> Lesion:
    probability = np.zeros((100, 200), dtype=np.float32)
    probability[20:40, 50:80] = 0.8
    contour = np.array([[50, 20], [80, 20], [80, 40], [50, 40]], dtype=np.int32)
    return Lesion(probability, probability > 0.5, (Region((20, 50, 40, 80), contour, 0.8),), share=0.03, agreement=0.9)


NOTHING = Lesion(np.zeros((100, 200), np.float32), np.zeros((100, 200), np.bool_), (), 0.0, 1.0)


def _page() -> None:
    import streamlit as st

    from dashboard.components.lesion import lesion_said

    lesion_said(*st.session_state["asked"])


def _said(lesion: Lesion | None, *, inside: bool = True) -> str:
    image = Image(np.zeros((1, 100, 200), np.uint8), "")
    analysis = Analysis(
        task="breast-ultrasound",
        case_id="case",
        findings=(Finding("benign", 0.8, Call.RULED_IN),),
        domain=Domain(inside),
        model_digest="",
        device="cpu",
        lesion=lesion,
    )
    relevance = np.ones((100, 200), np.float32)
    relevance[:, :100] = 3.0
    app = AppTest.from_function(_page, default_timeout=60)
    explanation = Explanation(Method.RELEVANCE, "benign", 3.0, relevance)
    app.session_state["asked"] = (Case("case", "A scan", ((image,),)), analysis, explanation)
    app.run()
    assert not app.exception
    return "".join(element.proto.body for element in app.get("html"))


def test_size_and_sureness_are_said_with_the_share_of_the_map() -> None:
    said = _said(_lesion())
    assert "One lesion drawn: 30 × 20 pixels, mean probability inside 0.80; 3.0% of the image." in said
    assert "Of what the map marks for benign, 4% lies in what was drawn, which fills 3% of the image." in said


def test_that_nothing_was_drawn_is_said() -> None:
    assert "No lesion was drawn." in _said(NOTHING)
    assert "map" not in _said(NOTHING)


@pytest.mark.parametrize(("lesion", "inside"), [(None, True), (_lesion(), False)])
def test_a_model_that_draws_nothing_or_abstains_says_nothing_of_it(lesion: Lesion | None, inside: bool) -> None:
    assert _said(lesion, inside=inside) == ""


def test_the_overlay_is_an_outline_cut_at_the_edge_of_the_mask() -> None:
    overlay = lesion_overlay(_lesion(), frame=3)
    assert (overlay.frame, overlay.scale, overlay.threshold) == (3, 1.0, 0.5)
    assert (overlay.shown, overlay.contour) == (True, True)
    assert overlay.map.shape == (100, 200)
