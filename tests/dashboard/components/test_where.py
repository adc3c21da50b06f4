"""Shares on the screen: halves, drawn boxes, sections, and the known finding beside a blob."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.where import course_shares, zones
from engine import Course, Explanation, Method, Share, Stretch


def test_a_course_is_counted_by_its_hours_and_its_leading_variables() -> None:
    hours, names = np.asarray([0.0, 10.0, 30.0, 40.0]), ("HR", "HR", "MAP", "Lactate")
    course = Course(hours, names, np.asarray([80.0, 90, 60, 4]), digest="x")
    observed = np.asarray([1.0, -2.0, 3.0, np.nan], np.float32)
    shares = course_shares(course, Explanation(Method.LIBRA_FULL_GRADIENT, "death", 4.0, observed=observed))
    assert list(shares)[:4] == ["Hours 0 to 10", "Hours 10 to 20", "Hours 20 to 30", "Hours 30 to 40"]
    assert list(shares)[4:] == ["Mean pressure, arterial line", "Heart rate", "Lactate"]
    assert shares["Mean pressure, arterial line"] == Share(0.75, pytest.approx(1 / 3))
    assert shares["Hours 0 to 10"] == Share(0.25, pytest.approx(1 / 3))
    assert shares["Lactate"] == Share(0.0, 0.0)


@pytest.mark.parametrize("reverse", [False, True])
def test_the_bases_around_a_junction_lie_as_its_strand_reads_them(reverse: bool) -> None:
    far, pyrimidines, junction, behind = zones(1000, reverse=reverse).values()
    if reverse:
        assert (far, pyrimidines) == (Stretch(1020, 1030), Stretch(1003, 1020))
        assert (junction, behind) == (Stretch(994, 1003), Stretch(970, 994))
    else:
        assert (far, pyrimidines) == (Stretch(970, 980), Stretch(980, 997))
        assert (junction, behind) == (Stretch(997, 1006), Stretch(1006, 1030))


def film() -> None:
    """Draw the shares of a sample whose map is its own finding."""
    import numpy as np

    from dashboard.components.where import where
    from engine import Box, Explanation, Method, sample_case, truth_mask

    case = sample_case("chest-bacterial-1")
    mask = truth_mask(case)
    explanation = Explanation(Method.RELEVANCE, "normal", 1.0, map=mask.astype(np.float32))
    where(case, explanation, (Box(0, 0, 1024, 1280),), image_index=0, frame=0)


def film_with_lungs() -> None:
    """Draw the shares of a film whose map lies in one lung alone."""
    import numpy as np

    from dashboard.components.where import where
    from engine import Explanation, Method, sample_case

    case = sample_case("chest-normal-1")
    right, left = np.zeros((2, *case.images[0].shape), bool)
    right[200:400, 200:400] = left[200:400, 800:1000] = True
    explanation = Explanation(Method.RELEVANCE, "normal", 1.0, map=right.astype(np.float32))
    lungs = {"Right lung": right, "Left lung": left}
    where(case, explanation, (), image_index=0, frame=0, lungs=lungs)


def film_without_lungs() -> None:
    """Draw the shares of a film on which the lungs were not found."""
    import numpy as np

    from dashboard.components.where import where
    from engine import Explanation, Method, sample_case

    case = sample_case("chest-normal-1")
    explanation = Explanation(Method.RELEVANCE, "normal", 1.0, map=np.ones(case.images[0].shape, np.float32))
    where(case, explanation, (), image_index=0, frame=0, lungs={})


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


def test_a_chest_film_is_counted_by_lung_and_says_that_they_are_estimated() -> None:
    html = html_of(AppTest.from_function(film_with_lungs, default_timeout=60).run())
    assert '<th scope="row">Right lung</th><td>100%</td><td>3%</td>' in html
    assert '<th scope="row">Left lung</th><td>0%</td>' in html
    assert '<th scope="row">Outside the lungs</th><td>0%</td><td>94%</td>' in html
    assert "estimated from the picture" in html
    assert "patient's right" in html


def test_where_the_lungs_were_not_found_the_halves_stay_and_the_page_says_so() -> None:
    html = html_of(AppTest.from_function(film_without_lungs, default_timeout=60).run())
    assert "could not be told apart" in html
    assert "patient's right" in html
    assert "Outside the lungs" not in html


def test_a_note_has_its_sections() -> None:
    html = html_of(AppTest.from_function(note, default_timeout=60).run())
    for name in ("SUBJECTIVE", "OBJECTIVE", "ASSESSMENT", "PLAN"):
        assert f">{name}</th>" in html
    assert "1.0 ×" in html
