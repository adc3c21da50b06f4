"""Findings are said in words that never exceed the model's own calls."""

from __future__ import annotations

import itertools

import pytest

from engine.results import Call, Finding
from engine.wording import likelihood, sum_up


def test_words_follow_the_probability() -> None:
    words = [likelihood(p / 100) for p in range(101)]
    order = ["very unlikely", "unlikely", "about as likely as not", "more likely than not", "likely", "very likely"]
    assert [word for word, _ in itertools.groupby(words)] == order


@pytest.mark.parametrize(
    ("calls", "start"),
    [
        ((Call.RULED_IN, Call.RULED_OUT), "Ruled in: a 0.60"),
        ((Call.UNCERTAIN, Call.UNCERTAIN), "No firm answer. Possible: a 0.60, b 0.40"),
        ((Call.RULED_OUT, Call.RULED_OUT), "Every label is ruled out"),
    ],
)
def test_the_sentence_says_what_was_called(calls: tuple[Call, Call], start: str) -> None:
    findings = (Finding("a", 0.6, calls[0]), Finding("b", 0.4, calls[1]))
    assert sum_up(findings).startswith(start)


def test_many_labels_are_counted() -> None:
    said = sum_up([Finding(f"label {i}", 0.9, Call.RULED_IN) for i in range(5)])
    assert said.endswith("and 2 more.")
