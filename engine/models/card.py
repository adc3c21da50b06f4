"""The card of a model: who made it from what, how well it does, where it fails, and the figures that trust needs.

The headings follow Mitchell et al., Model Cards for Model Reporting, FAT* 2019 (arXiv 1810.03993).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import CheckpointError

CARD_FILE = "card.json"

_Record = TypeVar("_Record")


@dataclass(frozen=True)
class DataFacts:
    """The data set behind a model.

    Parameters
    ----------
    n : int
        Cases used for training and validation together.
    who : str
        Whose data it is: ages, place, how they were chosen.
    split : str
        How training and validation were kept apart.
    """

    name: str
    licence: str
    n: int
    who: str
    split: str


@dataclass(frozen=True)
class Metric:
    """One figure with its 95 % interval (None where none was computed) and the number of cases behind it."""

    value: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class TrustParameters:
    """What turns logits into statements that may be believed; fitted on validation cases, never on training ones.

    Parameters
    ----------
    temperatures : tuple of float
        One for a softmax head, one a label for a sigmoid head; logits are divided by it.
    biases : tuple of float
        Added after the division, one a label (Platt scaling of a sigmoid head); empty for a softmax head.
    operating_point : float or None
        The case is flagged where the summed probability of the task's positive labels reaches it.
    thresholds : tuple of float
        One a label: the probability from which a label of a multi-label task counts as predicted.
    coverage : float
        The share of cases for which the conformal call of a label is promised not to be wrong, in (0, 1).
    rule_out, rule_in : tuple of float
        One a label: ruled out below the first, ruled in above the second, uncertain between.
    domain_limit : float or None
        Largest Mahalanobis distance of the embedding that still counts as inside the domain.
    likeness_limit : float or None
        Smallest correlation with the average film that still counts as inside the domain.
    """

    temperatures: tuple[float, ...]
    biases: tuple[float, ...] = ()
    operating_point: float | None = None
    thresholds: tuple[float, ...] = ()
    coverage: float = 0.9
    rule_out: tuple[float, ...] = ()
    rule_in: tuple[float, ...] = ()
    domain_limit: float | None = None
    likeness_limit: float | None = None


@dataclass(frozen=True)
class Card:
    """Everything that a reader should know of a model before believing it.

    Parameters
    ----------
    metrics : mapping of str to Metric
        Figures on cases that were not trained on.
    files : mapping of str to str
        SHA-256 (hexadecimal) of each other file of the folder, by name; filled by `save_model`.
    map_scales : mapping of str to float
        The fixed upper end of the colour scale for each explanation method, in multiples of an average token.
    training : mapping
        Settings, seed, epochs, seconds and versions of the run.
    """

    task: str
    title: str
    labels: tuple[str, ...]
    summary: str
    intended_use: str
    limits: tuple[str, ...]
    data: DataFacts
    metrics: Mapping[str, Metric]
    trust: TrustParameters
    map_scales: Mapping[str, float] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


def read_card(folder: Path) -> Card:
    """Read ``card.json`` of a model folder.

    Raises
    ------
    CheckpointError
        The card is not JSON, lacks a key or has one that we do not know.
    """
    try:
        content = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        content["data"] = _record(DataFacts, content["data"])
        content["metrics"] = {name: _record(Metric, metric) for name, metric in content["metrics"].items()}
        content["trust"] = _record(TrustParameters, content["trust"])
        return _record(Card, content)
    except OSError as exc:
        raise CheckpointError(
            "The model folder has no readable card.json.", "Train or download the model again."
        ) from exc
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise CheckpointError(
            f"The model's card.json is not as expected: {exc}.", "Use a card of this version."
        ) from exc


def write_card(card: Card, folder: Path) -> None:
    """Write ``card.json`` into a model folder."""
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def _record(kind: type[_Record], content: Mapping[str, Any]) -> _Record:
    """Build a dataclass from JSON: lists become tuples, unknown and missing keys are refused."""
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(content) - set(known))
    required = {name for name, entry in known.items() if entry.default is MISSING and entry.default_factory is MISSING}
    missing = sorted(required - set(content))
    if unknown or missing:
        raise ValueError(f"{kind.__name__} has unknown keys {unknown} and lacks {missing}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})
