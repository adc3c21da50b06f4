"""Training of a classifier of sequence windows: bases changed and absent at random, windows beside the site as well.

Masking by attention: Covert et al., ICLR 2023 (arXiv 2206.05282).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from engine.models.output import ModelInput
from engine.models.sequence import LETTERS, SequenceTransformer
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups

Batch: TypeAlias = tuple[ModelInput, Tensor]

FARTHEST = 12  # bases by which a window is moved beside its site
_PREDICTED = 256  # windows at once where no gradient is kept


@dataclass(frozen=True)
class SequenceSettings:
    """How a classifier of windows is trained.

    Parameters
    ----------
    width, layers, heads, reach, dropout
        Of the network, as of `SequenceTransformerConfig`.
    changed : float
        Share of the bases that are replaced by random ones.
    thinned : float
        Share of the batches in which a random share of the bases, up to 1 - `least_kept`, is absent.
    beside : float
        Share of the windows that are moved beside their site and are then of no site at all.
    """

    epochs: int = 24
    batch_size: int = 64
    lr: float = 2e-3
    weight_decay: float = 0.05
    smoothing: float = 0.05
    average: float = 0.99
    width: int = 64
    layers: int = 2
    heads: int = 4
    reach: int = 5
    dropout: float = 0.1
    changed: float = 0.05
    thinned: float = 0.4
    least_kept: float = 0.3
    beside: float = 0.05
    folds: int = 5


@dataclass(frozen=True, eq=False)
class Windows:
    """N windows: shares of the four bases ``(N, T, 4)`` float32, presence ``(N, T)``, index of the label ``(N,)``."""

    values: Tensor
    presence: Tensor
    targets: Tensor

    def __getitem__(self, rows: NDArray[Any]) -> Windows:
        return Windows(self.values[rows], self.presence[rows], self.targets[rows])

    def __len__(self) -> int:
        return len(self.targets)


def train_windows(
    network: SequenceTransformer,
    training: Windows,
    validation: Windows,
    settings: SequenceSettings,
    *,
    nothing: int,
    out: Path,
    seed: int,
) -> SequenceTransformer:
    """Train, or go on with a run that was stopped, and return the averaged network.

    Parameters
    ----------
    nothing : int
        The label of a window that has no site in its middle.
    """
    device = next(network.parameters()).device

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        return random_windows(training, settings, generator, nothing=nothing)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        inputs, targets = batch
        logits = model(inputs.to(device)).logits  # (B, L)
        return F.cross_entropy(logits, targets.to(device), label_smoothing=settings.smoothing)

    def validate(model: nn.Module) -> dict[str, float]:
        logits = predict_windows(model, validation)  # (N, L)
        targets = validation.targets
        right = (torch.from_numpy(logits).argmax(dim=1) == targets).float().mean()
        return {"loss": float(F.cross_entropy(torch.from_numpy(logits), targets)), "accuracy": float(right)}

    loop = LoopSettings(
        settings.epochs, len(training) // settings.batch_size, seed=seed, warmup=0.1, average=settings.average
    )
    optimiser = build_optimiser("adamw", decay_groups(network), lr=settings.lr, weight_decay=settings.weight_decay)
    return cast(SequenceTransformer, fit(network, optimiser, Plan(batches, loss, validate), loop, out))


def random_windows(
    windows: Windows, settings: SequenceSettings, generator: np.random.Generator, *, nothing: int
) -> Iterator[Batch]:
    """Yield all windows in random order, as training sees them."""
    order = generator.permutation(len(windows))  # (N,)
    for first in range(0, len(order) - settings.batch_size + 1, settings.batch_size):
        batch = windows[order[first : first + settings.batch_size]]
        values = _changed(batch.values, settings.changed, generator)  # (B, T, 4)
        values, presence, targets = _moved(Windows(values, batch.presence, batch.targets), settings, generator, nothing)
        if generator.random() < settings.thinned:
            kept = generator.random(presence.shape) < generator.uniform(settings.least_kept, 1)  # (B, T)
            presence = presence & torch.from_numpy(kept)
        yield ModelInput(values, presence), targets


def predict_windows(network: nn.Module, windows: Windows, *, kept: float = 1.0, seed: int = 0) -> NDArray[np.float32]:
    """Logits of windows.

    Parameters
    ----------
    kept : float
        Share of the bases, drawn at random, that are present, in (0, 1].

    Returns
    -------
    numpy.ndarray
        ``(N, L)`` float32.
    """
    device = next(network.parameters()).device
    draws = torch.from_numpy(np.random.default_rng(seed).random(windows.presence.shape))  # (N, T)
    presence = windows.presence & (draws < kept)  # (N, T)
    inputs = ModelInput(windows.values, presence)
    logits = []
    with torch.inference_mode():
        for first in range(0, len(windows), _PREDICTED):
            rows = torch.arange(first, min(first + _PREDICTED, len(windows)))  # (b,)
            logits.append(network(inputs.select(rows).to(device)).logits.float().cpu())  # (b, L)
    return np.asarray(torch.cat(logits).numpy())


def _changed(values: Tensor, share: float, generator: np.random.Generator) -> Tensor:
    """Replace a share of the bases ``(B, T, 4)`` by random ones."""
    hit = torch.from_numpy(generator.random(values.shape[:2]) < share)  # (B, T)
    random = torch.from_numpy(generator.integers(LETTERS, size=values.shape[:2]))  # (B, T)
    return torch.where(hit[..., None], F.one_hot(random, LETTERS).to(values.dtype), values)


def _moved(
    windows: Windows, settings: SequenceSettings, generator: np.random.Generator, nothing: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Move some windows by some bases, so that what they had in the middle is beside it."""
    count, length = windows.presence.shape
    far = generator.integers(1, FARTHEST + 1, size=count) * generator.choice((-1, 1), size=count)  # (B,)
    shift = np.where(generator.random(count) < settings.beside, far, 0)  # (B,)
    places = np.arange(length) + shift[:, None]  # (B, T)
    there = torch.from_numpy((places >= 0) & (places < length))  # (B, T)
    cell = torch.arange(count)[:, None], torch.from_numpy(places.clip(0, length - 1))  # (B, 1), (B, T)
    values = windows.values[cell] * there[..., None]  # (B, T, 4)
    moved = torch.from_numpy(shift != 0)  # (B,)
    return values, windows.presence[cell] & there, torch.where(moved, nothing, windows.targets)
