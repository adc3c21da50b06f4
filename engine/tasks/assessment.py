"""What comes of training a model and of measuring it on validation cases, whatever it reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine.models.card import Metric, Report, TrustParameters
from engine.training.curves import read_curves


@dataclass(frozen=True)
class Assessment:
    """What trust needs, fitted on all validation cases, and how good the model is, cross-fitted on halves of them."""

    trust: TrustParameters
    metrics: dict[str, Metric]
    report: Report


def training_facts(settings: Any, seed: int, run: Path, *packages: str) -> dict[str, Any]:
    """What a card says of a training run.

    Parameters
    ----------
    settings : dataclass
        With what it was trained.
    run : pathlib.Path
        Where its curves are.
    *packages : str
        What was at work beside torch and transformers.
    """
    curves = read_curves(run)
    return {
        "settings": asdict(settings),
        "seed": seed,
        "epochs": len(curves),
        "seconds": round(sum(row["seconds"] for row in curves)),
        "versions": {name: version(name) for name in ("torch", "transformers", *packages)},
    }
