"""The drawn lesion is said in words, in mm where they are known, and laid over the image when it is asked for."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from dashboard.components.lesion import in_words, lesion_overlay
from engine import Lesion, PixelSpacing, Region, SpacingSource


def _lesion(*, agreement: float = 0.9) -> Lesion:
    probability = np.zeros((100, 200), dtype=np.float32)
    probability[20:40, 50:80] = 0.8
    contour = np.array([[50, 20], [80, 20], [80, 40], [50, 40]], dtype=np.int32)
    regions = (Region((20, 50, 40, 80), contour, 0.8),)
    return Lesion(probability, probability > 0.5, regions, share=0.03, agreement=agreement)


NOTHING = Lesion(np.zeros((4, 4), np.float32), np.zeros((4, 4), np.bool_), (), 0.0, 1.0)


def _page() -> None:
    import streamlit as st

    from dashboard.components.lesion import lesion_asked

    st.session_state["asked"] = lesion_asked(st.session_state["lesion"], None, key="lesion-asked")


def test_sizes_are_in_mm_only_where_the_file_knows_them() -> None:
    assert in_words(_lesion(), None).startswith("One lesion drawn: 30 × 20 pixels; 3.0% of the image.")
    spacing = PixelSpacing(row=0.5, column=0.1, source=SpacingSource.REGION)
    assert "3 × 10 mm" in in_words(_lesion(), spacing)


def test_an_outline_that_the_mirror_image_contradicts_is_called_unsteady() -> None:
    assert "Unsteady" not in in_words(_lesion(), None)
    assert "Unsteady" in in_words(_lesion(agreement=0.4), None)
    assert in_words(NOTHING, None) == "No lesion was drawn."


def test_the_overlay_is_cut_at_the_edge_of_the_mask() -> None:
    overlay = lesion_overlay(_lesion(), frame=3)
    assert (overlay.frame, overlay.scale, overlay.threshold) == (3, 1.0, 0.5)
    assert overlay.map.shape == (100, 200)


def test_it_is_laid_over_the_image_when_the_reader_asks() -> None:
    app = AppTest.from_function(_page, default_timeout=60)
    app.session_state["lesion"] = _lesion()
    app.run()
    assert app.session_state["asked"] is False
    app.toggle[0].set_value(True).run()
    assert app.session_state["asked"] is True


def test_where_nothing_was_drawn_nothing_can_be_laid_over() -> None:
    app = AppTest.from_function(_page, default_timeout=60)
    app.session_state["lesion"] = NOTHING
    app.run()
    assert app.toggle[0].disabled
