"""Attention by layer and head, for teaching: who attends to whom, how widely, and how far away.

Entropy of heads: Clark et al., What Does BERT Look At?, BlackboxNLP 2019. Mean attention distance: Dosovitskiy et al.,
An Image is Worth 16x16 Words, ICLR 2021, figure 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.models.output import ModelOutput
from engine.preprocess.course import STATIC, VARIABLES, CourseGeometry
from engine.preprocess.image import ImageGeometry
from engine.preprocess.prepared import Prepared
from engine.preprocess.question import QuestionGeometry
from engine.preprocess.text import TokenOffsets
from engine.results import Span

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Heads:
    """All attention of one window of a case: K tokens that are there, in N layers of H heads.

    Parameters
    ----------
    attention : numpy.ndarray
        ``(N, H, K, K)`` float32: from each token (row) to each (column), rows summing to 1.
    readout : numpy.ndarray
        ``(K,)`` float32, summing to 1: how the answer reads the tokens of the last layer.
    places : numpy.ndarray
        ``(K, 2)`` float32: row and column of a patch, counted in patches; (0, number of the piece) for a note;
        (0, hour) for a course; patches, then words, for a question.
    pieces : tuple of Span or None
        The characters of each token of a note (none for a special token); empty for an image or a course.
    names : tuple of str
        Of a course, the short name of what each token says; only tokens that the network reads are among the K.
    window, windows : int
        Which window this is, and how many the case has.
    """

    attention: Floats
    readout: Floats
    places: Floats
    pieces: tuple[Span | None, ...]
    window: int = 0
    windows: int = 1
    names: tuple[str, ...] = ()

    def seen_from(self, token: int | None) -> Floats:
        """Attention ``(N, H, K)`` of one token, or of the answer: the mean over tokens as the readout weighs them."""
        if token is None:
            return np.asarray(np.einsum("k,nhkj->nhj", self.readout, self.attention))
        return self.attention[:, :, token]

    @property
    def entropy(self) -> Floats:
        """Mean entropy of each head, ``(N, H)`` in bits: 0 looks at one token, log2 K at all alike."""
        weights = np.clip(self.attention, np.finfo(np.float32).tiny, None)
        return np.asarray(-(self.attention * np.log2(weights)).sum(axis=-1).mean(axis=-1))

    @property
    def distance(self) -> Floats:
        """Mean distance that each head looks, ``(N, H)``, in patches, word pieces or hours."""
        apart = np.linalg.norm(self.places[:, None] - self.places[None], axis=-1)  # (K, K)
        return np.asarray(np.einsum("nhij,ij->nh", self.attention, apart) / len(self.places))


def heads_of(network: nn.Module, prepared: Prepared, window: int = 0) -> Heads:
    """Ask a network for the attention of one window; no other window is computed, however long the note.

    Raises
    ------
    IndexError
        If there is no such window.
    """
    windows = len(prepared.inputs.presence)
    if not 0 <= window < windows:
        raise IndexError(f"window {window} of {windows}")
    with torch.inference_mode():
        output: ModelOutput = network(prepared.inputs.select(torch.tensor([window])))
    present = prepared.inputs.presence[window].cpu().numpy()  # (T,)
    if isinstance(prepared.geometry, CourseGeometry):  # what is not the newest of its variable is no key and not read
        present = present & (output.readout[0].cpu().numpy() > 0)
    attention = np.stack([_among(layer[0].float().cpu().numpy(), present) for layer in output.attentions])
    readout = output.readout[0].float().cpu().numpy()[present]  # (K,)
    places, pieces = _tokens(prepared, window, present)
    return Heads(attention, readout, places, pieces, window, windows, _names(prepared, present))


def _names(prepared: Prepared, present: NDArray[np.bool_]) -> tuple[str, ...]:
    """What the present tokens of a course say; empty for anything else."""
    if not isinstance(prepared.geometry, CourseGeometry):
        return ()
    return tuple((*VARIABLES, *STATIC)[kind - 1] for kind in prepared.geometry.kinds[present])


def _among(attention: Floats, present: NDArray[np.bool_]) -> Floats:
    """Attention ``(H, T, T)`` among the tokens that are there, ``(H, K, K)``."""
    return attention[:, present][:, :, present]


def _tokens(prepared: Prepared, window: int, present: NDArray[np.bool_]) -> tuple[Floats, tuple[Span | None, ...]]:
    """Where the present tokens of a window lie."""
    ranks = np.flatnonzero(present)  # (K,)
    geometry = prepared.geometry
    if isinstance(geometry, ImageGeometry):
        return _patches(geometry, ranks), ()
    if isinstance(geometry, QuestionGeometry):
        seen, said = ranks[ranks < geometry.patches], ranks[ranks >= geometry.patches] - geometry.patches
        places, pieces = _pieces(geometry.words, 0, said)
        return np.concatenate([_patches(geometry.image, seen), places]), (*([None] * len(seen)), *pieces)
    if isinstance(geometry, CourseGeometry):
        return np.stack([np.zeros(len(ranks)), geometry.bins[ranks]], axis=1).astype(np.float32), ()
    return _pieces(geometry, window, ranks)


def _patches(geometry: ImageGeometry, ranks: NDArray[np.int64]) -> Floats:
    """Row and column of some tokens, counted in patches from the picture's corner."""
    rows, columns = np.divmod(ranks, geometry.size // geometry.patch)
    corner = geometry.top // geometry.patch, geometry.left // geometry.patch
    return np.stack([rows - corner[0], columns - corner[1]], axis=1).astype(np.float32)


def _pieces(geometry: TokenOffsets, window: int, ranks: NDArray[np.int64]) -> tuple[Floats, tuple[Span | None, ...]]:
    """Number and characters of some tokens of a window of words."""
    ends, special = geometry.offsets[window], geometry.special[window]
    pieces = tuple(None if special[rank] else Span(int(ends[rank, 0]), int(ends[rank, 1]), 0.0) for rank in ranks)
    return np.stack([np.zeros(len(ranks)), ranks], axis=1).astype(np.float32), pieces
