"""Notes to overlapping windows of word pieces, and relevance of the pieces back to the words of the note.

Word pieces: Schuster & Nakajima, ICASSP 2012; Wu et al., 2016 (arXiv 1609.08144).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.case import Note
from engine.errors import CaseError, CheckpointError
from engine.models.output import ModelInput
from engine.results import Span
from engine.words import tr

SPECIAL = ("[CLS]", "[SEP]")
NO_WORD = -1
WINDOW = 256
BODY = WINDOW - len(SPECIAL)
STRIDE = 192
# Some 30,000 words, sixty dense pages: an answer takes a minute of a core, the check of its map a quarter of an hour.
MAX_WINDOWS = 256


@dataclass(frozen=True, eq=False)
class Pieces:
    """A whole text as P word pieces: ids ``(P,)``, characters ``(P, 2)`` and number of the word ``(P,)``, all int64."""

    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    words: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TokenOffsets:
    """Where each token of W windows of T tokens comes from in the note.

    Parameters
    ----------
    offsets : numpy.ndarray
        ``(W, T, 2)`` int64: first character and one past the last; zeros for special tokens and padding.
    words : numpy.ndarray
        ``(W, T)`` int64: number of the word in the note, the same in every window; -1 for special tokens and padding.
    """

    offsets: NDArray[np.int64]
    words: NDArray[np.int64]

    @property
    def special(self) -> NDArray[np.bool_]:
        """``(W, T)``: True for tokens that stand for no characters of the note."""
        return np.asarray(self.words == NO_WORD)

    def to_spans(self, relevance: NDArray[np.floating[Any]]) -> tuple[Span, ...]:
        """Merge pieces to words, average where windows overlap, and scale so that words weigh 1 on average.

        Parameters
        ----------
        relevance : numpy.ndarray
            ``(W, T)``, signed or not; values at special tokens and padding are not read.

        Returns
        -------
        tuple of Span
            One a word that was read, in the note's order; the mean of ``|relevance|`` is 1 unless all are 0.

        Raises
        ------
        ValueError
            Where the shape is not that of the windows.
        """
        if relevance.shape != self.words.shape:
            raise ValueError(f"expected relevance of shape {self.words.shape}, not {relevance.shape}")
        spans = self.raw_spans(relevance)
        average = np.abs([span.relevance for span in spans]).mean()
        return tuple(replace(span, relevance=span.relevance / average) for span in spans) if average > 0 else spans

    def raw_spans(self, relevance: NDArray[np.floating[Any]]) -> tuple[Span, ...]:
        """Merge pieces to words and average where windows overlap, in the unit of `relevance` ``(W, T)``."""
        read = ~self.special  # (W, T)
        words, member = np.unique(self.words[read], return_inverse=True)  # (N,), (P,)
        values = np.bincount(member, relevance[read]) / np.bincount(member)  # (N,) mean over pieces and windows
        starts = np.full(len(words), np.iinfo(np.int64).max)  # (N,)
        ends = np.zeros(len(words), np.int64)  # (N,)
        np.minimum.at(starts, member, self.offsets[read, 0])
        np.maximum.at(ends, member, self.offsets[read, 1])
        return tuple(Span(int(a), int(b), float(v)) for a, b, v in zip(starts, ends, values, strict=True))


def split_pieces(text: str, tokenizer: Tokenizer) -> Pieces:
    """Split a whole text into word pieces, without special tokens; words are what the tokenizer splits first.

    Raises
    ------
    CaseError
        Where the text has no words.
    """
    encoding = tokenizer.encode(text, add_special_tokens=False)
    if not encoding.ids:
        raise CaseError(tr("The note has no words."), tr("Give a note with text."))
    return Pieces(
        np.asarray(encoding.ids, np.int64),
        np.asarray(encoding.offsets, np.int64),
        np.asarray(encoding.word_ids, np.int64),
    )


def window_starts(count: int) -> list[int]:
    """First piece of each window of a note of `count` pieces: windows overlap, and at most `MAX_WINDOWS` are read.

    >>> window_starts(254), window_starts(255), window_starts(500)
    ([0], [0, 192], [0, 192, 384])
    """
    return [0, *range(STRIDE, count - BODY + STRIDE, STRIDE)][:MAX_WINDOWS]


def cut_windows(
    cuts: Sequence[tuple[Pieces, int]], tokenizer: Tokenizer, *, body: int = BODY
) -> tuple[ModelInput, TokenOffsets]:
    """Cut one window from each text at the piece given, between the two special tokens.

    Parameters
    ----------
    cuts : sequence of (Pieces, int)
        W texts, each with the piece at which its window starts.
    body : int
        The most pieces of a window.

    Returns
    -------
    tuple of ModelInput and TokenOffsets
        Token ids, presence and offsets ``(W, T)`` with T the longest window's length; padding is absent.
    """
    lengths = [min(len(pieces.ids) - start, body) for pieces, start in cuts]
    shape = (len(cuts), max(lengths) + 2)
    opening, closing = _special_ids(tokenizer)
    ids, presence = np.zeros(shape, np.int64), np.zeros(shape, bool)  # (W, T), (W, T)
    offsets, words = np.zeros((*shape, 2), np.int64), np.full(shape, NO_WORD, np.int64)  # (W, T, 2), (W, T)
    for row, ((pieces, start), length) in enumerate(zip(cuts, lengths, strict=True)):
        source, target = slice(start, start + length), slice(1, 1 + length)
        ids[row, target] = pieces.ids[source]
        offsets[row, target] = pieces.offsets[source]
        words[row, target] = pieces.words[source]
        ids[row, 0], ids[row, length + 1] = opening, closing
        presence[row, : length + 2] = True
    return ModelInput(torch.from_numpy(ids), torch.from_numpy(presence)), TokenOffsets(offsets, words)


def prepare_note(note: Note, tokenizer: Tokenizer) -> tuple[ModelInput, TokenOffsets, float]:
    """Cut a note into overlapping windows; nothing is left out before `MAX_WINDOWS` are full.

    Returns
    -------
    tuple of ModelInput, TokenOffsets and float
        The windows as of `cut_windows`, and the share of the word pieces inside them, in (0, 1].

    Raises
    ------
    CaseError
        Where the note has no words.
    """
    pieces = split_pieces(note.text, tokenizer)
    count = len(pieces.ids)
    starts = window_starts(count)
    inputs, offsets = cut_windows([(pieces, start) for start in starts], tokenizer)
    return inputs, offsets, min(1.0, (starts[-1] + BODY) / count)


def keep_words(
    inputs: ModelInput, offsets: TokenOffsets, shares: NDArray[np.floating[Any]], generator: np.random.Generator
) -> ModelInput:
    """Make random whole words absent; special tokens stay.

    Parameters
    ----------
    shares : numpy.ndarray
        ``(W,)``: the chance of each word of a window to stay, in [0, 1].
    """
    rows = np.arange(len(shares))[:, None]  # (W, 1)
    draws = generator.random((len(shares), int(offsets.words.max()) + 1))  # (W, words)
    kept = (draws[rows, offsets.words] < shares[:, None]) | offsets.special  # (W, T)
    return ModelInput(inputs.values, inputs.presence & torch.from_numpy(kept).to(inputs.presence.device))


def _special_ids(tokenizer: Tokenizer) -> tuple[int, int]:
    opening, closing = (tokenizer.token_to_id(name) for name in SPECIAL)
    if opening is None or closing is None:
        raise CheckpointError(
            tr("The tokenizer does not know {pieces}.", pieces=" and ".join(SPECIAL)), tr("Use a BERT tokenizer.")
        )
    return opening, closing
