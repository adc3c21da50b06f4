"""The card of a model: who made it from what, how well it does, where it fails, and the figures that trust needs.

The headings follow Mitchell et al., Model Cards for Model Reporting, FAT* 2019 (arXiv 1810.03993).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import CheckpointError
from engine.results import DEFAULT_METHOD, Method
from engine.words import tr

CARD_FILE = "card.json"
FEWEST_CASES = 10  # of fewer, resamples say nothing of what others would bring

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
    ages : tuple of float or None
        Youngest and oldest, in whole years; None where they are not known.
    parts : tuple of str
        Words of Body Part Examined (0018,0015) that fit; empty where they are not known.
    orientation : tuple of str or None
        Towards which side of the patient columns and rows run; None where images lie in any way.
    """

    name: str
    licence: str
    n: int
    who: str
    split: str
    ages: tuple[float, float] | None = None
    parts: tuple[str, ...] = ()
    orientation: tuple[str, str] | None = None


@dataclass(frozen=True)
class Metric:
    """One figure with its 95 % interval and the number of cases behind it.

    Parameters
    ----------
    low, high : float or None
        None where there is no interval: none was computed, or the cases are too few or too much alike for one.
    positives : int or None
        Of an area under the ROC curve, how many of the `n` cases have the label; None of others, and where it is not
        known.
    """

    value: float
    low: float | None
    high: float | None
    n: int
    positives: int | None = None


@dataclass(frozen=True)
class Reliability:
    """Of the answers given with about the probability `said`, the share `found` came true."""

    said: float
    found: Metric


@dataclass(frozen=True)
class NetBenefit:
    """Net benefit a case of acting at one threshold probability: on the model's word, or on every case.

    Acting on none has a net benefit of 0 (Vickers and Elkin, Med Decis Making 26, 2006).
    """

    threshold: float
    model: Metric
    everybody: Metric


@dataclass(frozen=True)
class Subgroup:
    """Figures on the cases of which the data set says `value` where it is asked for `trait`."""

    trait: str
    value: str
    figures: Mapping[str, Metric]


@dataclass(frozen=True)
class Mistake:
    """One case that was called wrongly: what it is, and the label that was said with its probability."""

    case_id: str
    truth: tuple[str, ...]
    said: str
    probability: float


@dataclass(frozen=True)
class Report:
    """What figures alone do not say of a model.

    Parameters
    ----------
    reliability : tuple of Reliability
        Ascending in what was said; bins without a case are left out.
    decisions : tuple of NetBenefit
        The decision curve of the positive labels; empty where the task has none.
    confusion : tuple of tuple of Metric
        One row a true label, one column a label said: shares of the row; empty where labels are independent.
    mistakes : tuple of Mistake
        The worst first.
    """

    reliability: tuple[Reliability, ...] = ()
    decisions: tuple[NetBenefit, ...] = ()
    confusion: tuple[tuple[Metric, ...], ...] = ()
    subgroups: tuple[Subgroup, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True)
class Ablation:
    """A short training with one thing changed, beside the reference that all else is shared with.

    Parameters
    ----------
    part : str
        What was changed; empty for the reference itself.
    variant : str
        How it was, in a few words.
    figures : mapping of str to Metric
        On the model's validation cases; the lead over the reference is paired.
    """

    part: str
    variant: str
    figures: Mapping[str, Metric]


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
        Largest distance of the embedding that still counts as inside the domain: of Mahalanobis for images, the cosine
        distance to the nearest training note for notes.
    likeness_limit : float or None
        Smallest correlation with the average film that still counts as inside the domain.
    gate_limit : float or None
        Largest log-odds of the gate against a familiar image; None where there is no gate.
    least_sure : float or None
        Smallest probability at which the first answer to a question is given; None where one always is.
    least_drafted : float or None
        Smallest mean probability of a word piece at which a draft is shown; None where one always is.
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
    gate_limit: float | None = None
    least_sure: float | None = None
    least_drafted: float | None = None

    @property
    def shares_limits(self) -> bool:
        """Whether labels with few cases share one limit, which then holds for them on average; limits end at 1/2."""
        own = [limit for limit in self.rule_out if limit < 1 / 2]
        return len(set(own)) < len(own)


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
    report : Report
        On the same cases as `metrics`; empty where it was not made.
    cross_validated : mapping of str to Metric
        Figures of models trained anew on parts of the patients, each on the others; empty where that was not asked for.
    domain : mapping of str to Metric
        Shares of validation images that are called outside the domain, by what was done to them or what they are;
        empty where that was not measured.
    ablations : tuple of Ablation
        The reference first; empty where no choice was compared.
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
    report: Report = field(default_factory=Report)
    cross_validated: Mapping[str, Metric] = field(default_factory=dict)
    domain: Mapping[str, Metric] = field(default_factory=dict)
    ablations: tuple[Ablation, ...] = ()

    @property
    def methods(self) -> tuple[Method, ...]:
        """The explanations that this model has a colour scale for, what is shown first in front, then by removal gap.

        In front is a learned explainer, which is put beside a model only where its gap was measured to be larger than
        that of `DEFAULT_METHOD`, unless the outside check says the contrary; else `DEFAULT_METHOD`, as long as its gap
        lies within the interval of the best or none was measured.
        """
        known = [method for method in Method if method in self.map_scales]
        gaps = {method: self.metrics[name] for method in known if (name := f"removal_gap@{method}") in self.metrics}
        best = max(gaps, key=lambda method: gaps[method].value, default=DEFAULT_METHOD)
        if DEFAULT_METHOD in gaps and gaps[DEFAULT_METHOD].value >= _least(gaps[best]):
            best = DEFAULT_METHOD
        learned = [method for method in known if method.learned and not self._contradicted(method)]
        first = next(iter(learned), best)
        return tuple(
            sorted(known, key=lambda method: (method is not first, -gaps[method].value if method in gaps else 1.0))
        )

    def _contradicted(self, method: Method) -> bool:
        """Whether what it marks matters less than what `DEFAULT_METHOD` marks, where it is replaced and not absent."""
        drop, other = (self.metrics.get(f"outside_drop@{one}") for one in (method, DEFAULT_METHOD))
        return drop is not None and other is not None and drop.value < _least(other)


def _least(figure: Metric) -> float:
    """The lower end of a figure's interval; the figure itself where it has none."""
    return figure.value if figure.low is None else figure.low


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
        content["metrics"] = _metrics(content["metrics"])
        content["cross_validated"] = _metrics(content.get("cross_validated", {}))
        content["domain"] = _metrics(content.get("domain", {}))
        content["report"] = _report(content.get("report", {}))
        content["ablations"] = [
            _record(Ablation, {**row, "figures": _metrics(row["figures"])}) for row in content.get("ablations", ())
        ]
        content["trust"] = _record(TrustParameters, content["trust"])
        return _record(Card, content)
    except OSError as exc:
        raise CheckpointError(
            tr("The model folder has no readable card.json."), tr("Train or download the model again.")
        ) from exc
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise CheckpointError(
            tr("The model's card.json is not as expected: {reason}.", reason=exc), tr("Use a card of this version.")
        ) from exc


def write_card(card: Card, folder: Path) -> None:
    """Write ``card.json`` into a model folder."""
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def _metrics(content: Mapping[str, Any]) -> dict[str, Metric]:
    return {name: _metric(metric) for name, metric in content.items()}


def _metric(content: Mapping[str, Any]) -> Metric:
    """Build a figure; without an interval that claims certainty, as cards were once written with."""
    found = _record(Metric, content)
    alike = found.low == found.high and found.low in (0.0, 1.0)
    few = found.positives is not None and min(found.positives, found.n - found.positives) < FEWEST_CASES
    return replace(found, low=None, high=None) if alike or few else found


def _report(content: Mapping[str, Any]) -> Report:
    """Build a report from JSON, its records from the inside out."""
    parts = {name: list(content.get(name, ())) for name in (entry.name for entry in fields(Report))}
    reliability = [_record(Reliability, {**row, "found": _metric(row["found"])}) for row in parts["reliability"]]
    decisions = [
        _record(NetBenefit, {**row, **{name: _metric(row[name]) for name in ("model", "everybody")}})
        for row in parts["decisions"]
    ]
    return _record(
        Report,
        {
            **content,
            "reliability": reliability,
            "decisions": decisions,
            "confusion": [tuple(_metric(cell) for cell in row) for row in parts["confusion"]],
            "subgroups": [
                _record(Subgroup, {**row, "figures": _metrics(row["figures"])}) for row in parts["subgroups"]
            ],
            "mistakes": [_record(Mistake, row) for row in parts["mistakes"]],
        },
    )


def _record(kind: type[_Record], content: Mapping[str, Any]) -> _Record:
    """Build a dataclass from JSON: lists become tuples, unknown and missing keys are refused."""
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(content) - set(known))
    required = {name for name, entry in known.items() if entry.default is MISSING and entry.default_factory is MISSING}
    missing = sorted(required - set(content))
    if unknown or missing:
        raise ValueError(f"{kind.__name__} has unknown keys {unknown} and lacks {missing}")
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in content.items()})
