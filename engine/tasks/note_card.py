"""The measured half of a note classifier's card: what makes its answers believable, and how good they are.

Calibration, threshold and conformal limits are fitted on all validation notes. Figures are cross-fitted: fitted on one
half of the validation groups, scored on the other half, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.evaluation.metrics import bootstrap_weights, interval, multi_label_metrics
from engine.evaluation.report import Scored, report_many_labels, to_metric
from engine.models.card import Metric, Report, TrustParameters
from engine.models.output import ModelInput
from engine.models.text import TextTransformer
from engine.preprocess.text import Pieces, TokenOffsets, cut_windows, window_starts
from engine.results import Call
from engine.tasks.assessment import Assessment
from engine.tasks.map_scales import scales_on
from engine.tasks.task import Example
from engine.training.notes import LabelledNotes, predict_notes
from engine.training.split import folds_by_group
from engine.trust.calibration import best_f1_threshold, calibrate, fit_platt
from engine.trust.conformal import calls as calls_of
from engine.trust.conformal import fit_conformal

COVERAGE = 0.9
SUBSETS = (0.25, 0.5, 0.75, 1.0)  # shares of the first window's words at which the model is tried
MAIN = ("macro_auroc", "micro_f1", "lrap")  # what the subsets and the linear model are compared on
LINEAR = "TF-IDF and logistic regression"
MAP_NOTES = 24  # notes on which the colour scales are measured

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class HeldNotes:
    """Validation notes: as rows of the data set, and as word pieces with their truth."""

    examples: tuple[Example, ...]
    notes: LabelledNotes
    labels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Judged:
    """Notes as they were judged by what was fitted on other groups: ``(N, L)``, ``(N, L)``, ``(N, L)`` of `Call`."""

    probability: Floats
    called: Flags
    calls: NDArray[np.object_]


def assess(network: TextTransformer, tokenizer: Tokenizer, held: HeldNotes, linear: Floats, *, seed: int) -> Assessment:
    """Fit what trust needs on all validation notes, and measure the model by cross-fitting.

    Parameters
    ----------
    linear : numpy.ndarray
        ``(N, L)`` logits of the linear model for the same notes, treated alike.
    """
    logits = predict_notes(network, tokenizer, held.notes.pieces)  # (N, L)
    weights = bootstrap_weights([example.group for example in held.examples], seed=seed)  # (1 + B, N)
    judged = _judge(logits, held, seed)
    metrics = _figures(judged, held, weights)
    beside = _figures(_judge(linear, held, seed), held, weights)
    metrics |= {f"{name} of {LINEAR}": beside[name] for name in MAIN}
    for share in SUBSETS:
        partial = predict_notes(network, tokenizer, held.notes.pieces, first_only=True, kept=share, seed=seed)  # (N, L)
        some = _figures(_judge(partial, held, seed), held, weights)
        metrics |= {f"{name}@{share:.0%} of the first window's words": some[name] for name in MAIN}
    return Assessment(_fit(logits, held.notes.truth), metrics, _report(judged, held, weights))


def compare_with_linear(metrics: Mapping[str, Metric]) -> str:
    """Say in one sentence which model does better on the same notes, for the card's limits."""
    pairs = [(name, metrics[name].value, metrics[f"{name} of {LINEAR}"].value) for name in MAIN]
    better = [ours > theirs for _, ours, theirs in pairs]
    verdict = "better" if all(better) else "worse" if not any(better) else "in part better, in part worse"
    figures = ", ".join(f"{name.replace('_', ' ')} {ours:.3f} against {theirs:.3f}" for name, ours, theirs in pairs)
    return f"On the validation notes it does {verdict} than {LINEAR}: {figures}. Its use is the map over words."


def measure_map_scales(network: TextTransformer, tokenizer: Tokenizer, notes: LabelledNotes) -> dict[str, float]:
    """Measure the colour scale of each explanation method on some notes."""
    return scales_on(network, (_windows(network, tokenizer, pieces) for pieces in notes.pieces[:MAP_NOTES]))


def _windows(network: TextTransformer, tokenizer: Tokenizer, pieces: Pieces) -> tuple[ModelInput, TokenOffsets]:
    inputs, offsets = cut_windows([(pieces, start) for start in window_starts(len(pieces.ids))], tokenizer)
    return inputs.to(next(network.parameters()).device), offsets


def _fit(logits: Floats, truth: Flags) -> TrustParameters:
    """Fit on notes ``(N, L)``."""
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


def _judge(logits: Floats, held: HeldNotes, seed: int) -> _Judged:
    """Judge notes by their logits ``(N, L)``, each by what was fitted on the other half's groups."""
    truth = held.notes.truth  # (N, L)
    probability, called = np.empty(logits.shape), np.empty(logits.shape, dtype=np.bool_)  # (N, L), (N, L)
    calls = np.empty(logits.shape, dtype=object)  # (N, L)
    rank = {example.case_id: row for row, example in enumerate(held.examples)}
    for fitted, scored in folds_by_group(held.examples, folds=2, seed=seed):
        rows = _rows(scored, rank)
        trust = _fit(logits[_rows(fitted, rank)], truth[_rows(fitted, rank)])
        probability[rows] = calibrate(logits[rows], trust, multi_label=True)
        called[rows] = probability[rows] >= trust.thresholds
        calls[rows] = [calls_of(row, trust) for row in probability[rows]]
    return _Judged(probability, called, calls)


def _figures(judged: _Judged, held: HeldNotes, weights: Floats) -> dict[str, Metric]:
    truth, calls = held.notes.truth, judged.calls  # (N, L)
    intervals = multi_label_metrics(truth, judged.probability, held.labels, weights, called=judged.called)
    outcomes = {
        "conformal_coverage_true": (truth, truth & (calls != Call.RULED_OUT)),
        "conformal_coverage_false": (~truth, ~truth & (calls != Call.RULED_IN)),
        "conformal_decided": (np.ones_like(truth), calls != Call.UNCERTAIN),
    }
    for name, (asked, kept) in outcomes.items():
        intervals[name] = interval((weights @ kept.sum(axis=1)) / (weights @ asked.sum(axis=1)))
    return {name: to_metric(found, len(truth)) for name, found in intervals.items()}


def _report(judged: _Judged, held: HeldNotes, weights: Floats) -> Report:
    return report_many_labels(
        Scored(
            case_ids=[example.case_id for example in held.examples],
            labels=held.labels,
            positive=(),
            truth=held.notes.truth,
            probability=judged.probability,
            weights=weights,
            flag=np.asarray(judged.called.any(axis=1)),
            traits=[example.traits for example in held.examples],
        )
    )


def _rows(examples: Sequence[Example], rank: dict[str, int]) -> NDArray[np.int64]:
    return np.array([rank[example.case_id] for example in examples], dtype=np.int64)
