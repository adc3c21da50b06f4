"""Metrics with 95 % bootstrap intervals by patient, all resamples at once.

Every metric takes a matrix of case weights, one row a resample: row 0 holds ones and gives the value itself, the
other rows count how often each case was drawn. One sort then serves a thousand resamples.

References: Efron, Ann Statist 7, 1979 (bootstrap); Fawcett, Pattern Recognit Lett 27, 2006 (AUROC); Tsoumakas et al.,
Data Mining and Knowledge Discovery Handbook, 2010 (LRAP); Naeini et al., AAAI 2015 (ECE); Brier, 1950.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.card import FEWEST_CASES

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Metric = Callable[[Flags, Floats, Floats], Floats]

ECE_BINS = 15


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its 95 % interval: quantiles of its bootstrap distribution, or exact ones.

    Parameters
    ----------
    low, high : float
        NaN where there is no interval.
    n : int or None
        The cases behind it where these are not all: of a sensitivity the diseased ones. None where they are all.
    positives : int or None
        Of an area under the ROC curve, how many of these cases have the label.
    """

    value: float
    low: float
    high: float
    n: int | None = None
    positives: int | None = None

    def cases(self, measured: int) -> int:
        """How many cases stand behind it where `measured` ones were looked at."""
        return measured if self.n is None else self.n

    def to_json(self, measured: int) -> dict[str, float | int | None]:
        """The record of JSON files, where `measured` cases were looked at; null where no interval is."""
        low, high = (end if np.isfinite(end) else None for end in (self.low, self.high))
        value = self.value if np.isfinite(self.value) else None
        found = {"value": value, "low": low, "high": high, "n": self.cases(measured)}
        return found if self.positives is None else {**found, "positives": self.positives}


def bootstrap_weights(groups: Sequence[str], *, repeats: int = 1000, seed: int = 0) -> Floats:
    """Draw whole groups with replacement and return how often each case was drawn.

    Parameters
    ----------
    groups : sequence of str
        The patient (or note) of each of the N cases.

    Returns
    -------
    numpy.ndarray
        ``(1 + repeats, N)`` float64; the first row is all ones.
    """
    _, member = np.unique(np.asarray(groups), return_inverse=True)  # (N,)
    count = int(member.max()) + 1
    draws = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=repeats)  # (B, G)
    return np.concatenate([np.ones((1, len(member))), draws[:, member]])  # (1+B, N)


def interval(samples: Floats) -> Interval:
    """Turn a metric's value and its resamples ``(1+B,)`` into an interval; NaN resamples are left out.

    There is none where the resamples are all 0 or all 1: drawn from a sample without a mistake, they know of none.

    >>> interval(np.array([0.5, 0.4, 0.6]))
    Interval(value=0.5, low=0.405, high=0.595, n=None, positives=None)
    >>> interval(np.array([1.0, 1.0, 1.0]))
    Interval(value=1.0, low=nan, high=nan, n=None, positives=None)
    """
    value, resampled = float(samples[0]), samples[1:][np.isfinite(samples[1:])]
    if not np.isfinite(value) or not len(resampled):
        return Interval(value, float("nan"), float("nan"))
    low, high = np.round(np.percentile(resampled, [2.5, 97.5]), 6)
    if low == high and low in (0.0, 1.0):
        return Interval(value, float("nan"), float("nan"))
    return Interval(value, float(low), float(high))


def mean_of(values: Floats, weights: Floats, rows: Flags | None = None) -> Interval:
    """Mean of values ``(N,)`` over `rows` ``(N,)`` bool, all where it is None, by weights ``(1+B, N)``."""
    among = np.ones(len(values)) if rows is None else rows.astype(np.float64)  # (N,)
    found = interval(_ratio(weights @ (among * values), weights @ among))
    return found if rows is None else replace(found, n=int(rows.sum()))


def share_of(flags: Flags, weights: Floats, rows: Flags | None = None) -> Interval:
    """Share of flags ``(N,)`` that are set, as `mean_of`; where all or none are, its interval is exact.

    Clopper and Pearson, Biometrika 26, 1934. Cases that are only drawn together count as one.
    """
    found = mean_of(flags.astype(np.float64), weights, rows)
    if found.value not in (0.0, 1.0):
        return found
    drawn = np.unique(weights if rows is None else weights[:, rows], axis=1).shape[1]
    bound = round(0.025 ** (1 / drawn), 6)
    return replace(found, low=bound, high=1.0) if found.value else replace(found, low=0.0, high=round(1 - bound, 6))


def area(truth: Flags, score: Floats, weights: Floats) -> Interval:
    """`auroc` with its interval; without one where either class has fewer than `FEWEST_CASES` cases."""
    found, positives = interval(auroc(truth, score, weights)), int(truth.sum())
    if min(positives, len(truth) - positives) < FEWEST_CASES:
        found = Interval(found.value, float("nan"), float("nan"))
    return replace(found, positives=positives)


def auroc(truth: Flags, score: Floats, weights: Floats) -> Floats:
    """Area under the ROC curve: the chance that a true case scores above a false one, ties counting half.

    Parameters
    ----------
    truth, score : numpy.ndarray
        ``(N,)``: whether the label is true, and any score that grows with it.
    weights : numpy.ndarray
        ``(B, N)`` case weights.

    Returns
    -------
    numpy.ndarray
        ``(B,)`` in [0, 1]; NaN where one of the two classes is empty.
    """
    positive, negative = _weights_by_score(truth, score, weights)  # (B, U) each, ascending scores
    below = np.cumsum(negative, axis=1) - negative / 2  # (B, U)
    return _ratio((positive * below).sum(1), positive.sum(1) * negative.sum(1))


def average_precision(truth: Flags, score: Floats, weights: Floats) -> Floats:
    """Area under the precision-recall curve as a step function, shapes as for `auroc`."""
    positive, negative = _weights_by_score(truth, score, weights)
    positive, negative = positive[:, ::-1], negative[:, ::-1]  # descending scores
    hits = np.cumsum(positive, axis=1)  # (B, U)
    called = hits + np.cumsum(negative, axis=1)  # (B, U)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)  # (B, U)
    return _ratio((precision * positive).sum(1), positive.sum(1))


def macro(metric: Metric, truth: Flags, score: Floats, weights: Floats) -> Floats:
    """Mean of a metric over the L labels of ``(N, L)`` arrays; labels where it is undefined are left out."""
    per_label = np.stack([metric(truth[:, k], score[:, k], weights) for k in range(truth.shape[1])])  # (L, B)
    defined = np.isfinite(per_label)  # (L, B)
    return _ratio(np.where(defined, per_label, 0.0).sum(0), defined.sum(0).astype(float))


def accuracy(correct: Flags, weights: Floats) -> Floats:
    """Weighted share of True in ``(N,)``; with `correct` restricted to one class it is sensitivity or specificity."""
    return _ratio(weights @ correct.astype(float), weights.sum(1))


def sensitivity(truth: Flags, called: Flags, weights: Floats) -> Floats:
    """Share of the true cases that are called, arrays ``(N,)``."""
    return accuracy(called[truth], weights[:, truth])


def specificity(truth: Flags, called: Flags, weights: Floats) -> Floats:
    """Share of the false cases that are not called, arrays ``(N,)``."""
    return accuracy(~called[~truth], weights[:, ~truth])


def micro_f1(truth: Flags, called: Flags, weights: Floats) -> Floats:
    """F1 over all pairs of case and label, arrays ``(N, L)``."""
    hits = weights @ (truth & called).sum(1)  # (B,)
    return _ratio(2 * hits, weights @ (truth.sum(1) + called.sum(1)))


def macro_f1(truth: Flags, called: Flags, weights: Floats) -> Floats:
    """Mean over labels of F1, arrays ``(N, L)``; a label neither true nor called counts 0, as in scikit-learn."""
    hits = weights @ (truth & called)  # (B, L)
    total = weights @ (truth.astype(float) + called)  # (B, L)
    per_label: Floats = np.divide(2 * hits, total, out=np.zeros_like(hits), where=total > 0)  # (B, L)
    return np.asarray(per_label.mean(1))


def lrap(truth: Flags, score: Floats, weights: Floats) -> Floats:
    """Label ranking average precision, arrays ``(N, L)``; a case without true labels counts 1, as in scikit-learn."""
    at_least = score[:, None, :] >= score[:, :, None]  # (N, L, L): does label j score at least as high as label i?
    precision = (at_least & truth[:, None, :]).sum(2) / at_least.sum(2)  # (N, L)
    true_labels = truth.sum(1)  # (N,)
    per_case = np.where(true_labels > 0, (precision * truth).sum(1) / np.maximum(true_labels, 1), 1.0)  # (N,)
    return _ratio(weights @ per_case, weights.sum(1))


def expected_calibration_error(truth: Flags, probability: Floats, weights: Floats) -> Floats:
    """Mean distance between probability and frequency over 15 equal bins of probability.

    Parameters
    ----------
    truth, probability : numpy.ndarray
        ``(N, L)``: all pairs are pooled. For a single-label task pass the top label alone, ``(N, 1)``.
    """
    bins = np.minimum((probability * ECE_BINS).astype(int), ECE_BINS - 1)  # (N, L)
    gap = np.zeros(len(weights))  # (B,)
    for number in range(ECE_BINS):
        inside = bins == number  # (N, L)
        gap += np.abs(weights @ ((probability - truth) * inside).sum(1))
    return _ratio(gap, weights.sum(1) * truth.shape[1])


def brier(truth: Flags, probability: Floats, weights: Floats) -> Floats:
    """Mean squared distance between probability and truth over cases and labels, arrays ``(N, L)``."""
    return _ratio(weights @ ((probability - truth) ** 2).mean(1), weights.sum(1))


def single_label_metrics(
    truth: Flags, probability: Floats, labels: Sequence[str], weights: Floats, *, positive: Sequence[str], flag: Flags
) -> dict[str, Interval]:
    """Compute all figures of a single-label task; those that are undefined on these cases are left out.

    Sensitivity and specificity say how many diseased and healthy cases stand behind them.

    Parameters
    ----------
    truth : numpy.ndarray
        ``(N, L)`` bool, one True a row.
    probability : numpy.ndarray
        ``(N, L)`` calibrated, rows summing to 1.
    weights : numpy.ndarray
        ``(1+B, N)`` from `bootstrap_weights`.
    positive : sequence of str
        Labels whose summed probability the operating point cuts; empty where the task has none.
    flag : numpy.ndarray
        ``(N,)`` bool: above the locked operating point.
    """
    top = probability.argmax(1)  # (N,)
    called = np.eye(len(labels), dtype=bool)[top]  # (N, L)
    correct = (called & truth).any(1)  # (N,)
    found = {
        "accuracy": share_of(correct, weights),
        "macro_f1": interval(macro_f1(truth, called, weights)),
        "macro_auprc": interval(macro(average_precision, truth, probability, weights)),
        "ece": interval(expected_calibration_error(correct[:, None], probability.max(1, keepdims=True), weights)),
        "brier": interval(brier(truth, probability, weights)),
    } | _areas(truth, probability, labels, weights)
    if positive:
        chosen = [label in positive for label in labels]
        disease: Flags = np.any(truth[:, chosen], axis=1)  # (N,)
        score = probability[:, chosen].sum(1)  # (N,)
        found |= {
            "auroc": area(disease, score, weights),
            "auprc": interval(average_precision(disease, score, weights)),
            **_both_sides(disease, flag, weights),
            "flag_accuracy": share_of(disease == flag, weights),
            "flag_f1": interval(micro_f1(disease[:, None], flag[:, None], weights)),
        }
    return _defined(found)


def min_sensitivity_precision(truth: Flags, score: Floats, weights: Floats) -> Floats:
    """The largest value that sensitivity and precision both reach at one threshold, shapes as for `auroc`.

    min(Se, +P), event 1 of the PhysioNet/Computing in Cardiology Challenge 2012.
    """
    positive, negative = _weights_by_score(truth, score, weights)
    hits = np.cumsum(positive[:, ::-1], axis=1)  # (B, U) descending scores
    called = hits + np.cumsum(negative[:, ::-1], axis=1)  # (B, U)
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)  # (B, U)
    found = _ratio(hits, np.broadcast_to(hits[:, -1:], hits.shape))  # (B, U)
    return np.asarray(np.minimum(precision, found).max(axis=1))


def risk_metrics(truth: Flags, probability: Floats, weights: Floats, *, flag: Flags) -> dict[str, Interval]:
    """Compute all figures of one calibrated risk, arrays ``(N,)``, as `single_label_metrics` does."""
    return _defined(
        {
            "auroc": area(truth, probability, weights),
            "auprc": interval(average_precision(truth, probability, weights)),
            "min(Se,+P)": interval(min_sensitivity_precision(truth, probability, weights)),
            "brier": interval(brier(truth[:, None], probability[:, None], weights)),
            "ece": interval(expected_calibration_error(truth[:, None], probability[:, None], weights)),
        }
        | _both_sides(truth, flag, weights)
    )


def multi_label_metrics(
    truth: Flags, probability: Floats, labels: Sequence[str], weights: Floats, *, called: Flags
) -> dict[str, Interval]:
    """Compute all figures of a multi-label task as `single_label_metrics` does; `called` is ``(N, L)`` bool."""
    samples = {
        "micro_f1": micro_f1(truth, called, weights),
        "macro_f1": macro_f1(truth, called, weights),
        "lrap": lrap(truth, probability, weights),
        "macro_auprc": macro(average_precision, truth, probability, weights),
        "ece": expected_calibration_error(truth, probability, weights),
        "brier": brier(truth, probability, weights),
    }
    found = {name: interval(values) for name, values in samples.items()}
    return _defined(found | _areas(truth, probability, labels, weights))


def recall_and_precision(truth: Flags, score: Floats, *, offered: int) -> tuple[Floats, Floats]:
    """Of the true labels of each case, the share among the `offered` first ones; and of these, the share that is true.

    Parameters
    ----------
    truth, score : numpy.ndarray
        ``(N, L)``; every case has a true label.

    Returns
    -------
    tuple of numpy.ndarray
        ``(N,)`` each, in [0, 1].
    """
    first = np.argsort(-score, axis=1, kind="stable")[:, :offered]  # (N, offered)
    hits = np.take_along_axis(truth, first, axis=1).sum(axis=1)  # (N,)
    return hits / truth.sum(axis=1), hits / offered


def ranking_metrics(truth: Flags, score: Floats, weights: Floats, *, offered: int) -> dict[str, Interval]:
    """Recall and precision of the `offered` first labels, means over the cases that have a true one."""
    known = truth.any(axis=1)  # (N,)
    found = recall_and_precision(truth[known], score[known], offered=offered)
    pairs = zip((f"recall@{offered}", f"precision@{offered}"), found, strict=True)
    count = int(known.sum())
    return _defined({name: replace(mean_of(values, weights[:, known]), n=count) for name, values in pairs})


def _both_sides(disease: Flags, flag: Flags, weights: Floats) -> dict[str, Interval]:
    """Sensitivity and specificity, each on the cases that it is of."""
    sides = {"sensitivity": (flag, disease), "specificity": (~flag, ~disease)}
    return {name: share_of(right, weights, rows) for name, (right, rows) in sides.items()}


def _defined(found: Mapping[str, Interval]) -> dict[str, Interval]:
    """The metrics that are defined on these cases."""
    return {name: metric for name, metric in found.items() if np.isfinite(metric.value)}


def _areas(truth: Flags, score: Floats, labels: Sequence[str], weights: Floats) -> dict[str, Interval]:
    per_label = {f"auroc:{label}": area(truth[:, k], score[:, k], weights) for k, label in enumerate(labels)}
    return {"macro_auroc": interval(macro(auroc, truth, score, weights))} | per_label


def _weights_by_score(truth: Flags, score: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Total weight of the true and of the false cases at each distinct score, ascending: two ``(B, U)``."""
    order = np.argsort(score, kind="stable")  # (N,)
    first = np.flatnonzero(np.diff(score[order], prepend=-np.inf))  # (U,) start of each run of equal scores
    sorted_weights, sorted_truth = weights[:, order], truth[order]  # (B, N), (N,)
    positive = np.add.reduceat(sorted_weights * sorted_truth, first, axis=1)  # (B, U)
    negative = np.add.reduceat(sorted_weights * ~sorted_truth, first, axis=1)  # (B, U)
    return positive, negative


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient, NaN where the denominator is 0."""
    result: Floats = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=result, where=denominator > 0)
    return result
