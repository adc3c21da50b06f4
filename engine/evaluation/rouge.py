"""ROUGE: how many words, pairs of words and words in order two texts share.

Lin, Text Summarization Branches Out, ACL 2004: F1 of ROUGE-1, ROUGE-2 and ROUGE-L (one sequence a text). Words are
runs of letters and digits in small letters, as in the reference implementation without its stemmer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum

_WORD = re.compile(r"[a-z0-9]+")


class Rouge(StrEnum):
    """What is counted: words, pairs, or the longest common subsequence."""

    ONE = "rouge_1"
    TWO = "rouge_2"
    LONGEST = "rouge_l"


def rouge(reference: str, generated: str) -> dict[Rouge, float]:
    """F1 of each kind, in [0, 1]; 0 where one of the texts has nothing to count.

    Examples
    --------
    >>> {str(kind): round(value, 3) for kind, value in rouge("No acute disease.", "No active disease").items()}
    {'rouge_1': 0.667, 'rouge_2': 0.0, 'rouge_l': 0.667}
    """
    wanted, said = words_of(reference), words_of(generated)
    shared = _longest_common(wanted, said)
    return {
        Rouge.ONE: _overlap(wanted, said, 1),
        Rouge.TWO: _overlap(wanted, said, 2),
        Rouge.LONGEST: _f1(shared, len(wanted), len(said)),
    }


def words_of(text: str) -> list[str]:
    """Split a text into the words that are counted."""
    return _WORD.findall(text.lower())


def _overlap(wanted: Sequence[str], said: Sequence[str], length: int) -> float:
    first, second = (_runs(words, length) for words in (wanted, said))
    return _f1((first & second).total(), first.total(), second.total())


def _runs(words: Sequence[str], length: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def _longest_common(wanted: Sequence[str], said: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    lengths = [0] * (len(said) + 1)
    for word in wanted:
        before = lengths
        lengths = [0]
        for rank, other in enumerate(said):
            lengths.append(before[rank] + 1 if word == other else max(before[rank + 1], lengths[-1]))
    return lengths[-1]


def _f1(shared: int, wanted: int, said: int) -> float:
    return 2 * shared / (wanted + said) if shared else 0.0
