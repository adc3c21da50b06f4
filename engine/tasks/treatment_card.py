"""The measured half of the treatment model's card: how good its ranking is, beside rankings that know no Transformer.

Every note is judged by a head and a memory that were made without it and its numbered siblings. Calibration,
thresholds and conformal limits are fitted on these answers; figures are cross-fitted on halves of the notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Interval, ranking_metrics, recall_and_precision
from engine.evaluation.ranking import ranking_gains
from engine.evaluation.report import to_metric
from engine.models.card import Metric
from engine.tasks.assessment import Assessment
from engine.tasks.many_labels import figures, fit_trust, judge, report
from engine.tasks.one_label import Labelled
from engine.training.neighbours import neighbour_votes, popularity
from engine.training.readout import Reading, ReadoutSettings, answer, fit_readout
from engine.training.split import folds_by_group

OFFERED = 5  # suggestions at a time, by which the ranking is judged
NEIGHBOURS = (5, 10, 20, 30, 50)  # the best of them is the one that is compared with
POPULAR, NEAREST = "popularity", "nearest notes by TF-IDF"
THINNED = "random words absent"
FAMILIAR = 0.99  # share of the notes whose distance to the nearest other one the domain gate lets pass

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Answers:
    """What was said of N notes by those who had not seen them, ``(N, L)`` each.

    Parameters
    ----------
    whole, thinned : numpy.ndarray
        Logits of the model, of whole notes and of notes with random words absent; None where these were not read.
    rivals : dict of str to numpy.ndarray
        Scores of rankings that know no Transformer.
    nearest : numpy.ndarray
        ``(N,)``: cosine distance to the nearest note of another group.
    """

    whole: Floats
    thinned: Floats | None
    rivals: dict[str, Floats]
    nearest: Floats


def held_out(
    readings: Sequence[Reading], held: Labelled, texts: Sequence[str], settings: ReadoutSettings, *, seed: int
) -> Answers:
    """Train head and memory without each part of the notes and let them judge that part, and the rivals likewise.

    Parameters
    ----------
    readings : sequence of Reading
        Of the N notes whole, and thinned.
    texts : sequence of str
        The notes as the model reads them.
    """
    rank = {example.case_id: row for row, example in enumerate(held.examples)}
    whole, thinned, popular = (np.empty(held.truth.shape) for _ in range(3))  # (N, L) each
    votes = {count: np.empty(held.truth.shape) for count in NEIGHBOURS}  # (N, L) each
    distance, means = np.empty(len(texts)), readings[0].means  # (N,), (N, D)
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)  # (N, D)
    for sides in folds_by_group(held.examples, folds=settings.folds, seed=seed):
        learned, judged = (np.array([rank[example.case_id] for example in side]) for side in sides)
        readout = fit_readout([reading.of(learned) for reading in readings], held.truth[learned], settings)
        whole[judged] = answer(readings[0].of(judged), readout, settings)
        thinned[judged] = answer(readings[-1].of(judged), readout, settings)
        popular[judged] = popularity(held.truth[learned], len(judged))
        known, asked = [texts[row] for row in learned], [texts[row] for row in judged]
        for count, scores in neighbour_votes(known, held.truth[learned], asked, counts=NEIGHBOURS).items():
            votes[count][judged] = scores
        distance[judged] = 1 - (unit[judged] @ unit[learned].T).max(axis=1)
    best = max(votes.values(), key=lambda scores: _recall(held, scores))
    return Answers(whole, thinned if len(readings) > 1 else None, {POPULAR: popular, NEAREST: best}, distance)


def assess(answers: Answers, held: Labelled, *, seed: int) -> Assessment:
    """Fit what trust needs, and measure the ranking, its probabilities, and what it gains over its rivals."""
    weights = held.weights(seed)  # (1 + B, N)
    judged = judge(answers.whole, held, seed)
    metrics = _ranking(judged.probability, held, weights)
    for name, scores in answers.rivals.items():
        metrics |= {f"{figure} of {name}": one for figure, one in _ranking(scores, held, weights).items()}
        gains = ranking_gains(held.truth, judged.probability, scores, weights, offered=OFFERED, over=name)
        metrics |= _metrics(gains, held)
    metrics |= figures(judged, held, weights)
    if answers.thinned is not None:
        some = _ranking(judge(answers.thinned, held, seed).probability, held, weights)
        metrics |= {f"{name}@{THINNED}": one for name, one in some.items()}
    trust = replace(
        fit_trust(answers.whole, held.truth), domain_limit=round(float(np.quantile(answers.nearest, FAMILIAR)), 4)
    )
    return Assessment(trust, metrics, report(judged, held, weights))


def _ranking(scores: Floats, held: Labelled, weights: Floats) -> dict[str, Metric]:
    return _metrics(ranking_metrics(held.truth, scores, weights, offered=OFFERED), held)


def _metrics(found: dict[str, Interval], held: Labelled) -> dict[str, Metric]:
    return {name: to_metric(one, len(held.truth)) for name, one in found.items()}


def _recall(held: Labelled, scores: Floats) -> float:
    known = held.truth.any(axis=1)  # (N,)
    return float(recall_and_precision(held.truth[known], scores[known], offered=OFFERED)[0].mean())
