"""The measured half of the literature model's card: category and search on abstracts that it has not learnt from.

Beside each figure stands that of a linear model on the same abstracts; the weight of the votes of single words, the
temperature and the conformal limits are fitted on one half of them and judged on the other, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from engine.evaluation.metrics import Interval, interval, macro_f1, share_of
from engine.evaluation.report import to_metric, with_interval
from engine.evaluation.retrieval import AMONG_THEMSELVES, IN_MEMORY, among_themselves, cosines, precision_at
from engine.models.card import Metric
from engine.tasks.assessment import Assessment
from engine.tasks.one_label import Labelled, figures, fit_trust, halves_of, judge, report
from engine.training.split import folds_by_group

VOTE_WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
SVM = "TF-IDF and a linear SVM"
COSINE = "TF-IDF cosine"
FAMILIAR = 0.99  # share of the abstracts whose distance to the nearest training one the domain gate lets pass

Floats = NDArray[np.floating[Any]]
Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Side:
    """Texts of one side of the split: words, labels ``(N,)``, keys ``(N, K)``."""

    texts: Sequence[str]
    target: Labels
    keys: Floats


@dataclass(frozen=True, eq=False)
class Said:
    """What was said of the held abstracts, ``(N, L)`` each: by the layers, and by the votes of single words."""

    layers: Floats
    votes: Floats


def best_weight(said: Said, target: Labels, chosen: slice | Labels = slice(None)) -> float:
    """The weight of the votes with which the truth of some abstracts is least surprising, at its best temperature."""
    return min(VOTE_WEIGHTS, key=lambda weight: _surprise((said.layers + weight * said.votes)[chosen], target[chosen]))


def assess(said: Said, known: Side, held: Side, labelled: Labelled, *, seed: int) -> Assessment:
    """Fit what trust needs on all held abstracts, and measure category and search by cross-fitting."""
    mixed = _cross_fitted(said, held.target, labelled, seed)  # (N, L)
    weights = labelled.weights(seed)  # (1 + B, N)
    judged = judge(mixed, halves_of(mixed[None], labelled, seed), labelled)
    count = len(held.target)
    metrics = figures(judged, labelled, weights)
    rivals = {
        "the layers alone": said.layers,
        "the votes alone": said.votes,
        SVM: _svm(known, held, len(labelled.labels)),
    }
    for name, scores in rivals.items():
        metrics |= {
            f"{figure} of {name}": to_metric(found, count)
            for figure, found in _right(scores, labelled, weights).items()
        }
    metrics |= {
        name: to_metric(interval(weights @ each / weights.sum(axis=1)), count)
        for name, each in _search(known, held).items()
    }
    final = said.layers + best_weight(said, held.target) * said.votes  # (N, L)
    nearest = 1 - cosines(held.keys, known.keys).max(axis=1)  # (N,)
    trust = replace(fit_trust(final[None], labelled), domain_limit=round(float(np.quantile(nearest, FAMILIAR)), 4))
    return Assessment(trust, metrics, report(judged, labelled, weights))


def _cross_fitted(said: Said, target: Labels, labelled: Labelled, seed: int) -> Floats:
    """Logits ``(N, L)``, each with the weight of the votes that was chosen on the other half."""
    rank = {example.case_id: row for row, example in enumerate(labelled.examples)}
    mixed = np.empty(said.layers.shape)  # (N, L)
    for sides in folds_by_group(labelled.examples, folds=2, seed=seed):
        fitted, scored = (np.array([rank[example.case_id] for example in side]) for side in sides)
        mixed[scored] = (said.layers + best_weight(said, target, fitted) * said.votes)[scored]
    return mixed


def _surprise(logits: Floats, target: Labels) -> float:
    """Least mean negative logarithm of the truth's probability, over temperatures."""
    found = []
    for temperature in np.geomspace(0.3, 2.0, 16):
        scaled = logits / temperature  # (N, L)
        peak = scaled.max(axis=1, keepdims=True)  # (N, 1)
        total = np.log(np.exp(scaled - peak).sum(axis=1)) + peak[:, 0]  # (N,)
        found.append((total - scaled[np.arange(len(target)), target]).mean())
    return float(min(found))


def _right(scores: Floats, held: Labelled, weights: Floats) -> dict[str, Interval]:
    called = np.eye(len(held.labels), dtype=np.bool_)[scores.argmax(axis=1)]  # (N, L)
    return {
        "accuracy": share_of((called & held.truth).any(axis=1), weights),
        "macro_f1": interval(macro_f1(held.truth, called, weights)),
    }


def _svm(known: Side, held: Side, labels: int) -> Floats:
    """Scores ``(N, L)`` of a linear model over words and pairs of words."""
    vectors = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
    fitted = LinearSVC(C=0.5).fit(vectors.fit_transform(known.texts), known.target)
    scores = np.full((len(held.texts), labels), -np.inf)  # (N, L)
    scores[:, fitted.classes_] = fitted.decision_function(vectors.transform(held.texts))
    return scores


def _search(known: Side, held: Side) -> dict[str, Floats]:
    """Precision of each question ``(N,)``: asked of the training abstracts, and of the other held ones."""
    words = TfidfVectorizer(sublinear_tf=True, stop_words="english", min_df=2)
    there, asked = words.fit_transform(known.texts), words.transform(held.texts)  # (M, V), (N, V) sparse
    found = {}
    for name, outside, inside in (
        ("", cosines(held.keys, known.keys), cosines(held.keys, held.keys)),
        (f" of {COSINE}", (asked @ there.T).toarray(), (asked @ asked.T).toarray()),
    ):
        found[IN_MEMORY + name] = precision_at(outside, held.target, known.target)
        found[AMONG_THEMSELVES + name] = precision_at(among_themselves(inside), held.target, held.target)
    return found


def metric_line(metrics: Mapping[str, Metric], name: str) -> str:
    """One figure with its interval, for a sentence."""
    return with_interval(metrics[name])
