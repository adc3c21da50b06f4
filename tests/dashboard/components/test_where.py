"""Shares on the screen: halves, drawn boxes, sections, and the known finding beside a blob."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def film() -> None:
    """Draw the shares of a sample whose map is its own finding."""
    import numpy as np

    from dashboard.components.where import where
    from engine import Box, Explanation, Method, sample_case, truth_mask

    case = sample_case("chest-bacterial-1")
    mask = truth_mask(case)
    explanation = Explanation(Method.RELEVANCE, "normal", 1.0, map=mask.astype(np.float32))
    where(case, explanation, (Box(0, 0, 1024, 1280),), image_index=0, frame=0)


def note() -> None:
    """Draw the shares of a note whose words all weigh the same."""
    from dashboard.components.where import where
    from engine import Explanation, Method, Span, sample_case

    case = sample_case("note-stone-1")
    spans = tuple(Span(start, start + 1, 1.0) for start in range(0, len(case.note.text), 2))
    where(case, Explanation(Method.RELEVANCE, "Urology", 1.0, spans=spans), (), image_index=0, frame=0)


def html_of(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_a_film_has_halves_boxes_and_its_known_finding() -> None:
    html = html_of(AppTest.from_function(film, default_timeout=60).run())
    assert "patient's right" in html
    assert '<th scope="row">Box 1</th><td>100%</td><td>100%</td><td>1.0 ×</td>' in html
    assert "<td>yes</td>" in html
    assert "<td>100%</td>" in html
    assert "more than a blob" in html


def test_a_note_has_its_sections() -> None:
    html = html_of(AppTest.from_function(note, default_timeout=60).run())
    for name in ("SUBJECTIVE", "OBJECTIVE", "ASSESSMENT", "PLAN"):
        assert f">{name}</th>" in html
    assert "1.0 ×" in html
