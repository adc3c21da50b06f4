"""Training of a classifier that also draws lesions, where few of the scans come with a mask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.models.lesion import CELL, LesionTransformer
from engine.models.output import ModelInput, ModelOutput
from engine.training.augment import as_display, place, plain_batch
from engine.training.images import Films, ImageSettings
from engine.training.loop import Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups
from engine.training.ultrasound import random_scans, thinned

DRAWING = 1.0  # what the loss of the mask counts beside that of the label
READING = 1.0  # what it counts that the readout stays inside the lesion
OUTLINED = 3.0  # how much more often a scan with an outlined lesion is drawn
THINNED = 0.3  # share of the batches in which patches are taken away; they teach the label only
_PREDICTED = 32  # scans a batch where no gradient is kept


@dataclass(frozen=True, eq=False)
class Scans(Films):
    """Labelled scans in memory, some with the mask of their lesion.

    Parameters
    ----------
    masks : Tensor
        ``(N, S, S)`` uint8: 255 in the lesion.
    drawn : Tensor
        ``(N,)`` bool: whether the mask is known; an empty one says that there is no lesion.
    """

    masks: Tensor
    drawn: Tensor

    @property
    def outlined(self) -> Tensor:
        """``(N,)`` bool: a lesion is there and its mask is known."""
        return self.drawn & (self.masks.flatten(1).amax(dim=1) > 0)


@dataclass(frozen=True, eq=False)
class Batch:
    """Views ``(B, 1, S, S)`` with labels ``(B,)``; `masks` ``(B, 1, S, S)`` in [0, 1] where `drawn` ``(B,)``."""

    inputs: ModelInput
    targets: Tensor
    masks: Tensor
    drawn: Tensor
    whole: bool


Load: TypeAlias = Callable[[int], Scans]


def train_lesion_classifier(
    network: LesionTransformer, training: Load, validation: Load, settings: ImageSettings, out: Path, seed: int
) -> LesionTransformer:
    """Train, or go on with a run that was stopped.

    Parameters
    ----------
    training, validation : callable
        Image side -> scans; asked once a stage.

    Returns
    -------
    LesionTransformer
        The averaged network.
    """
    sides = settings.sides()
    scans_of, held_scans_of = lru_cache(maxsize=1)(training), lru_cache(maxsize=1)(validation)
    current = [sides[0]]

    def batches(epoch: int, generator: np.random.Generator) -> Iterator[Batch]:
        current[0] = sides[epoch]
        return _batches(scans_of(sides[epoch]), settings.batch_size, network, generator)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        return lesion_loss(cast(LesionTransformer, model), batch, smoothing=settings.smoothing)

    def validate(model: nn.Module) -> Mapping[str, float]:
        return _validate(cast(LesionTransformer, model), held_scans_of(current[0]))

    groups = decay_groups(network)
    optimiser = build_optimiser(settings.optimiser, groups, lr=settings.lr, weight_decay=settings.weight_decay)
    count = len(scans_of(sides[0]).targets)
    return cast(
        LesionTransformer,
        fit(network, optimiser, Plan(batches, loss, validate), settings.loop(count, seed), out),
    )


def lesion_loss(network: LesionTransformer, batch: Batch, *, smoothing: float) -> Tensor:
    """Cross-entropy of the label, and where the mask is known: of its cells, one minus Dice, and a focused readout.

    The soft Dice term is that of Milletari, Navab and Ahmadi, V-Net, 3DV 2016, section 3.
    """
    if not batch.whole:
        return nn.functional.cross_entropy(
            network(batch.inputs).logits.float(), batch.targets, label_smoothing=smoothing
        )
    output, lesion = network.draw(batch.inputs)  # lesion (B, 1, S / 4, S / 4)
    total = nn.functional.cross_entropy(output.logits.float(), batch.targets, label_smoothing=smoothing)
    if not batch.drawn.any():
        return total
    wanted = nn.functional.avg_pool2d(batch.masks[batch.drawn], CELL)  # (C, 1, S / 4, S / 4)
    drawn = lesion[batch.drawn].float()  # (C, 1, S / 4, S / 4)
    total = total + DRAWING * nn.functional.binary_cross_entropy_with_logits(drawn, wanted)
    there = wanted.flatten(1).amax(dim=1) > 0.5  # (C,): the view may have lost the lesion
    if there.any():
        total = total + DRAWING * _dice_loss(drawn[there].sigmoid(), wanted[there])
        total = total + READING * _reading_loss(output.readout[batch.drawn][there], wanted[there])
    return total


def _dice_loss(drawn: Tensor, wanted: Tensor) -> Tensor:
    """One minus the soft Dice coefficient of ``(C, 1, H, W)`` in [0, 1], mean over scans."""
    both = (drawn * wanted).flatten(1).sum(dim=1)  # (C,)
    each = drawn.flatten(1).sum(dim=1) + wanted.flatten(1).sum(dim=1)  # (C,)
    return (1 - (2 * both + 1) / (each + 1)).mean()


def _reading_loss(readout: Tensor, wanted: Tensor) -> Tensor:
    """Minus the logarithm of the share of the readout ``(C, T)`` that lies on patches of the lesion."""
    side = round(readout.shape[1] ** 0.5)  # G
    cover = nn.functional.adaptive_avg_pool2d(wanted, side).flatten(1)  # (C, T)
    cover = cover / cover.amax(dim=1, keepdim=True).clamp_min(1e-6)  # (C, T): a small lesion fills no patch
    return -((readout.float() * cover).sum(dim=1).clamp_min(1e-4)).log().mean()


@torch.no_grad()
def predict_scans(network: LesionTransformer, scans: Films) -> tuple[Tensor, Tensor]:
    """Logits ``(N, L)`` and lesion probabilities ``(N, 1, S / 4, S / 4)`` of plain scans, on the CPU."""
    device = next(network.parameters()).device
    logits, lesions = [], []
    for start in range(0, len(scans.targets), _PREDICTED):
        some = slice(start, start + _PREDICTED)
        inputs = plain_batch(scans.pixels[some], scans.aspects[some], patch=network.config.patch_size)
        answer: tuple[ModelOutput, Tensor] = network.draw(inputs.to(device))
        logits.append(answer[0].logits.float().cpu())
        lesions.append(answer[1].float().sigmoid().cpu())
    return torch.cat(logits), torch.cat(lesions)


def _batches(scans: Scans, size: int, network: LesionTransformer, generator: np.random.Generator) -> Iterator[Batch]:
    """An epoch's batches: labels balanced, outlined lesions more often."""
    device, patch = next(network.parameters()).device, network.config.patch_size
    draws = scan_draws(scans, generator)  # (N,)
    views = torch.Generator().manual_seed(int(generator.integers(2**62)))
    for start in range(0, len(draws), size):
        some = torch.from_numpy(draws[start : start + size])  # (B,)
        inputs, masks = random_scans(
            scans.pixels[some], scans.aspects[some], scans.masks[some], patch=patch, generator=views
        )
        whole = bool(generator.random() >= THINNED)
        inputs = inputs if whole else thinned(inputs, views)
        targets, drawn = scans.targets[some].to(device), scans.drawn[some].to(device)
        yield Batch(inputs.to(device), targets, masks.to(device), drawn, whole)


def scan_draws(scans: Scans, generator: np.random.Generator) -> NDArray[np.int64]:
    """As many ranks ``(N,)`` as there are scans."""
    targets = scans.targets.numpy()  # (N,)
    weights = np.where(scans.outlined.numpy(), OUTLINED, 1.0)  # (N,)
    weights = weights / np.bincount(targets, weights)[targets]  # (N,): every label equally often
    return generator.choice(len(targets), size=len(targets), p=weights / weights.sum())


def _validate(network: LesionTransformer, scans: Scans) -> dict[str, float]:
    """Figures of an epoch for the curves."""
    logits, lesions = predict_scans(network, scans)  # (N, L), (N, 1, S / 4, S / 4)
    figures = {
        "loss": float(nn.functional.cross_entropy(logits, scans.targets)),
        "accuracy": float((logits.argmax(dim=1) == scans.targets).float().mean()),
    }
    outlined = scans.outlined
    if outlined.any():
        masks, aspects = as_display(scans.masks[outlined]), scans.aspects[outlined]  # (C, 1, S, S), (C,)
        upright = torch.eye(2, 3).expand(len(masks), 2, 3)  # (C, 2, 3)
        placed, _ = place(masks, aspects, upright, patch=network.config.patch_size)  # (C, 1, S, S)
        wanted = nn.functional.avg_pool2d(placed, CELL).round()  # (C, 1, S / 4, S / 4)
        figures["dice"] = 1 - float(_dice_loss((lesions[outlined] > 0.5).float(), wanted))
    return figures
