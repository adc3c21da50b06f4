"""What a run was begun with, so that nobody goes on with it under other settings, another seed or other cases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from engine.errors import AnotherRun
from engine.training.curves import write_whole

ORIGIN_FILE = "origin.json"
STATE_FILE = "state.pt"

_TOLD = ("lr", "weight_decay", "momentum", "nesterov", "betas")  # of an optimiser's group


def claim_run(run: Path, settings: Mapping[str, Any], seed: int, case_ids: Iterable[str]) -> None:
    """Write beside a run what it is made of, or make sure that it is going on with the same.

    A run of which no state was saved yet may still be begun with something else. A setting of which an earlier version
    said nothing is believed.

    Parameters
    ----------
    run : pathlib.Path
        Its folder; the states of its parts lie anywhere below.
    settings : mapping
        All that the task was told.
    case_ids : iterable of str
        Of all cases, for training and validation; their order does not matter.

    Raises
    ------
    AnotherRun
        The folder holds a run with other settings, another seed or other cases.
    """
    listed = "\n".join(sorted(case_ids))
    cases = hashlib.sha256(listed.encode()).hexdigest()
    origin = {**settings, "seed": seed, "cases": cases}
    path = run / ORIGIN_FILE
    if path.is_file() and next(run.rglob(STATE_FILE), None) is not None:
        refuse_other({**origin, **json.loads(path.read_text(encoding="utf-8"))}, origin)
    run.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(origin, indent=2) + "\n")


def refuse_other(held: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Compare what a run was begun with and what it shall go on with, after a way through JSON.

    Raises
    ------
    AnotherRun
        With all that differs.
    """
    there, here = (json.loads(json.dumps(dict(each))) for each in (held, wanted))
    differing = [name for name in sorted({*there, *here}) if there.get(name) != here.get(name)]
    if differing:
        pairs = ", ".join(f"{name} {_short(there.get(name))} (now {_short(here.get(name))})" for name in differing)
        raise AnotherRun(
            f"The folder holds a run with other settings: {pairs}.",
            "Give another folder, or the settings, seed and cases of that run.",
        )


def optimiser_facts(optimiser: torch.optim.Optimizer) -> dict[str, Any]:
    """What is told to an optimiser before its first step, a list over its groups for each name."""
    groups = optimiser.param_groups
    told = {name: [group[name] for group in groups] for name in _TOLD if name in groups[0]}
    return {"optimiser": type(optimiser).__name__, **told}


def _short(value: Any) -> str:
    """A value as one word of a message; of a digest its first letters."""
    return value[:12] if isinstance(value, str) and len(value) == hashlib.sha256().digest_size * 2 else str(value)
