"""The commands that make models and measure their making: train, train-explainer, remember, teach-gate, and more."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from typing import Any

from engine.errors import UsageError
from engine.tasks import KNOWN_TASKS, known_task
from engine.tasks.task import Task

logger = logging.getLogger(__name__)


def train(options: argparse.Namespace) -> int:
    """Train a task's model; a run that was stopped goes on where it was."""
    task = known_task(options.task)
    settings = {**task.defaults, **_settings(options.settings, task)}
    examples = task.read_dataset(options.data)
    logger.info("%d cases, seed %d, %s", len(examples), options.seed, settings)
    task.train(examples, options.out, settings, options.seed)
    return 0


def train_explainer(options: argparse.Namespace) -> int:
    """Put a learned explainer beside a model's weights; a run that was stopped goes on where it was."""
    task = known_task(options.task)
    if task.train_explainer is None:
        able = ", ".join(name for name, one in KNOWN_TASKS.items() if one.train_explainer is not None)
        raise UsageError(f"The task {task.name} has no learned explainer yet.", f"Choose one of {able}.")
    task.train_explainer(task.read_dataset(options.data), options.model)
    return 0


def remember(options: argparse.Namespace) -> int:
    """Make a model's memory of its training cases anew."""
    task = known_task(options.task)
    if task.remember is None:
        raise UsageError(f"The task {task.name} makes its memory while it is trained.", "Choose clinical-note.")
    task.remember(task.read_dataset(options.data), options.model)
    return 0


def teach_gate(options: argparse.Namespace) -> int:
    """Put a gate beside a model's weights: what tells its images from others."""
    task = known_task(options.task)
    if task.teach_gate is None:
        able = ", ".join(name for name, one in KNOWN_TASKS.items() if one.teach_gate is not None)
        raise UsageError(f"The task {task.name} has no gate of its own.", f"Choose one of {able}.")
    task.teach_gate(task.read_dataset(options.data), options.model, options.others, options.older)
    return 0


def measure_maps(options: argparse.Namespace) -> int:
    """Write into a model's card what its maps are worth; its weights stay as they are."""
    task = known_task(options.task)
    if task.measure_maps is None:
        able = ", ".join(name for name, one in KNOWN_TASKS.items() if one.measure_maps is not None)
        raise UsageError(f"The maps of {task.name} are not measured here.", f"Choose one of {able}.")
    task.measure_maps(task.read_dataset(options.data), options.model)
    return 0


def ablate(options: argparse.Namespace) -> int:
    """Compare choices in the making of a model, each by a short training of its own, and write them into its card."""
    task = known_task(options.task)
    if task.ablate is None:
        able = ", ".join(name for name, one in KNOWN_TASKS.items() if one.ablate is not None)
        raise UsageError(f"The choices behind {task.name} cannot be compared.", f"Choose one of {able}.")
    task.ablate(task.read_dataset(options.data), options.model, options.runs, options.start)
    return 0


def _settings(pairs: Sequence[str], task: Task) -> dict[str, Any]:
    """KEY=VALUE words as the types of the task's defaults."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in task.defaults:
            raise UsageError(f"--set {pair} is no setting of {task.name}.", f"It has: {', '.join(task.defaults)}.")
        kind = type(task.defaults[key])
        try:
            settings[key] = value.lower() in {"1", "true", "yes"} if kind is bool else kind(value)
        except ValueError as exc:
            raise UsageError(f"--set {key} needs {kind.__name__}, not {value!r}.") from exc
    return settings
