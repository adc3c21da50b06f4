"""Sequences to windows of bases, with the way back from tokens to bases.

Letters that stand for several bases (IUPAC-IUB, Nucleic Acids Res 13, 1985) become equal shares of them.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Sequence
from engine.models.output import ModelInput
from engine.preprocess.text import NO_WORD, TokenOffsets

BASES = "ACGT"
_STANDS_FOR = {
    **{base: base for base in BASES},
    **{"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"},
    **{"B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT"},
}
_SHARES = np.zeros((256, len(BASES)), np.float32)
for _letter, _bases in _STANDS_FOR.items():
    _SHARES[ord(_letter), [BASES.index(base) for base in _bases]] = 1 / len(_bases)
_MAY_BE = _SHARES > 0  # (256, 4)
_COMPLEMENT = np.arange(256, dtype=np.uint8)
_COMPLEMENT[list(b"ACGTRYSWKMBDHVN")] = list(b"TGCAYRSWMKVHDBN")
_NOTHING_KNOWN = ord("N")


def letters_of(bases: str) -> NDArray[np.uint8]:
    """The letters of a sequence as codes, ``(N,)``."""
    return np.frombuffer(bases.encode("ascii", "replace"), np.uint8)


def reverse_complement(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The other strand of a sequence as it is read, ``(N,)``, letters that stand for several bases included."""
    return _COMPLEMENT[letters[::-1]]


def known_around(letters: NDArray[np.uint8], window: int) -> NDArray[np.int64]:
    """How many bases of the window before each base, and of that behind the last, are there and not N: ``(N + 1,)``."""
    known = np.concatenate([[0], np.cumsum(letters != _NOTHING_KNOWN)])  # (N + 1,)
    places, last = np.arange(len(known)), len(letters)
    return np.asarray(known[(places + window // 2).clip(max=last)] - known[(places - window // 2).clip(min=0)])


def find_pairs(letters: NDArray[np.uint8], pair: str) -> NDArray[np.int64]:
    """Positions of the first of two letters that may stand for a pair of bases, one of them at least not as an N."""
    first, second = letters[:-1], letters[1:]  # (N - 1,)
    may_be = _MAY_BE[first, BASES.index(pair[0])] & _MAY_BE[second, BASES.index(pair[1])]
    return np.flatnonzero(may_be & ((first != _NOTHING_KNOWN) | (second != _NOTHING_KNOWN)))


def cut_sites(letters: NDArray[np.uint8], sites: Many[int] | NDArray[Any], window: int) -> ModelInput:
    """Cut a window around each of S sites.

    Parameters
    ----------
    letters : numpy.ndarray
        ``(N,)``: a whole sequence, as of `letters_of`.
    sites : sequence of int
        The base that follows the middle of each window.
    window : int
        Bases of a window; where it reaches beyond the sequence, bases are absent.

    Returns
    -------
    ModelInput
        Shares of A, C, G and T ``(S, window, 4)``, presence ``(S, window)``.
    """
    places = np.asarray(sites)[:, None] + np.arange(window) - window // 2  # (S, T)
    there = (places >= 0) & (places < len(letters))  # (S, T)
    values = _SHARES[letters[places.clip(0, len(letters) - 1)]] * there[..., None]  # (S, T, 4)
    return ModelInput(torch.from_numpy(values), torch.from_numpy(there))


def prepare_sequence(sequence: Sequence, window: int) -> tuple[ModelInput, TokenOffsets, float]:
    """Cut the window around the site that the sequence asks about, each base a unit of its own.

    Returns
    -------
    tuple of ModelInput, TokenOffsets and float
        Shares ``(1, T, 4)``, the bases that the tokens stand for, from right to left where the site is of the other
        strand, and the share of the sequence in the window.
    """
    site, letters = site_of(sequence), letters_of(sequence.bases)
    places = np.arange(site - window // 2, site - window // 2 + window)[None]  # (1, T)
    if is_reverse(sequence):
        letters, site, places = reverse_complement(letters), len(letters) - site, 2 * site - 1 - places
    inputs = cut_sites(letters, [site], window)
    there = inputs.presence.numpy()  # (1, T)
    offsets = np.where(there[..., None], np.stack([places, places + 1], axis=-1), 0)  # (1, T, 2)
    words = np.where(there, places, NO_WORD)  # (1, T)
    return inputs, TokenOffsets(offsets, words), float(there.sum() / len(sequence.bases))


def site_of(sequence: Sequence) -> int:
    """The base after the place that is asked about: the middle of the sequence where none was chosen."""
    return abs(sequence.site) or len(sequence.bases) // 2


def is_reverse(sequence: Sequence) -> bool:
    """Whether the place is asked about as the other strand reads it."""
    return sequence.site < 0
