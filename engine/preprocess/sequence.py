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


def letters_of(bases: str) -> NDArray[np.uint8]:
    """The letters of a sequence as codes, ``(N,)``."""
    return np.frombuffer(bases.encode("ascii", "replace"), np.uint8)


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
        Shares ``(1, T, 4)``, the bases that the tokens stand for, and the share of the sequence in the window.
    """
    site = site_of(sequence)
    inputs = cut_sites(letters_of(sequence.bases), [site], window)
    there = inputs.presence.numpy()  # (1, T)
    places = np.arange(site - window // 2, site - window // 2 + window)[None]  # (1, T)
    offsets = np.where(there[..., None], np.stack([places, places + 1], axis=-1), 0)  # (1, T, 2)
    words = np.where(there, places, NO_WORD)  # (1, T)
    return inputs, TokenOffsets(offsets, words), float(there.sum() / len(sequence.bases))


def site_of(sequence: Sequence) -> int:
    """The base after the place that is asked about: the middle of the sequence where none was chosen."""
    return sequence.site or len(sequence.bases) // 2
