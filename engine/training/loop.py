"""The training loop, ignorant of the task: steps, averaging, validation, curves, and resuming after a kill.

Nothing random outlives an epoch: the generators are seeded anew by (seed, epoch). So a run that was killed goes on
from its last epoch and ends with the weights that it would have had.
"""

from __future__ import annotations

import csv
import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import TrainingError
from engine.training.optimiser import Average, ScheduleName, learning_rate_factor

CURVES_FILE = "curves.csv"
STATE_FILE = "state.pt"

logger = logging.getLogger(__name__)

Batch = TypeVar("Batch")


@dataclass(frozen=True)
class LoopSettings:
    """How long and how a network is trained.

    Parameters
    ----------
    epochs, steps : int
        Number of epochs, and of optimiser steps in each.
    warmup : float
        Share of all steps over which the learning rate rises.
    clip : float
        Largest norm of the gradient of all weights together.
    average : float
        Decay of the moving average of the weights, in [0, 1).
    half : bool
        Compute the forward pass in bfloat16 where that is safe (autocast).
    """

    epochs: int
    steps: int
    seed: int = 0
    schedule: ScheduleName = ScheduleName.COSINE
    warmup: float = 0.05
    clip: float = 1.0
    average: float = 0.998
    half: bool = False


@dataclass(frozen=True)
class Plan(Generic[Batch]):
    """What a task gives to the loop.

    Parameters
    ----------
    batches : callable
        (epoch, generator) -> at least `LoopSettings.steps` batches; its randomness comes from the generator alone.
    loss : callable
        (network, batch) -> scalar Tensor to make small.
    validate : callable
        (averaged network) -> figures for the curves; ``loss`` must be among them.
    """

    batches: Callable[[int, np.random.Generator], Iterable[Batch]]
    loss: Callable[[nn.Module, Batch], Tensor]
    validate: Callable[[nn.Module], Mapping[str, float]]


def fit(
    network: nn.Module, optimiser: torch.optim.Optimizer, plan: Plan[Batch], settings: LoopSettings, out: Path
) -> nn.Module:
    """Train a network, or go on with a run that was stopped.

    Parameters
    ----------
    network : torch.nn.Module
        Trained in place, on the device where its weights are.
    out : pathlib.Path
        Folder for ``curves.csv`` (a row an epoch) and ``state.pt`` (what a resumed run needs, written each epoch).

    Returns
    -------
    torch.nn.Module
        The averaged network, in evaluation mode.

    Raises
    ------
    TrainingError
        The loss is no number any more, or the folder holds the state of another run.
    """
    out.mkdir(parents=True, exist_ok=True)
    average = Average(network, decay=settings.average)
    full_rates = [group["lr"] for group in optimiser.param_groups]
    curves = _resume(network, average, optimiser, settings, out)
    for epoch in range(len(curves), settings.epochs):
        began = time.monotonic()
        loss = _train_epoch(network, average, optimiser, plan, settings, epoch, full_rates, curves)
        figures = plan.validate(average.network)
        row = {"epoch": epoch + 1, "seconds": time.monotonic() - began, "training_loss": loss}
        curves.append({**row, **{f"validation_{name}": value for name, value in figures.items()}})
        logger.info("epoch %d of %d: %s", epoch + 1, settings.epochs, _in_words(curves[-1]))
        _save(network, average, optimiser, settings, curves, out)
    return average.network


def read_curves(out: Path) -> list[dict[str, float]]:
    """The rows of a run's ``curves.csv``, an epoch each."""
    with (out / CURVES_FILE).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def _train_epoch(
    network: nn.Module,
    average: Average,
    optimiser: torch.optim.Optimizer,
    plan: Plan[Batch],
    settings: LoopSettings,
    epoch: int,
    full_rates: list[float],
    curves: list[dict[str, float]],
) -> float:
    """One epoch; returns its mean training loss."""
    torch.manual_seed(settings.seed * 100_003 + epoch)
    generator = np.random.default_rng((settings.seed, epoch))
    losses = [row["validation_loss"] for row in curves]
    device = next(network.parameters()).device.type
    total = 0.0
    network.train()
    for rank, batch in zip(range(settings.steps), plan.batches(epoch, generator), strict=False):
        step = epoch * settings.steps + rank
        factor = learning_rate_factor(
            settings.schedule, step, settings.epochs * settings.steps, warmup=settings.warmup, losses=losses
        )
        for group, full in zip(optimiser.param_groups, full_rates, strict=True):
            group["lr"] = full * factor
        with torch.autocast(device, torch.bfloat16, enabled=settings.half):
            loss = plan.loss(network, batch)
        if not torch.isfinite(loss):
            raise TrainingError(f"The loss is no number at step {step}.", "Lower the learning rate.")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimiser.step()
        average.update(network, step)
        total += float(loss.detach())
        if (rank + 1) % max(1, settings.steps // 4) == 0:
            logger.info("epoch %d, step %d of %d: loss %.4f", epoch + 1, rank + 1, settings.steps, total / (rank + 1))
    return total / settings.steps


def _save(
    network: nn.Module,
    average: Average,
    optimiser: torch.optim.Optimizer,
    settings: LoopSettings,
    curves: list[dict[str, float]],
    out: Path,
) -> None:
    """Write curves and state, each whole or not at all."""
    state = {
        "settings": _signature(settings),
        "network": network.state_dict(),
        "average": average.network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "curves": curves,
    }
    torch.save(state, out / f"{STATE_FILE}.new")
    (out / f"{STATE_FILE}.new").replace(out / STATE_FILE)
    with (out / f"{CURVES_FILE}.new").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(curves[-1]))
        writer.writeheader()
        writer.writerows(curves)
    (out / f"{CURVES_FILE}.new").replace(out / CURVES_FILE)


def _resume(
    network: nn.Module, average: Average, optimiser: torch.optim.Optimizer, settings: LoopSettings, out: Path
) -> list[dict[str, float]]:
    """Take up the state of a stopped run, if there is one, and return its curves."""
    if not (out / STATE_FILE).is_file():
        return []
    device = next(network.parameters()).device
    state: dict[str, Any] = torch.load(out / STATE_FILE, map_location=device, weights_only=True)
    if state["settings"] != _signature(settings):
        raise TrainingError(
            "The folder holds a run with other settings.", "Give another folder, or the settings of that run."
        )
    network.load_state_dict(state["network"])
    average.network.load_state_dict(state["average"])
    optimiser.load_state_dict(state["optimiser"])
    curves: list[dict[str, float]] = state["curves"]
    logger.info("going on after epoch %d", len(curves))
    return curves


def _signature(settings: LoopSettings) -> str:
    """What two runs must share for one to go on with the other's state."""
    return json.dumps(asdict(settings))


def _in_words(row: Mapping[str, float]) -> str:
    """A row of the curves as one line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name != "epoch")
