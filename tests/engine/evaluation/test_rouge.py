"""ROUGE by hand, and what holds for any two texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.rouge import Rouge, rouge, words_of


def test_figures_by_hand() -> None:
    found = rouge("1. No acute disease. 2. Old fracture.", "Old fracture, no acute disease")
    assert found[Rouge.ONE] == pytest.approx(2 * 5 / (7 + 5))
    assert found[Rouge.TWO] == pytest.approx(2 * 3 / (6 + 4))  # no acute, acute disease, old fracture
    assert found[Rouge.LONGEST] == pytest.approx(2 * 3 / (7 + 5))


def test_a_word_counts_as_often_as_both_have_it() -> None:
    assert rouge("clear clear lungs", "clear")[Rouge.ONE] == pytest.approx(2 * 1 / (3 + 1))


@pytest.mark.parametrize(("one", "other"), [("", "Clear."), ("Clear.", ""), ("", ""), ("...", "!")])
def test_nothing_to_count_is_nothing(one: str, other: str) -> None:
    assert set(rouge(one, other).values()) == {0.0}


@given(st.text("ab c.", max_size=30), st.text("ab c.", max_size=30))
def test_it_is_the_same_both_ways_and_one_for_equal_words(one: str, other: str) -> None:
    found = rouge(one, other)
    assert found == rouge(other, one)
    assert all(0 <= value <= 1 for value in found.values())
    assert found[Rouge.LONGEST] <= found[Rouge.ONE] + 1e-9
    if len(words_of(one)) > 1:
        assert set(rouge(one, one.upper()).values()) == {1.0}
