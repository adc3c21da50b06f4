"""Notes to words with their letters: what a tagger of words reads, and where each word stands in the note.

Words are runs of letters or of digits; every other sign is a word of its own. Each comes as word pieces (what it may
mean), as letters (how it is written), and with its case and the gap before it (where it stands on the page).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.models.tagger import GAPS, LETTERS, SHAPES, TaggerInput

MOST_PIECES, MOST_LETTERS = 6, 20
_WORD = re.compile(r"[^\W\d_]+|\d+|_+|[^\w\s]")
_OTHER_LETTER, _OTHER_DIGIT, _OTHER_SIGN = LETTERS - 3, LETTERS - 2, LETTERS - 1


@dataclass(frozen=True, eq=False)
class Words:
    """A text as N words.

    Parameters
    ----------
    offsets : numpy.ndarray
        ``(N, 2)`` int64: first character and one past the last.
    pieces, letters : numpy.ndarray
        ``(N, P)`` and ``(N, C)`` int64; 0 is padding.
    shapes, gaps : numpy.ndarray
        ``(N,)`` int64.
    """

    offsets: NDArray[np.int64]
    pieces: NDArray[np.int64]
    letters: NDArray[np.int64]
    shapes: NDArray[np.int64]
    gaps: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets)

    def part(self, start: int, end: int) -> Words:
        """The words of rank [start, end)."""
        inside = slice(start, end)
        return Words(
            self.offsets[inside], self.pieces[inside], self.letters[inside], self.shapes[inside], self.gaps[inside]
        )


def split_words(text: str, tokenizer: Tokenizer) -> Words:
    """Split a text into words."""
    places = [match.span() for match in _WORD.finditer(text)]
    distinct = sorted({text[start:end] for start, end in places})
    rows = {word: rank for rank, word in enumerate(distinct)}
    member = np.array([rows[text[start:end]] for start, end in places], np.int64)  # (N,)
    encoded = tokenizer.encode_batch(distinct, add_special_tokens=False)
    pieces = _padded([one.ids for one in encoded], MOST_PIECES)
    letters = _padded([[_letter(sign) for sign in word] for word in distinct], MOST_LETTERS)
    shapes = np.array([_shape(word) for word in distinct], np.int64)
    ends = [0, *(end for _, end in places)]
    gaps = [
        _gap(text[before:start], first=rank == 0)
        for rank, ((start, _), before) in enumerate(zip(places, ends, strict=False))
    ]
    return Words(
        np.array(places, np.int64).reshape(-1, 2), pieces[member], letters[member], shapes[member], np.array(gaps, int)
    )


def batch_words(parts: Sequence[Words]) -> TaggerInput:
    """Make one batch of texts of different lengths."""
    longest = max(len(part) for part in parts)

    def stacked(name: str) -> torch.Tensor:
        rows = [torch.from_numpy(getattr(part, name)) for part in parts]
        return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)

    presence = torch.arange(longest) < torch.tensor([len(part) for part in parts])[:, None]  # (B, T)
    return TaggerInput(stacked("pieces"), stacked("letters"), stacked("shapes"), stacked("gaps"), presence)


def _padded(rows: Sequence[Sequence[int]], width: int) -> NDArray[np.int64]:
    """Rows cut or padded to a width: of a longer one its beginning and its end stay."""
    table = np.zeros((len(rows), width), np.int64)
    half = width // 2
    for place, row in enumerate(rows):
        kept = row if len(row) <= width else [*row[:half], *row[-half:]]
        table[place, : len(kept)] = kept
    return table


def _letter(sign: str) -> int:
    """Number of a character: ASCII as it is, letters with marks as their base, others by what they are."""
    if not "!" <= sign <= "~":
        sign = unicodedata.normalize("NFKD", sign)[0]
    if "!" <= sign <= "~":
        return ord(sign) - ord("!") + 1
    return _OTHER_LETTER if sign.isalpha() else _OTHER_DIGIT if sign.isdigit() else _OTHER_SIGN


def _shape(word: str) -> int:
    if not word[0].isalpha():
        return SHAPES.index("digits" if word[0].isdigit() else "sign")
    if word.isupper():
        return SHAPES.index("initial" if len(word) == 1 else "upper")
    return SHAPES.index("title" if word.istitle() else "lower" if word.islower() else "mixed")


def _gap(between: str, *, first: bool) -> int:
    lines = between.count("\n")
    name = "paragraph" if first or lines > 1 else "line" if lines else "blank" if between else "none"
    return GAPS.index(name)
