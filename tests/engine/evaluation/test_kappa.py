"""Kappa as in the textbooks and in scikit-learn, for every resample at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from engine.evaluation.kappa import cohen_kappa, fleiss_kappa

TEXTBOOK = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
ONCE = np.ones((1, 10))
CALLS = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=30)


def test_fleiss_as_in_the_textbook() -> None:
    assert fleiss_kappa(TEXTBOOK, ONCE)[0] == pytest.approx(0.210, abs=5e-4)


def test_a_case_drawn_twice_counts_twice() -> None:
    weights = np.array([[2, 0, 1, 1, 1, 1, 1, 1, 1, 1.0]])
    drawn = np.repeat(TEXTBOOK, weights[0].astype(int), axis=0)
    assert fleiss_kappa(TEXTBOOK, weights)[0] == pytest.approx(fleiss_kappa(drawn, np.ones((1, 10)))[0])


@settings(deadline=None)
@given(CALLS)
def test_cohen_as_in_scikit_learn(calls: list[tuple[bool, bool]]) -> None:
    first, second = np.array(calls).T
    found = cohen_kappa(first, second, np.ones((1, len(calls))))[0]
    if first.all() == second.all() and len({*first, *second}) == 1:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(cohen_kappa_score(first, second))


@settings(deadline=None)
@given(CALLS)
def test_two_raters_who_always_agree_have_one_or_nothing(calls: list[tuple[bool, bool]]) -> None:
    first = np.array(calls)[:, 0]
    counts = np.stack([2 * first, 2 * ~first], axis=1).astype(int)
    for found in (cohen_kappa(first, first, np.ones((1, len(first)))), fleiss_kappa(counts, np.ones((1, len(first))))):
        assert np.isnan(found[0]) if len(set(first)) == 1 else found[0] == pytest.approx(1)


@pytest.mark.parametrize("counts", [[[2, 0], [1, 0]], [[1, 0], [0, 1]], np.zeros((0, 2))])
def test_uneven_or_single_raters_are_refused(counts: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="same number of raters"):
        fleiss_kappa(np.array(counts), np.ones((1, len(counts))))
