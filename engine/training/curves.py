"""What a training run leaves for whoever watches it: what it set out to do, and a row of figures an epoch."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CURVES_FILE = "curves.csv"
PLAN_FILE = "plan.json"

_DEEPEST = 4  # folders below the one that is searched: a model, its run, its folds


@dataclass(frozen=True)
class TrainingRun:
    """One run as far as it has come.

    Parameters
    ----------
    name : str
        Its folder below the one that was searched.
    epochs : int
        How many it set out for; it may stop earlier.
    curves : tuple of dict
        One a finished epoch: ``epoch``, ``seconds``, ``training_loss`` and ``validation_...`` figures.
    changed : float
        When its curves were last written, seconds since 1970.
    """

    name: str
    epochs: int
    curves: tuple[dict[str, float], ...]
    changed: float

    @property
    def seconds_left(self) -> float:
        """Seconds until the last epoch is done, at the pace of the latest one; 0 where nothing is known."""
        return (self.epochs - len(self.curves)) * self.curves[-1]["seconds"] if self.curves else 0.0


def write_plan(out: Path, settings: Mapping[str, Any]) -> None:
    """Write what a run sets out to do; ``epochs`` is among it."""
    write_whole(out / PLAN_FILE, json.dumps(dict(settings), indent=2) + "\n")


def write_curves(out: Path, rows: Sequence[Mapping[str, float]]) -> None:
    """Write the rows of a run so far, an epoch each."""
    names = list(rows[-1]) if rows else []
    lines = [names, *([str(row[name]) for name in names] for row in rows)]
    write_whole(out / CURVES_FILE, "".join(",".join(line) + "\n" for line in lines))


def read_curves(out: Path) -> list[dict[str, float]]:
    """The rows of a run's ``curves.csv``, an epoch each."""
    with (out / CURVES_FILE).open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def training_runs(folder: Path) -> tuple[TrainingRun, ...]:
    """Find the runs below a folder, the one that moved last first; none where there is no such folder."""
    files = [path for name in (PLAN_FILE, CURVES_FILE) for path in folder.glob(f"**/{name}")]
    places = {path.parent for path in files if len(path.relative_to(folder).parts) <= _DEEPEST + 1}
    return tuple(sorted((_read_run(place, folder) for place in places), key=lambda run: -run.changed))


def _read_run(place: Path, folder: Path) -> TrainingRun:
    plan, curves = place / PLAN_FILE, place / CURVES_FILE
    rows = tuple(read_curves(place)) if curves.is_file() else ()
    epochs = int(json.loads(plan.read_text(encoding="utf-8"))["epochs"]) if plan.is_file() else len(rows)
    changed = max(path.stat().st_mtime for path in (plan, curves) if path.is_file())
    return TrainingRun(place.relative_to(folder).as_posix(), epochs, rows, changed)


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all: a run may be killed, and a page may be reading."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
