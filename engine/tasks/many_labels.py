"""The measured half of a card where labels are independent: trust parameters, figures cross-fitted on halves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import interval, multi_label_metrics
from engine.evaluation.report import Scored, report_many_labels, to_metric
from engine.models.card import Metric, Report, TrustParameters
from engine.results import Call
from engine.tasks.one_label import COVERAGE, Labelled
from engine.tasks.task import Example
from engine.training.split import folds_by_group
from engine.trust.calibration import best_f1_threshold, calibrate, fit_platt
from engine.trust.conformal import calls as calls_of
from engine.trust.conformal import fit_conformal

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Judged:
    """Cases as they were judged by what was fitted on other groups: ``(N, L)``, ``(N, L)``, ``(N, L)`` of `Call`."""

    probability: Floats
    called: Flags
    calls: NDArray[np.object_]


def fit_trust(logits: Floats, truth: Flags) -> TrustParameters:
    """Fit calibration, threshold and conformal limits on cases ``(N, L)`` that the model was not trained on."""
    temperatures, biases = fit_platt(logits, truth)
    bare = TrustParameters(temperatures, biases)
    probability = calibrate(logits, bare, multi_label=True)  # (N, L)
    rule_out, rule_in = fit_conformal(probability, truth, coverage=COVERAGE)
    return TrustParameters(
        temperatures,
        biases,
        thresholds=(best_f1_threshold(probability, truth),) * truth.shape[1],
        coverage=COVERAGE,
        rule_out=rule_out,
        rule_in=rule_in,
    )


def judge(logits: Floats, held: Labelled, seed: int) -> Judged:
    """Judge cases by their logits ``(N, L)``, each by what was fitted on the other half's groups."""
    truth = held.truth  # (N, L)
    probability, called = np.empty(logits.shape), np.empty(logits.shape, dtype=np.bool_)  # (N, L), (N, L)
    calls = np.empty(logits.shape, dtype=object)  # (N, L)
    rank = {example.case_id: row for row, example in enumerate(held.examples)}
    for fitted, scored in folds_by_group(held.examples, folds=2, seed=seed):
        rows = _rows(scored, rank)
        trust = fit_trust(logits[_rows(fitted, rank)], truth[_rows(fitted, rank)])
        probability[rows] = calibrate(logits[rows], trust, multi_label=True)
        called[rows] = probability[rows] >= trust.thresholds
        calls[rows] = [calls_of(row, trust) for row in probability[rows]]
    return Judged(probability, called, calls)


def figures(judged: Judged, held: Labelled, weights: Floats) -> dict[str, Metric]:
    """All figures, with intervals by bootstrap weights ``(1 + B, N)``."""
    truth, calls = held.truth, judged.calls  # (N, L)
    intervals = multi_label_metrics(truth, judged.probability, held.labels, weights, called=judged.called)
    outcomes = {
        "conformal_coverage_true": (truth, truth & (calls != Call.RULED_OUT)),
        "conformal_coverage_false": (~truth, ~truth & (calls != Call.RULED_IN)),
        "conformal_decided": (np.ones_like(truth), calls != Call.UNCERTAIN),
    }
    for name, (asked, kept) in outcomes.items():
        intervals[name] = interval((weights @ kept.sum(axis=1)) / (weights @ asked.sum(axis=1)))
    return {name: to_metric(found, len(truth)) for name, found in intervals.items()}


def report(judged: Judged, held: Labelled, weights: Floats) -> Report:
    """What figures alone do not say."""
    return report_many_labels(
        Scored(
            case_ids=[example.case_id for example in held.examples],
            labels=held.labels,
            positive=(),
            truth=held.truth,
            probability=judged.probability,
            weights=weights,
            flag=np.asarray(judged.called.any(axis=1)),
            traits=[example.traits for example in held.examples],
        )
    )


def _rows(examples: Sequence[Example], rank: dict[str, int]) -> NDArray[np.int64]:
    return np.array([rank[example.case_id] for example in examples], dtype=np.int64)
