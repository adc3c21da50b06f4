"""An impression that a model drafts from findings, and what it and the findings disagree on: plain records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.words import mark


class CheckKind(StrEnum):
    """How a draft and the findings that it was written from disagree on a finding."""

    NOT_THERE = mark("not in the findings")
    DENIED = mark("denied in the findings")
    RESOLVED = mark("resolved in the findings")
    ONLY_POSSIBLE = mark("only possible in the findings")
    OTHER_SIDE = mark("on another side in the findings")
    OTHER_SIZE = mark("of another size in the findings")
    LEFT_OUT = mark("left out of the draft")

    @property
    def contradicts(self) -> bool:
        """Whether the findings say that what the draft states is not there."""
        return self in (CheckKind.DENIED, CheckKind.RESOLVED)


@dataclass(frozen=True)
class Check:
    """A finding on which a draft and its findings disagree, by a list of words and the rules of denial.

    Parameters
    ----------
    draft, source : tuple of int or None
        Characters [start, end) that name it in the draft, and in the note; None where nothing does.
    """

    kind: CheckKind
    finding: str
    draft: tuple[int, int] | None = None
    source: tuple[int, int] | None = None


@dataclass(frozen=True)
class DraftedWord:
    """One word of a draft, or one sign: its characters [start, end) in the draft, and its probability in [0, 1]."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, eq=False)
class Draft:
    """An impression that a model wrote from findings; or the reason why it writes none.

    Parameters
    ----------
    text : str
        Empty where there is no draft.
    reason : str
        In words, why there is none; empty where there is one.
    words : tuple of DraftedWord
        D words of the text, in order.
    sources : tuple of (int, int)
        Characters [start, end) in the note of the S words that were read.
    alignment : numpy.ndarray
        ``(D, S)`` float32, at least 0, each row summing to 1 (or all 0): from which words each word was written.
    confidence, least : float
        Geometric mean of the probabilities of the word pieces, in [0, 1], and the least with which a draft is shown.
    checks : tuple of Check
        On what draft and findings disagree.
    checked : int
        How many findings were looked for.
    passed_over : tuple of str
        Findings for which better ranked drafts were passed over: they stated them, and the findings say that they are
        not there.
    """

    text: str
    reason: str
    words: tuple[DraftedWord, ...]
    sources: tuple[tuple[int, int], ...]
    alignment: NDArray[np.float32]
    confidence: float
    least: float
    checks: tuple[Check, ...] = ()
    checked: int = 0
    passed_over: tuple[str, ...] = ()
