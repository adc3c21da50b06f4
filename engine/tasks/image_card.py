"""The measured half of an image classifier's card: what makes its answers believable, and how good they are.

Temperature, operating point and conformal thresholds are fitted on validation films as they are and in random views
(other exposure, sharpness, crop), because films of another hospital differ at least as much. Figures are cross-fitted:
fitted on one half of the validation patients, scored on the plain films of the other half, and the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import TrainingError
from engine.evaluation.metrics import bootstrap_weights, interval, single_label_metrics
from engine.evaluation.report import Scored, report_one_label, to_metric
from engine.models.card import Metric, TrustParameters
from engine.models.vision import ImageTransformer
from engine.results import Call
from engine.tasks.assessment import Assessment
from engine.tasks.map_scales import CASES, scales_on
from engine.tasks.task import Example
from engine.training.augment import View, plain_batch, random_view
from engine.training.images import Films, predict
from engine.training.split import folds_by_group
from engine.trust.calibration import balanced_threshold, calibrate, fit_temperature
from engine.trust.conformal import calls as calls_of
from engine.trust.conformal import fit_conformal
from engine.trust.domain import coarse_layout, distances, fit_familiar, likeness

VIEWS = 2  # random views of each validation film, beside the film itself
COVERAGE = 0.9
FAMILIAR = 0.99  # share of validation films whose embedding the domain gate lets pass
ALIKE = 0.995  # share of validation films whose layout it lets pass
SUBSETS = (0.25, 0.5, 0.75)  # shares of the patches at which the model is tried
ON_SUBSETS = ("auroc", "macro_auroc", "accuracy", "ece")

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Held:
    """Validation films of a classifier, with what the data set says of each.

    Parameters
    ----------
    positive : tuple of str
        Labels that the operating point looks for; empty where there is none.
    view : callable
        Another view of the same films, as different as those of another hospital.
    """

    films: Films
    examples: tuple[Example, ...]
    labels: tuple[str, ...]
    positive: tuple[str, ...]
    view: View = random_view

    @property
    def truth(self) -> Flags:
        """``(N, L)``: one True a row."""
        return np.asarray(self.films.targets.numpy()[:, None] == np.arange(len(self.labels)))

    @property
    def sought(self) -> Flags:
        """``(L,)``: True for positive labels."""
        return np.isin(self.labels, self.positive)


@dataclass(frozen=True, eq=False)
class _Judged:
    """Films as they were judged by what was fitted on other patients: ``(N, L)``, ``(N,)``, ``(N, L)`` of `Call`."""

    probability: Floats
    flag: Flags
    calls: NDArray[np.object_]


@dataclass(frozen=True)
class _Row:
    rank: int
    group: str


Halves = Sequence[tuple[TrustParameters, NDArray[np.int64]]]
"""What was fitted on one half of the patients, and the ranks of the films of the other half."""


def learn_domain(network: ImageTransformer, familiar: Films) -> NDArray[np.float32]:
    """Write what the model knows into its buffers: the average film, and where embeddings of such films lie.

    Returns
    -------
    numpy.ndarray
        The embeddings ``(N, D)``.
    """
    side = network.average_film.shape[0]
    films = familiar.pixels.numpy() / 255.0  # (N, S, S)
    average = np.mean([coarse_layout(film, side) for film in films], axis=0)  # (G, G)
    embeddings: NDArray[np.float32] = predict(network, familiar).embeddings.numpy()  # (N, D)
    mean, precision = fit_familiar(embeddings)  # (D,), (D, D)
    network.average_film.copy_(torch.from_numpy(average))
    network.embedding_mean.copy_(torch.from_numpy(mean))
    network.embedding_precision.copy_(torch.from_numpy(precision))
    return embeddings


def assess(network: ImageTransformer, held: Held, *, seed: int) -> Assessment:
    """Fit what trust needs on all validation patients, and measure the model by cross-fitting.

    Parameters
    ----------
    network : ImageTransformer
        After `learn_domain`.

    Raises
    ------
    TrainingError
        There are too few validation patients: one half of them lacks a label.
    """
    films = held.films
    seen = [predict(network, films, view=held.view if again else None, seed=seed + again) for again in range(1 + VIEWS)]
    logits = np.stack([view.logits.numpy() for view in seen])  # (V, N, L), the first of the plain films
    embeddings = np.concatenate([view.embeddings.numpy() for view in seen])  # (V N, D)
    farthest, least_alike = _domain_limits(network, films, embeddings)
    trust = replace(_fit(logits, held, slice(None)), domain_limit=farthest, likeness_limit=least_alike)
    halves = _halves(logits, held, seed)
    weights = bootstrap_weights([example.group for example in held.examples], seed=seed)  # (1 + B, N)
    judged = _judge(logits[0], halves, held)
    metrics = _figures(judged, held, weights)
    for share in SUBSETS:
        partial = predict(network, films, keep=share, seed=seed).logits.numpy()  # (N, L)
        some = _figures(_judge(partial, halves, held), held, weights)
        metrics |= {f"{name}@{share:.0%} of patches": some[name] for name in ON_SUBSETS if name in some}
    return Assessment(trust, metrics, report_one_label(_scored(judged, held, weights)))


def cross_fitted_figures(logits: Floats, held: Held, *, seed: int) -> dict[str, Metric]:
    """All figures for ``(N, L)`` logits of plain films that were not trained on."""
    weights = bootstrap_weights([example.group for example in held.examples], seed=seed)  # (1 + B, N)
    return _figures(_judge(logits, _halves(logits[None], held, seed), held), held, weights)


def measure_map_scales(network: ImageTransformer, films: Films) -> dict[str, float]:
    """Measure the colour scale of each explanation method on some films."""
    some = slice(0, CASES)
    inputs = plain_batch(films.pixels[some], films.aspects[some], patch=network.config.patch_size)
    inputs = inputs.to(next(network.parameters()).device)
    return scales_on(network, ((inputs.select(torch.tensor([row])), None) for row in range(len(inputs.presence))))


def _fit(logits: Floats, held: Held, chosen: slice | NDArray[np.int64]) -> TrustParameters:
    """Fit on `chosen` films; `logits` ``(V, N, L)`` of all views."""
    seen = logits[:, chosen].reshape(-1, logits.shape[-1])  # (V C, L)
    truth = np.tile(held.truth[chosen], (len(logits), 1))  # (V C, L)
    if not truth.any(axis=0).all():
        raise TrainingError("Half of the validation patients lack a label.", "Give a data set with more patients.")
    trust = TrustParameters(temperatures=(fit_temperature(seen, truth.argmax(axis=1)),), coverage=COVERAGE)
    probability = calibrate(seen, trust, multi_label=False)  # (V C, L)
    rule_out, rule_in = fit_conformal(probability, truth, coverage=COVERAGE)
    trust = replace(trust, rule_out=rule_out, rule_in=rule_in)
    if not held.positive:
        return trust
    diseased = np.asarray(truth[:, held.sought].any(axis=1))  # (V C,)
    return replace(trust, operating_point=balanced_threshold(probability[:, held.sought].sum(axis=1), diseased))


def _halves(logits: Floats, held: Held, seed: int) -> Halves:
    """Fit on each half of the patients; `logits` ``(V, N, L)``."""
    rows = [_Row(rank, example.group) for rank, example in enumerate(held.examples)]
    return [
        (_fit(logits, held, np.array([row.rank for row in fitted])), np.array([row.rank for row in scored]))
        for fitted, scored in folds_by_group(rows, folds=2, seed=seed)
    ]


def _domain_limits(network: ImageTransformer, films: Films, embeddings: Floats) -> tuple[float, float]:
    """Distance and likeness that let pass their share of validation; `embeddings` ``(V N, D)`` of all views."""
    mean, precision = network.embedding_mean.cpu().numpy(), network.embedding_precision.cpu().numpy()
    average = network.average_film.cpu().numpy()
    alike = [likeness(film, average) for film in films.pixels.numpy() / 255.0]
    farthest = float(np.quantile(distances(embeddings, mean, precision), FAMILIAR))
    return farthest, float(np.quantile(alike, 1.0 - ALIKE))


def _judge(logits: Floats, halves: Halves, held: Held) -> _Judged:
    """Judge plain films, ``(N, L)``, each by what was fitted on the other patients."""
    probability = np.empty(logits.shape)  # (N, L)
    flag = np.zeros(len(logits), dtype=np.bool_)  # (N,)
    calls = np.empty(logits.shape, dtype=object)  # (N, L)
    for trust, scored in halves:
        probability[scored] = calibrate(logits[scored], trust, multi_label=False)
        if trust.operating_point is not None:
            flag[scored] = probability[scored][:, held.sought].sum(axis=1) >= trust.operating_point
        calls[scored] = [calls_of(row, trust) for row in probability[scored]]
    return _Judged(probability, flag, calls)


def _figures(judged: _Judged, held: Held, weights: Floats) -> dict[str, Metric]:
    truth = held.truth  # (N, L)
    intervals = single_label_metrics(
        truth, judged.probability, held.labels, weights, positive=held.positive, flag=judged.flag
    )
    kept = judged.calls[truth] != Call.RULED_OUT  # (N,): the true label is still possible
    decided = (judged.calls != Call.UNCERTAIN).all(axis=1)  # (N,)
    for name, share in (("conformal_coverage", kept), ("conformal_decided", decided)):
        intervals[name] = interval(weights @ share.astype(np.float64) / weights.sum(axis=1))
    return {name: to_metric(found, len(truth)) for name, found in intervals.items()}


def _scored(judged: _Judged, held: Held, weights: Floats) -> Scored:
    return Scored(
        case_ids=[example.case_id for example in held.examples],
        labels=held.labels,
        positive=held.positive,
        truth=held.truth,
        probability=judged.probability,
        weights=weights,
        flag=judged.flag,
        traits=[example.traits for example in held.examples],
    )
