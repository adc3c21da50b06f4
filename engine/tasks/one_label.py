"""The measured half of a card where labels exclude one another: trust parameters, figures cross-fitted on halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import TrainingError
from engine.evaluation.certainty import certainty_figures
from engine.evaluation.metrics import bootstrap_weights, single_label_metrics
from engine.evaluation.report import Scored, report_one_label, to_metric
from engine.models.card import Metric, Report, TrustParameters
from engine.tasks.task import Example
from engine.training.split import folds_by_group
from engine.trust.calibration import balanced_threshold, calibrate, fit_temperature
from engine.trust.conformal import calls as calls_of
from engine.trust.conformal import fit_conformal

COVERAGE = 0.9

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Labelled:
    """N validation cases with their truth.

    Parameters
    ----------
    truth : numpy.ndarray
        ``(N, L)`` bool: one True a row.
    positive : tuple of str
        Labels that the operating point looks for; empty where there is none.
    may_lack : bool
        A label may be missing among the cases of one half: it then shares the conformal limit of the rare ones.
    """

    examples: tuple[Example, ...]
    truth: Flags
    labels: tuple[str, ...]
    positive: tuple[str, ...] = ()
    may_lack: bool = False

    @property
    def sought(self) -> Flags:
        """``(L,)``: True for positive labels."""
        return np.isin(self.labels, self.positive)

    def weights(self, seed: int) -> Floats:
        """Bootstrap weights by group, ``(1 + B, N)``."""
        return bootstrap_weights([example.group for example in self.examples], seed=seed)


@dataclass(frozen=True, eq=False)
class Judged:
    """Cases as they were judged by what was fitted on other groups: ``(N, L)``, ``(N,)``, ``(N, L)`` of `Call`."""

    probability: Floats
    flag: Flags
    calls: NDArray[np.object_]


@dataclass(frozen=True)
class _Row:
    rank: int
    group: str


Halves = Sequence[tuple[TrustParameters, NDArray[np.int64]]]
"""What was fitted on one half of the groups, and the ranks of the cases of the other half."""


def fit_trust(logits: Floats, held: Labelled, chosen: slice | NDArray[np.int64] = slice(None)) -> TrustParameters:
    """Fit temperature, operating point and conformal limits.

    Parameters
    ----------
    logits : numpy.ndarray
        ``(V, N, L)``: every case in V views, the first of them as it is.
    chosen : slice or numpy.ndarray
        The cases to fit on.

    Raises
    ------
    TrainingError
        A label is missing among them.
    """
    seen = logits[:, chosen].reshape(-1, logits.shape[-1])  # (V C, L)
    truth = np.tile(held.truth[chosen], (len(logits), 1))  # (V C, L)
    if not held.may_lack and not truth.any(axis=0).all():
        raise TrainingError("Half of the validation patients lack a label.", "Give a data set with more patients.")
    trust = TrustParameters(temperatures=(fit_temperature(seen, truth.argmax(axis=1)),), coverage=COVERAGE)
    probability = calibrate(seen, trust, multi_label=False)  # (V C, L)
    plain = slice(len(held.truth[chosen]))  # views of one case are no further cases: its limits are of the first ones
    rule_out, rule_in = fit_conformal(probability[plain], truth[plain], coverage=COVERAGE)
    trust = replace(trust, rule_out=rule_out, rule_in=rule_in)
    if not held.positive:
        return trust
    diseased = np.asarray(truth[:, held.sought].any(axis=1))  # (V C,)
    return replace(trust, operating_point=balanced_threshold(probability[:, held.sought].sum(axis=1), diseased))


def halves_of(logits: Floats, held: Labelled, seed: int) -> Halves:
    """Fit on each half of the groups; `logits` ``(V, N, L)``."""
    rows = [_Row(rank, example.group) for rank, example in enumerate(held.examples)]
    return [
        (fit_trust(logits, held, np.array([row.rank for row in fitted])), np.array([row.rank for row in scored]))
        for fitted, scored in folds_by_group(rows, folds=2, seed=seed)
    ]


def judge(logits: Floats, halves: Halves, held: Labelled) -> Judged:
    """Judge cases by their logits ``(N, L)``, each by what was fitted on the other half."""
    probability = np.empty(logits.shape)  # (N, L)
    flag = np.zeros(len(logits), dtype=np.bool_)  # (N,)
    calls = np.empty(logits.shape, dtype=object)  # (N, L)
    for trust, scored in halves:
        probability[scored] = calibrate(logits[scored], trust, multi_label=False)
        if trust.operating_point is not None:
            flag[scored] = probability[scored][:, held.sought].sum(axis=1) >= trust.operating_point
        calls[scored] = [calls_of(row, trust) for row in probability[scored]]
    return Judged(probability, flag, calls)


def figures(judged: Judged, held: Labelled, weights: Floats) -> dict[str, Metric]:
    """All figures, with intervals by bootstrap weights ``(1 + B, N)``."""
    truth = held.truth  # (N, L)
    intervals = single_label_metrics(
        truth, judged.probability, held.labels, weights, positive=held.positive, flag=judged.flag
    )
    intervals |= certainty_figures(truth, judged.calls, weights)
    return {name: to_metric(found, len(truth)) for name, found in intervals.items()}


def report(judged: Judged, held: Labelled, weights: Floats) -> Report:
    """What figures alone do not say."""
    return report_one_label(
        Scored(
            case_ids=[example.case_id for example in held.examples],
            labels=held.labels,
            positive=held.positive,
            truth=held.truth,
            probability=judged.probability,
            weights=weights,
            flag=judged.flag,
            traits=[example.traits for example in held.examples],
        )
    )
