"""Learning to read a frozen text encoder: a linear head over the embeddings of whole notes, and a memory of them.

The encoder reads each note once whole and some times with random words absent, so that the head knows both; then the
head is fitted to its optimum in seconds, which makes as many folds as one likes cheap. Masking: Covert et al., ICLR
2023 (arXiv 2206.05282); the loss of the order: Cao et al., ICML 2007 (ListNet).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from engine.models.pack import pack_present
from engine.models.retrieval import votes_of
from engine.models.text import TextTransformer
from engine.preprocess.text import Pieces, cut_windows, keep_words, window_starts

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
LEAST_KEPT = 0.1
STEPS = 100  # of L-BFGS; the loss is convex
SMALLEST = 1e-6

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReadoutSettings:
    """How a head is learnt.

    Parameters
    ----------
    vocabulary : int
        Word pieces that the encoder keeps; 0 keeps all.
    thinned : int
        How often each note is read with random words absent, beside once whole.
    order : float
        Weight of the loss of the labels' order in a note (a softmax over labels), beside that of each label alone.
    decay : float
        Weight of the squared weights, in units of the deviation of each dimension, beside the loss of a note.
    temperature, weight, prior : float
        Of the memory, as of `RetrievalTransformerConfig`; the share of a label's frequency that every memory votes for.
    folds : int
        Heads and memories without a part of the notes, to judge that part.
    """

    vocabulary: int = 6400
    thinned: int = 1
    order: float = 3.0
    decay: float = 0.15
    temperature: float = 0.05
    weight: float = 0.35
    prior: float = 0.05
    folds: int = 5


@dataclass(frozen=True, eq=False)
class Reading:
    """What an encoder made of N notes in S windows: ``(S, D)`` float32, and the note of each window, ``(S,)`` int64."""

    vectors: NDArray[np.float32]
    owners: NDArray[np.int64]

    @property
    def means(self) -> NDArray[np.float32]:
        """``(N, D)``: the mean over the windows of each note."""
        counts = np.bincount(self.owners)  # (N,)
        summed = np.zeros((len(counts), self.vectors.shape[1]), np.float32)  # (N, D)
        np.add.at(summed, self.owners, self.vectors)
        return np.asarray(summed / counts[:, None], np.float32)

    def of(self, notes: NDArray[np.int64]) -> Reading:
        """Select some notes, numbered anew in the order given."""
        rank = np.full(self.owners.max() + 1, -1)  # (N,)
        rank[notes] = np.arange(len(notes))
        inside = rank[self.owners] >= 0  # (S,)
        return Reading(self.vectors[inside], rank[self.owners[inside]])


def read_notes(
    network: TextTransformer, tokenizer: Tokenizer, notes: Sequence[Pieces], *, thinned: bool = False, seed: int = 0
) -> Reading:
    """Read whole notes, window by window.

    Parameters
    ----------
    thinned : bool
        Each note with its own random share of the words, at least `LEAST_KEPT`.
    """
    generator = np.random.default_rng(seed)
    device = next(network.parameters()).device
    vectors, owners = [], []
    for row, pieces in enumerate(notes):
        inputs, offsets = cut_windows([(pieces, start) for start in window_starts(len(pieces.ids))], tokenizer)
        if thinned:
            share = generator.uniform(LEAST_KEPT, 1.0)
            inputs = keep_words(inputs, offsets, np.full(len(offsets.words), share), generator)
        with torch.inference_mode():
            present = pack_present(network.embed(inputs.to(device)), inputs.presence.to(device))
            vectors.append(network.encode(*present).embedding.cpu().numpy())  # (W, D)
        owners += [row] * len(vectors[-1])
        if row % 100 == 99:
            logger.info("%d of %d notes read", row + 1, len(notes))
    return Reading(np.concatenate(vectors), np.array(owners))


def all_readings(
    network: TextTransformer,
    tokenizer: Tokenizer,
    notes: Sequence[Pieces],
    settings: ReadoutSettings,
    run: Path,
    *,
    seed: int,
) -> tuple[Reading, ...]:
    """Read all notes whole, and thinned as often as asked for; what a run that was stopped has read is taken up."""
    run.mkdir(parents=True, exist_ok=True)
    found = []
    for view in range(1 + settings.thinned):
        path = run / f"reading-{view}.npz"
        if not path.is_file():
            read = read_notes(network, tokenizer, notes, thinned=view > 0, seed=seed + view)
            np.savez(path, vectors=read.vectors, owners=read.owners)
        with np.load(path) as kept:
            found.append(Reading(kept["vectors"], kept["owners"]))
        logger.info("reading %d of %d is there", view + 1, 1 + settings.thinned)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Readout:
    """What is learnt from readings: a linear head ``(L, D)`` and ``(L,)``, and a memory as of `votes_of`."""

    weight: Tensor
    bias: Tensor
    centre: Tensor
    keys: Tensor
    values: Tensor


def fit_readout(readings: Sequence[Reading], truth: Flags, settings: ReadoutSettings) -> Readout:
    """Fit the head to all readings of N notes, and remember the first one; `truth` is ``(N, L)`` bool."""
    means = torch.from_numpy(np.stack([reading.means for reading in readings]))  # (V, N, D)
    target = torch.from_numpy(truth).float()  # (N, L)
    weight, bias = _fit_head(means.flatten(0, 1), target.repeat(len(means), 1), settings)
    centre = means[0].mean(dim=0)  # (D,)
    values = (target + settings.prior * target.mean(dim=0)).clamp(SMALLEST, 1.0)  # (N, L)
    return Readout(weight, bias, centre, F.normalize(means[0] - centre, dim=-1), values)


def answer(reading: Reading, readout: Readout, settings: ReadoutSettings) -> NDArray[np.float32]:
    """Logits ``(N, L)`` of N notes as the network gives them: means over their windows."""
    vectors = torch.from_numpy(reading.vectors)  # (S, D)
    votes = votes_of(vectors - readout.centre, readout.keys, readout.values, settings.temperature)  # (S, L)
    logits = F.linear(vectors, readout.weight, readout.bias) + settings.weight * votes  # (S, L)
    return Reading(logits.numpy(), reading.owners).means


def _fit_head(seen: Tensor, target: Tensor, settings: ReadoutSettings) -> tuple[Tensor, Tensor]:
    """A head for embeddings ``(N, D)`` and labels ``(N, L)``: each label for itself, and their order in a note."""
    mean, deviation = seen.mean(dim=0), seen.std(dim=0) + SMALLEST  # (D,), (D,)
    scaled = (seen - mean) / deviation  # (N, D)
    shares = target / target.sum(dim=1, keepdim=True).clamp(min=1)  # (N, L)
    weight = torch.zeros(target.shape[1], seen.shape[1], requires_grad=True)  # (L, D)
    frequency = (target.sum(dim=0) + 1) / (len(target) + 2)  # (L,)
    bias = torch.logit(frequency).requires_grad_()  # (L,)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        logits = F.linear(scaled, weight, bias)  # (N, L)
        alone = F.binary_cross_entropy_with_logits(logits, target, reduction="sum")
        order = -(shares * logits.log_softmax(dim=1)).sum()
        value = (alone + settings.order * order) / len(target) + settings.decay * weight.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        plain = weight / deviation  # (L, D) for embeddings as they are
        return plain, bias - plain @ mean
