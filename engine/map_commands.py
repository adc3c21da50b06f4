"""The command that measures the maps of a model which is there already."""

from __future__ import annotations

import argparse

from engine.errors import UsageError
from engine.tasks import KNOWN_TASKS


def measure_maps(options: argparse.Namespace) -> int:
    """Write into a model's card what its maps are worth; its weights stay as they are."""
    able = {name: task.measure_maps for name, task in KNOWN_TASKS.items() if task.measure_maps is not None}
    if options.task not in able:
        raise UsageError(f"The maps of {options.task!r} are not measured here.", f"Choose one of {', '.join(able)}.")
    able[options.task](KNOWN_TASKS[options.task].read_dataset(options.data), options.model)
    return 0
