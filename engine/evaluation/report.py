"""What figures alone do not say of a model: where its probabilities hold, whether acting on it helps, where it fails.

References: Niculescu-Mizil and Caruana, ICML 2005 (reliability); Vickers and Elkin, Med Decis Making 26, 2006 (decision
curves). All intervals are those of `engine.evaluation.metrics`: bootstrap by patient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import (
    Interval,
    auroc,
    interval,
    macro,
    risk_metrics,
    share_of,
    single_label_metrics,
)
from engine.models.card import Metric, Mistake, NetBenefit, Reliability, Report, Subgroup

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

BINS = 10
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(1, 20))
SHOWN_MISTAKES = 12
SUBGROUP_FIGURES = ("auroc", "sensitivity", "specificity", "accuracy", "macro_auroc")
FEWEST = 10  # cases of a subgroup: figures of fewer say nothing

_DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Scored:
    """N cases with their answers.

    Parameters
    ----------
    truth, probability : numpy.ndarray
        ``(N, L)``: bool, and calibrated.
    weights : numpy.ndarray
        ``(1+B, N)`` from `bootstrap_weights`.
    flag : numpy.ndarray
        ``(N,)`` bool: the operating point is reached.
    traits : sequence of mapping
        What the data set says of each case beside its labels.
    """

    case_ids: Sequence[str]
    labels: Sequence[str]
    positive: Sequence[str]
    truth: Flags
    probability: Floats
    weights: Floats
    flag: Flags
    traits: Sequence[Mapping[str, str]]

    def select(self, rows: Flags) -> Scored:
        """Some of the cases, ``(N,)`` bool."""
        return replace(
            self,
            case_ids=[name for name, there in zip(self.case_ids, rows, strict=True) if there],
            truth=self.truth[rows],
            probability=self.probability[rows],
            weights=self.weights[:, rows],
            flag=self.flag[rows],
            traits=[traits for traits, there in zip(self.traits, rows, strict=True) if there],
        )


def report_one_label(scored: Scored) -> Report:
    """Report on a task whose labels exclude one another."""
    top = scored.probability.argmax(1)  # (N,)
    rows = np.arange(len(top))
    said, right = scored.probability[rows, top], scored.truth[rows, top]  # (N,), (N,)
    return Report(
        reliability=reliability(right[:, None], said[:, None], scored.weights),
        decisions=_decisions(scored),
        confusion=_confusion(scored.truth, top, scored.weights),
        subgroups=_subgroups(scored, _of_one_label),
        mistakes=_mistakes(scored, top, np.where(right, 0.0, said)),
    )


def report_many_labels(scored: Scored) -> Report:
    """Report on a task whose labels are independent; its worst mistakes are single labels that are clearly wrong."""
    wrong = np.abs(scored.probability - scored.truth)  # (N, L)
    worst = wrong.argmax(1)  # (N,)
    gap = wrong.max(1)  # (N,)
    return Report(
        reliability=reliability(scored.truth, scored.probability, scored.weights),
        decisions=_decisions(scored),
        subgroups=_subgroups(scored, _of_a_risk if len(scored.labels) == 1 else _of_many_labels),
        mistakes=_mistakes(scored, worst, np.where(gap > 1 / 2, gap, 0.0)),
    )


def reliability(truth: Flags, probability: Floats, weights: Floats) -> tuple[Reliability, ...]:
    """Compare what was said with what came true, in ten bins of equal width; arrays ``(N, L)``, all pairs pooled."""
    bins = np.minimum((probability * BINS).astype(int), BINS - 1)  # (N, L)
    found = []
    for number in range(BINS):
        inside = bins == number  # (N, L)
        if inside.any():
            there = weights @ inside.sum(1)  # (1+B,)
            share = np.divide(
                weights @ (truth & inside).sum(1), there, out=np.full(len(weights), np.nan), where=there > 0
            )
            said = round(float(probability[inside].mean()), _DECIMALS)
            found.append(Reliability(said, to_metric(interval(share), int(inside.sum()))))
    return tuple(found)


def net_benefit(disease: Flags, called: Flags, threshold: float, weights: Floats) -> Floats:
    """Net benefit a case, ``(1+B,)``: true calls less false ones at the threshold's odds (Vickers & Elkin, eq. 1)."""
    odds = threshold / (1 - threshold)
    worth = np.where(disease, 1.0, -odds) * called  # (N,)
    return np.asarray(weights @ worth / weights.sum(1))


def to_metric(found: Interval, n: int) -> Metric:
    """A figure as cards write it, on `n` cases or as many as it says; without an interval where none was computed."""
    low, high = (round(end, _DECIMALS) if np.isfinite(end) else None for end in (found.low, found.high))
    return Metric(round(found.value, _DECIMALS), low, high, found.cases(n), found.positives)


def with_interval(figure: Interval | Metric) -> str:
    """Write a figure with its interval, or say that it has none.

    >>> with_interval(Metric(0.9, 0.8512, 0.95, 40)), with_interval(Metric(1.0, None, None, 40))
    ('0.900 (0.851 to 0.950)', '1.000 (no interval)')
    """
    if figure.low is None or figure.high is None or not np.isfinite(figure.low):
        return f"{figure.value:.3f} (no interval)"
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _decisions(scored: Scored) -> tuple[NetBenefit, ...]:
    chosen = np.isin(scored.labels, scored.positive)  # (L,)
    if not chosen.any():
        return ()
    disease = np.asarray(scored.truth[:, chosen].any(axis=1))  # (N,)
    score = scored.probability[:, chosen].sum(axis=1)  # (N,)
    everybody = np.ones_like(disease)
    return tuple(
        NetBenefit(
            threshold,
            *(
                to_metric(interval(net_benefit(disease, called, threshold, scored.weights)), len(disease))
                for called in (score >= threshold, everybody)
            ),
        )
        for threshold in THRESHOLDS
    )


def _confusion(truth: Flags, top: NDArray[np.int64], weights: Floats) -> tuple[tuple[Metric, ...], ...]:
    """Shares of each true label that were called this or that; a label without a case has a row of zeros."""
    labels = range(truth.shape[1])
    return tuple(
        tuple(
            to_metric(share_of(top == said, weights, row), int(row.sum())) if row.any() else Metric(0.0, None, None, 0)
            for said in labels
        )
        for row in truth.T
    )


def _subgroups(scored: Scored, measure: Callable[[Scored], Mapping[str, Interval]]) -> tuple[Subgroup, ...]:
    """The figures of the cases of each trait that the data set tells; a case of which it tells nothing is in each."""
    pairs = sorted({pair for traits in scored.traits for pair in traits.items()})
    found = []
    for trait, value in pairs:
        rows = np.array([traits.get(trait, value) == value for traits in scored.traits])  # (N,)
        if rows.sum() < FEWEST:
            continue
        figures = measure(scored.select(rows))
        kept = {name: to_metric(figures[name], int(rows.sum())) for name in SUBGROUP_FIGURES if name in figures}
        found.append(Subgroup(trait, value, kept))
    return tuple(found)


def _of_one_label(part: Scored) -> dict[str, Interval]:
    return single_label_metrics(
        part.truth, part.probability, part.labels, part.weights, positive=part.positive, flag=part.flag
    )


def _of_a_risk(part: Scored) -> dict[str, Interval]:
    return risk_metrics(part.truth[:, 0], part.probability[:, 0], part.weights, flag=part.flag)


def _of_many_labels(part: Scored) -> dict[str, Interval]:
    """The mean over labels alone: the thresholds of single labels are no part of a report."""
    found = interval(macro(auroc, part.truth, part.probability, part.weights))
    return {"macro_auroc": found} if np.isfinite(found.value) else {}


def _mistakes(scored: Scored, label: NDArray[np.int64], badness: Floats) -> tuple[Mistake, ...]:
    """The cases of most `badness` ``(N,)`` (0 is no mistake), each with the `label` ``(N,)`` that was wrong."""
    worst = [row for row in np.argsort(-badness, kind="stable")[:SHOWN_MISTAKES] if badness[row] > 0]
    return tuple(
        Mistake(
            case_id=scored.case_ids[row],
            truth=tuple(name for name, true in zip(scored.labels, scored.truth[row], strict=True) if true),
            said=scored.labels[label[row]],
            probability=round(float(scored.probability[row, label[row]]), _DECIMALS),
        )
        for row in worst
    )
