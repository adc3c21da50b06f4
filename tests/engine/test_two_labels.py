"""Two labels of one note: maps in one unit, whose difference is the map of why the one and not the other."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Method, TwoLabels, compare_labels, explain_case, sample_case, shipped_model
from engine.errors import CaseError, UnknownLabel
from engine.results import Span

LABEL, OTHER = "Urology", "Nephrology"


def test_the_difference_of_both_maps_is_the_map_of_the_comparison() -> None:
    case, model = sample_case("note-stone-1"), shipped_model("clinical-note")
    both = compare_labels(case, model, Method.LIBRA_FULL_GRADIENT, LABEL, OTHER)
    apart = explain_case(case, model, method=Method.LIBRA_FULL_GRADIENT, label=LABEL, rather_than=OTHER)
    assert [(s.start, s.end) for s in both.spans] == [(s.start, s.end) for s in both.other_spans]
    found = np.array([a.relevance - b.relevance for a, b in zip(both.spans, both.other_spans, strict=True)])
    told = np.array([span.relevance for span in apart.spans])
    assert np.corrcoef(found, told)[0, 1] == pytest.approx(1.0, abs=1e-4)
    assert np.mean([abs(s.relevance) for s in (*both.spans, *both.other_spans)]) == pytest.approx(1.0)


def test_turned_round_the_maps_change_places() -> None:
    case, model = sample_case("note-stone-1"), shipped_model("clinical-note")
    one = compare_labels(case, model, Method.ATTCAT, LABEL, OTHER)
    other = compare_labels(case, model, Method.ATTCAT, OTHER, LABEL)
    assert [s.relevance for s in one.spans] == pytest.approx(
        [s.relevance for s in other.other_spans], rel=1e-3, abs=1e-4
    )


@pytest.mark.parametrize("method", [Method.ROLLOUT, Method.SHAPLEY])
def test_methods_that_cannot_map_two_labels_at_once_say_so(method: Method) -> None:
    with pytest.raises(CaseError, match="two labels"):
        compare_labels(sample_case("note-stone-1"), shipped_model("clinical-note"), method, LABEL, OTHER)


def test_a_label_that_the_model_lacks_is_named() -> None:
    with pytest.raises(UnknownLabel, match="Astrology"):
        compare_labels(sample_case("note-stone-1"), shipped_model("clinical-note"), Method.ATTCAT, LABEL, "Astrology")


def test_an_image_has_no_labels_held_against_each_other() -> None:
    case, model = sample_case("chest-viral-1"), shipped_model("chest-xray")
    with pytest.raises(CaseError, match="notes alone"):
        compare_labels(case, model, Method.ATTCAT, *model.labels[:2])


def test_telling_words_speak_for_their_own_label() -> None:
    ends = [(0, 1), (2, 3), (4, 5), (6, 7)]
    first = [Span(*end, value) for end, value in zip(ends, (3.0, 1.0, -1.0, -2.0), strict=True)]
    second = [Span(*end, value) for end, value in zip(ends, (1.0, 2.0, 4.0, -1.0), strict=True)]
    both = TwoLabels("a", "b", tuple(first), tuple(second))
    assert both.telling(most=3) == ((0,), (2, 1))  # the last speaks against both
    assert both.telling(most=1) == ((0,), (2,))
    assert both.total == 8.0
