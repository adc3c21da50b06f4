"""Generated notes on small children whose chests were filmed, with what each is worth as evidence, exactly.

A note states some signs, which are independent given the kind of film. So Bayes' rule gives the probability of each
kind after reading, and shows what a model makes of the words. Some notes are about something else, and some were
written for a child with another kind of film: a reader must not trust either blindly.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.training.chest_fillers import BESIDE, ELSEWHERE, HEADINGS, OPENINGS
from engine.training.chest_signs import EXAMINATION, HISTORY, KINDS, SIGNS, TESTS, Level

ASTRAY = 0.08  # share of the notes that were written for a child with another kind of film
ABOUT_ELSE = 0.08  # share of the notes on something else
LONG = 0.2  # share of the notes that say much beside the signs
_DETAIL = {HISTORY: (0.3, 0.9), EXAMINATION: (0.2, 0.8), TESTS: (0.0, 0.6)}  # least and most chance of a sign

_Item = TypeVar("_Item")


class Aim(StrEnum):
    """What a note was written about."""

    FILM = "fits the film"
    ASTRAY = "fits another kind of film"
    ELSE = "about something else"


@dataclass(frozen=True)
class ChildNote:
    """A generated note.

    Parameters
    ----------
    stated : tuple of (int, int)
        The signs that it states: for each its rank in `SIGNS`, and the rank of its level.
    aim : Aim
        What it was written about, which no reader is told.
    """

    text: str
    stated: tuple[tuple[int, int], ...]
    aim: Aim

    @property
    def likelihood(self) -> NDArray[np.float64]:
        """``(3,)``: how probable such a note is for each of `KINDS`, up to a factor that they share."""
        shares = np.array([SIGNS[sign].levels[level].shares for sign, level in self.stated]).reshape(-1, len(KINDS))
        own = shares.prod(axis=0)  # (3,)
        others = (own.sum() - own) / (len(KINDS) - 1)  # (3,)
        return np.asarray((1 - ASTRAY) * own + ASTRAY * others)


def posterior(note: ChildNote, prior: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Probability ``(3,)`` of each kind of film after reading a note, by Bayes' rule.

    Parameters
    ----------
    prior : sequence of float
        Of each of `KINDS` before reading; sums to 1.

    Examples
    --------
    >>> posterior(ChildNote("Has no complaints.", (), Aim.ELSE), (0.5, 0.25, 0.25))
    array([0.5 , 0.25, 0.25])
    """
    joint = note.likelihood * prior  # (3,)
    return np.asarray(joint / joint.sum())


def write_note(kind: str, generator: np.random.Generator) -> ChildNote:
    """Write a note for a child whose film is of a kind.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    """
    words, told, aim = _Words(generator), KINDS.index(kind), Aim.FILM
    if generator.random() < ABOUT_ELSE:
        aim = Aim.ELSE
    elif generator.random() < ASTRAY:
        aim, told = Aim.ASTRAY, (told + int(generator.integers(1, len(KINDS)))) % len(KINDS)
    stated = [] if aim is Aim.ELSE else _draw_signs(told, generator)
    said: dict[str, list[str]] = {part: [] for part in _DETAIL}
    for sign, level in stated:
        said[SIGNS[sign].part].append(words.tell(SIGNS[sign].levels[level]))
    opening = words.fill(words.pick(ELSEWHERE if aim is Aim.ELSE else OPENINGS))
    return ChildNote(_composed(opening, said, words), tuple(stated), aim)


def _draw_signs(kind: int, generator: np.random.Generator) -> list[tuple[int, int]]:
    """Draw which signs are stated, whatever they are, and what each is for a kind of film."""
    chance = {part: generator.uniform(*ends) for part, ends in _DETAIL.items()}
    return [
        (rank, min(bisect(list(accumulate(level.shares[kind] for level in sign.levels)), draw), len(sign.levels) - 1))
        for rank, (sign, draw) in enumerate(zip(SIGNS, generator.random(len(SIGNS)), strict=True))
        if generator.random() < chance[sign.part]
    ]


class _Words:
    """The words of one note, for one child."""

    def __init__(self, generator: np.random.Generator) -> None:
        self.generator = generator
        months, boy = int(generator.integers(12, 72)), bool(generator.random() < 0.55)
        self._child = {
            "age": f"{months}-month" if months < 24 else f"{months // 12}-year",
            "years": months // 12,
            "he": "he" if boy else "she",
            "his": "his" if boy else "her",
            "child": "boy" if boy else "girl",
            "sex": "M" if boy else "F",
        }

    def pick(self, items: Sequence[_Item]) -> _Item:
        """Draw one of several."""
        return items[int(self.generator.integers(len(items)))]

    def fill(self, wording: str, number: str = "", fahrenheit: str = "") -> str:
        """Fill in what a wording leaves open."""
        free = {"m": int(self.generator.integers(1, 10)), "side": self.pick(("right", "left"))}
        return wording.format(n=number, f=fahrenheit, **free, **self._child)

    def tell(self, level: Level) -> str:
        """Word a level, with a number where it has one."""
        number = round(float(self.generator.uniform(level.low, level.high)), level.digits)
        return self.fill(self.pick(level.wordings), f"{number:.{level.digits}f}", f"{number * 9 / 5 + 32:.1f}")


def _composed(opening: str, said: Mapping[str, Sequence[str]], words: _Words) -> str:
    """Put a note together, under headings or not, with what tells nothing between what does."""
    headed, telegram = words.generator.random() < 0.5, words.generator.random() < 0.4
    most = 12 if words.generator.random() < LONG else 4
    paragraphs = []
    for part, told in said.items():
        lines = _sentences(told, words, telegram=telegram)
        count = int(words.generator.integers(min(most, len(BESIDE[part]) + 1)))
        beside = words.generator.choice(len(BESIDE[part]), size=count, replace=False)
        lines += [words.fill(BESIDE[part][rank]) for rank in beside]
        lines = [lines[rank] for rank in words.generator.permutation(len(lines))]
        if part == HISTORY:
            lines.insert(0, opening)
        if lines:
            heading = f"{words.pick(HEADINGS[part])} " if headed else ""
            paragraphs.append(heading + " ".join(line[0].upper() + line[1:] for line in lines))
    return words.pick(("\n", "\n\n", " ")).join(paragraphs)


def _sentences(told: Sequence[str], words: _Words, *, telegram: bool) -> list[str]:
    """Join what is told to sentences of one to three things."""
    order = [told[rank] for rank in words.generator.permutation(len(told))]
    found = []
    while order:
        some, order = order[: (count := int(words.generator.integers(1, 4)))], order[count:]
        joint = words.pick((", ", "; ", ". ")) if telegram else words.pick((", ", ", ", " and "))
        found.append(f"{joint.join(some)}.")
    return found
