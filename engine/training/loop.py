"""The training loop, ignorant of the task: steps, averaging, validation, curves, early stop, resuming after a kill.

Nothing random outlives an epoch: the generators are seeded anew by (seed, epoch). So a run that was killed, at
whatever step, goes on from its last whole epoch and ends with the weights that it would have had.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import TrainingError
from engine.training.curves import write_curves, write_plan
from engine.training.optimiser import Average, ScheduleName, learning_rate_factor
from engine.training.origin import STATE_FILE, optimiser_facts, refuse_other
from engine.training.progress import epoch_progress

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
    patience : int
        Stop after so many epochs in a row without a better validation figure, and give back the best epoch's weights;
        0 goes through all epochs and gives back the last one's.
    watch : str
        The validation figure that is waited for: ``loss``, of which less is better, or another, of which more is.
    """

    epochs: int
    steps: int
    seed: int = 0
    schedule: ScheduleName = ScheduleName.COSINE
    warmup: float = 0.05
    clip: float = 1.0
    average: float = 0.998
    half: bool = False
    patience: int = 0
    watch: str = "loss"


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


@dataclass
class _Run:
    """What is trained and how far it has come; all that a resumed run needs but its settings."""

    network: nn.Module
    average: Average
    optimiser: torch.optim.Optimizer
    settings: LoopSettings
    out: Path
    origin: dict[str, Any]
    full_rates: list[float]
    curves: list[dict[str, float]] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)


def fit(
    network: nn.Module, optimiser: torch.optim.Optimizer, plan: Plan[Batch], settings: LoopSettings, out: Path
) -> nn.Module:
    """Train a network, or go on with a run that was stopped.

    Parameters
    ----------
    network : torch.nn.Module
        Trained in place, on the device where its weights are.
    out : pathlib.Path
        Folder for ``plan.json``, ``curves.csv`` (a row an epoch) and ``state.pt`` (what a resumed run needs, written
        each epoch).

    Returns
    -------
    torch.nn.Module
        The averaged network, in evaluation mode.

    Raises
    ------
    TrainingError
        The loss is no number any more.
    AnotherRun
        The folder holds the state of a run with other settings or another optimiser.
    """
    out.mkdir(parents=True, exist_ok=True)
    rates = [group["lr"] for group in optimiser.param_groups]
    origin = asdict(settings) | optimiser_facts(optimiser)
    run = _Run(network, Average(network, decay=settings.average), optimiser, settings, out, origin, rates)
    _resume(run)
    write_plan(out, asdict(settings))
    while len(run.curves) < settings.epochs and not _has_waited(run.curves, settings):
        began = time.monotonic()
        loss = _train_epoch(run, plan)
        figures = plan.validate(run.average.network)
        row = {"epoch": len(run.curves) + 1, "seconds": time.monotonic() - began, "training_loss": loss}
        run.curves.append({**row, **{f"validation_{name}": value for name, value in figures.items()}})
        logger.info("epoch %d of %d: %s", len(run.curves), settings.epochs, _in_words(run.curves[-1]))
        if settings.patience and _best_epoch(run.curves, settings) == len(run.curves) - 1:
            run.best = {name: value.clone() for name, value in run.average.network.state_dict().items()}
        _save(run)
    if run.best:
        run.average.network.load_state_dict(run.best)
    return run.average.network


def _train_epoch(run: _Run, plan: Plan[Batch]) -> float:
    """One epoch; returns its mean training loss."""
    settings, epoch = run.settings, len(run.curves)
    torch.manual_seed(settings.seed * 100_003 + epoch)
    generator = np.random.default_rng((settings.seed, epoch))
    total = 0.0
    run.network.train()
    with epoch_progress(f"epoch {epoch + 1}", settings.steps) as tell:
        for rank, batch in zip(range(settings.steps), plan.batches(epoch, generator), strict=False):
            total += _train_step(run, plan, batch, epoch * settings.steps + rank)
            tell(total / (rank + 1))
    return total / settings.steps


def _train_step(run: _Run, plan: Plan[Batch], batch: Batch, step: int) -> float:
    """One step of the optimiser; returns its loss."""
    settings = run.settings
    losses = [row["validation_loss"] for row in run.curves]
    total = settings.epochs * settings.steps
    factor = learning_rate_factor(settings.schedule, step, total, warmup=settings.warmup, losses=losses)
    for group, full in zip(run.optimiser.param_groups, run.full_rates, strict=True):
        group["lr"] = full * factor
    device = next(run.network.parameters()).device.type
    with torch.autocast(device, torch.bfloat16, enabled=settings.half):
        loss = plan.loss(run.network, batch)
    if not torch.isfinite(loss):
        raise TrainingError(f"The loss is no number at step {step}.", "Lower the learning rate.")
    run.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(run.network.parameters(), settings.clip)
    run.optimiser.step()
    run.average.update(run.network, step)
    return float(loss.detach())


def _best_epoch(curves: Sequence[Mapping[str, float]], settings: LoopSettings) -> int:
    """Rank of the epoch with the best watched figure, the first of equals."""
    sign = 1.0 if settings.watch == "loss" else -1.0
    figures = [sign * row[f"validation_{settings.watch}"] for row in curves]
    return int(np.argmin(figures))


def _has_waited(curves: Sequence[Mapping[str, float]], settings: LoopSettings) -> bool:
    """Whether as many epochs as the patience allows have passed since the best one."""
    return bool(settings.patience and curves) and len(curves) - 1 - _best_epoch(curves, settings) >= settings.patience


def _save(run: _Run) -> None:
    """Write state and curves, each whole or not at all."""
    state = {
        "settings": json.dumps(run.origin),
        "network": run.network.state_dict(),
        "average": run.average.network.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "curves": run.curves,
        "best": run.best,
    }
    beside = run.out / f"{STATE_FILE}.new"
    torch.save(state, beside)
    beside.replace(run.out / STATE_FILE)
    write_curves(run.out, run.curves)


def _resume(run: _Run) -> None:
    """Take up the state of a stopped run, if there is one."""
    if not (run.out / STATE_FILE).is_file():
        return
    device = next(run.network.parameters()).device
    state: dict[str, Any] = torch.load(run.out / STATE_FILE, map_location=device, weights_only=True)
    refuse_other(_known(json.loads(state["settings"]), run.origin), run.origin)
    run.network.load_state_dict(state["network"])
    run.average.network.load_state_dict(state["average"])
    run.optimiser.load_state_dict(state["optimiser"])
    run.curves, run.best = state["curves"], state.get("best", {})
    write_curves(run.out, run.curves)  # a kill may have come between state and curves
    logger.info("going on after epoch %d", len(run.curves))


def _known(held: Mapping[str, Any], origin: Mapping[str, Any]) -> dict[str, Any]:
    """What a state was begun with; settings that were not there when it was written had their defaults.

    States of earlier versions say nothing of their optimiser: it is believed.
    """
    return {**origin, **{entry.name: entry.default for entry in fields(LoopSettings)}, **held}


def _in_words(row: Mapping[str, float]) -> str:
    """A row of the curves as one line."""
    return ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name != "epoch")
