"""The measured half of a course model's card: what makes its risks believable, and how good they are.

Every stay is judged by the one member that was trained without it, so that all stays count. Calibration, operating
point and conformal limits are fitted on all of them; figures are cross-fitted: fitted on one half of the stays, scored
on the other half, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Course
from engine.errors import TrainingError
from engine.evaluation.metrics import area, bootstrap_weights, risk_metrics, share_of
from engine.evaluation.report import Scored, report_many_labels, to_metric
from engine.models.card import Metric, TrustParameters
from engine.models.course import CourseTransformer
from engine.preprocess.course import HOURS, KIND, VARIABLES, prepare_course
from engine.results import Call
from engine.tasks.assessment import Assessment
from engine.tasks.map_scales import scales_on
from engine.tasks.subsets import SHARES, subset_figures
from engine.tasks.task import Example
from engine.training.courses import Stays, predict_stays
from engine.training.split import folds_by_group
from engine.trust.calibration import balanced_threshold, calibrate, fit_platt
from engine.trust.conformal import calls as calls_of
from engine.trust.conformal import fit_conformal

COVERAGE = 0.9
EARLIER = (12, 24)  # hours at which the risk is judged too, with only the past seen

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
ByHour = Mapping[int, Floats]
"""By hour of reading, logits ``(N, 1)``."""


@dataclass(frozen=True, eq=False)
class Held:
    """Stays, each kept from one member: as rows of the data set, and as tokens."""

    examples: tuple[Example, ...]
    stays: Stays
    labels: tuple[str, ...]

    @property
    def died(self) -> Flags:
        """``(N, 1)`` bool."""
        return np.asarray(self.stays.died.numpy() > 0)[:, None]


@dataclass(frozen=True, eq=False)
class _Judged:
    """Stays as they were judged by what was fitted on others: ``(N, 1)``, ``(N,)``, ``(N, 1)`` of `Call`."""

    probability: Floats
    flag: Flags
    calls: NDArray[np.object_]


def assess(network: CourseTransformer, held: Held, whole: ByHour | None = None, *, seed: int) -> Assessment:
    """Fit what trust needs on all stays, and measure the members by cross-fitting.

    Parameters
    ----------
    whole : mapping of int to numpy.ndarray or None
        By hour of reading, logits ``(N, 1)`` of whole models, means of members as they answer, each for the stays that
        it was trained without. Trust and report rest on them; on single members where there are none.

    Raises
    ------
    TrainingError
        In half of the stays all have the same outcome.
    """
    alone = {hour: judged_alone(network, held.stays, hour) for hour in (HOURS, *EARLIER)}
    end = (whole or alone)[HOURS]  # (N, 1)
    judged = _judge(end, held, seed)
    scored = Scored(
        case_ids=[example.case_id for example in held.examples],
        labels=held.labels,
        positive=held.labels,
        truth=held.died,
        probability=judged.probability,
        weights=_weights(held, seed),
        flag=judged.flag,
        traits=[example.traits for example in held.examples],
    )
    return Assessment(_fit(end, held.died), figures(alone, held, seed=seed), report_many_labels(scored))


def figures(logits: ByHour, held: Held, *, seed: int) -> dict[str, Metric]:
    """All figures for logits ``(N, 1)``, by hour of reading, that no stay had a part in."""
    weights, judged, died = _weights(held, seed), _judge(logits[HOURS], held, seed), held.died[:, 0]  # (N,)
    intervals = risk_metrics(died, judged.probability[:, 0], weights, flag=judged.flag)
    for hour in EARLIER:
        intervals[f"auroc at {hour} h"] = area(died, logits[hour][:, 0], weights)
    kept = judged.calls[:, 0] != np.where(died, Call.RULED_OUT, Call.RULED_IN)  # (N,): the truth is still possible
    for name, share in (("conformal_coverage", kept), ("conformal_decided", judged.calls[:, 0] != Call.UNCERTAIN)):
        intervals[name] = share_of(share, weights)
    return {name: to_metric(found, len(died)) for name, found in intervals.items()}


def _weights(held: Held, seed: int) -> Floats:
    return bootstrap_weights([example.group for example in held.examples], seed=seed)  # (1 + B, N)


def judged_alone(network: CourseTransformer, stays: Stays, hour: int) -> Floats:
    """Logits ``(N, 1)`` of all stays read at one hour, each by the member that was trained without it."""
    rows = np.arange(len(stays.tokens))  # (N,)
    votes = predict_stays(network, stays, rows, hour=hour)  # (N, M)
    return np.asarray(votes[rows, stays.part.numpy()][:, None])


def on_observations(network: CourseTransformer, held: Held, *, seed: int) -> dict[str, Metric]:
    """Figures of the members on random shares of the observations of stays, each by the one trained without it."""
    generator = np.random.default_rng(seed)
    seen = [held.stays, *(_thinned(held.stays, share, generator) for share in SHARES)]
    logits = np.stack([judged_alone(network, stays, HOURS) for stays in seen], axis=1)  # (N, 1 + S, 1)
    groups = [example.group for example in held.examples]
    return subset_figures(logits, held.died, groups, parts="observations", multi_label=True, seed=seed)


def _thinned(stays: Stays, share: float, generator: np.random.Generator) -> Stays:
    """Stays of which a random share of the cells is there; what holds for the whole stay always is."""
    some = []
    for tokens in stays.tokens:
        always = tokens[:, KIND].numpy() > len(VARIABLES)  # (T,)
        some.append(tokens[torch.from_numpy(always | (generator.random(len(tokens)) < share))])
    return replace(stays, tokens=tuple(some))


def measure_map_scales(network: CourseTransformer, courses: Sequence[Course]) -> dict[str, float]:
    """Measure the colour scale of each explanation method on some courses."""
    return scales_on(network, (prepare_course(course)[:2] for course in courses))


def _fit(logits: Floats, died: Flags) -> TrustParameters:
    """Fit on stays ``(N, 1)``."""
    if not died.any() or died.all():
        raise TrainingError("In half of the stays all have the same outcome.", "Give a data set with more stays.")
    temperatures, biases = fit_platt(logits, died)
    trust = TrustParameters(temperatures, biases, coverage=COVERAGE)
    probability = calibrate(logits, trust, multi_label=True)  # (N, 1)
    rule_out, rule_in = fit_conformal(probability, died, coverage=COVERAGE)
    point = balanced_threshold(probability[:, 0], died[:, 0])
    return replace(trust, operating_point=point, thresholds=(point,), rule_out=rule_out, rule_in=rule_in)


def _judge(logits: Floats, held: Held, seed: int) -> _Judged:
    """Judge stays by their logits ``(N, 1)``, each by what was fitted on the other half."""
    probability, flag = np.empty(logits.shape), np.zeros(len(logits), np.bool_)  # (N, 1), (N,)
    calls = np.empty(logits.shape, dtype=object)  # (N, 1)
    rank = {example.case_id: row for row, example in enumerate(held.examples)}
    for fitted, scored in folds_by_group(held.examples, folds=2, seed=seed):
        learned, rows = (np.array([rank[example.case_id] for example in part]) for part in (fitted, scored))
        trust = _fit(logits[learned], held.died[learned])
        probability[rows] = calibrate(logits[rows], trust, multi_label=True)
        flag[rows] = probability[rows, 0] >= trust.thresholds[0]
        calls[rows] = [calls_of(row, trust) for row in probability[rows]]
    return _Judged(probability, flag, calls)
