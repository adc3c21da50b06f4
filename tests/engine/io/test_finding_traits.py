"""Sides, sizes and resolution near a mention, and not those of its neighbours."""

from __future__ import annotations

import pytest

from engine.io.finding_traits import LEFT, RIGHT, Size, traits_of


@pytest.mark.parametrize(
    ("sentence", "word", "sides", "sizes", "gone"),
    [
        ("Small left effusion, large right opacity.", "effusion", {LEFT}, {Size.SMALL}, False),
        ("Bilateral effusions.", "effusions", {LEFT, RIGHT}, set(), False),
        ("Left and right effusions.", "effusions", {LEFT, RIGHT}, set(), False),
        ("Opacity in the left or right base.", "Opacity", {LEFT, RIGHT}, set(), False),
        ("Mild to moderate effusion.", "effusion", set(), {Size.SMALL, Size.MODERATE}, False),
        ("The effusion has completely resolved.", "effusion", set(), set(), True),
        ("Interval resolution of the effusion.", "effusion", set(), set(), True),
        ("The effusion has almost completely resolved.", "effusion", set(), set(), False),
        ("The effusion has not resolved.", "effusion", set(), set(), False),
        ("Resolving effusion.", "effusion", set(), set(), False),
    ],
)
def test_traits_are_read_near_the_mention(
    sentence: str, word: str, sides: set[str], sizes: set[Size], gone: bool
) -> None:
    start = sentence.index(word)
    found = traits_of(sentence, start, start + len(word))
    assert (found.sides, found.sizes, found.gone) == (sides, sizes, gone)


def test_what_is_said_of_another_finding_is_not_taken() -> None:
    sentence = "Left effusion opacity right."
    assert traits_of(sentence, 5, 13, [(14, 21)]).sides == {LEFT}
    assert traits_of(sentence, 14, 21, [(5, 13)]).sides == {RIGHT}
