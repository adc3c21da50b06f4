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
from engine.explain.token_maps import token_maps
from engine.models.card import Metric, TrustParameters
from engine.models.output import ModelOutput
from engine.models.vision import ImageTransformer
from engine.results import Call, Method
from engine.training.augment import plain_batch
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
MAP_FILMS = 128  # films on which the colour scales are measured

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Held:
    """Validation films of a classifier, with the patient of each.

    Parameters
    ----------
    positive : tuple of str
        Labels that the operating point looks for.
    """

    films: Films
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    positive: tuple[str, ...]

    @property
    def truth(self) -> NDArray[np.bool_]:
        """``(N, L)``: one True a row."""
        return np.asarray(self.films.targets.numpy()[:, None] == np.arange(len(self.labels)))

    @property
    def sought(self) -> NDArray[np.bool_]:
        """``(L,)``: True for positive labels."""
        return np.isin(self.labels, self.positive)


@dataclass(frozen=True)
class _Row:
    rank: int
    group: str


def learn_domain(network: ImageTransformer, familiar: Films) -> None:
    """Write what the model knows into its buffers: the average film, and where embeddings of such films lie."""
    side = network.average_film.shape[0]
    films = familiar.pixels.numpy() / 255.0  # (N, S, S)
    average = np.mean([coarse_layout(film, side) for film in films], axis=0)  # (G, G)
    embeddings = predict(network, familiar).embeddings.numpy()  # (N, D)
    mean, precision = fit_familiar(embeddings)  # (D,), (D, D)
    network.average_film.copy_(torch.from_numpy(average))
    network.embedding_mean.copy_(torch.from_numpy(mean))
    network.embedding_precision.copy_(torch.from_numpy(precision))


def assess(network: ImageTransformer, held: Held, *, seed: int) -> tuple[TrustParameters, dict[str, Metric]]:
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
    views = [predict(network, held.films, random_views=view > 0, seed=seed + view) for view in range(1 + VIEWS)]
    logits = np.stack([view.logits.numpy() for view in views])  # (V, N, L), the first of the plain films
    embeddings = np.concatenate([view.embeddings.numpy() for view in views])  # (V N, D)
    everyone = np.arange(len(held.groups))
    farthest, least_alike = _domain_limits(network, held, embeddings)
    trust = replace(_fit(logits, held, everyone), domain_limit=farthest, likeness_limit=least_alike)
    rows = [_Row(rank, group) for rank, group in enumerate(held.groups)]
    halves = [
        (_fit(logits, held, np.array([row.rank for row in fitted])), np.array([row.rank for row in scored]))
        for fitted, scored in folds_by_group(rows, folds=2, seed=seed)
    ]
    weights = bootstrap_weights(held.groups, seed=seed)  # (1 + B, N)
    samples = _figures(logits[0], halves, held, weights)
    for share in SUBSETS:
        partial = predict(network, held.films, keep=share, seed=seed).logits.numpy()  # (N, L)
        some = _figures(partial, halves, held, weights)
        samples |= {f"{name}@{share:.0%} of patches": some[name] for name in ("auroc", "accuracy", "ece")}
    return trust, samples


def measure_map_scales(network: ImageTransformer, films: Films) -> dict[str, float]:
    """The 99th percentile of each method's token maps over some films, for the label that the model prefers."""
    some = slice(0, MAP_FILMS)
    inputs = plain_batch(films.pixels[some], films.aspects[some], patch=network.config.patch_size)
    device = next(network.parameters()).device
    scales: dict[str, float] = {}
    with torch.no_grad():
        output: ModelOutput = network(inputs.to(device))
    preferred = output.logits.argmax(dim=1).cpu()  # (B,)
    for method in Method:
        values = []
        for label in sorted(set(preferred.tolist())):
            chosen = preferred == label  # (B,)
            maps = token_maps(network, inputs.select(chosen).to(device), method, label=label).cpu()  # (C, T)
            values.append(maps[inputs.presence[chosen]])
        scales[str(method)] = round(float(torch.cat(values).quantile(0.99)), 4)
    return scales


def _fit(logits: Floats, held: Held, chosen: NDArray[np.int64]) -> TrustParameters:
    """Fit on `chosen` films; `logits` ``(V, N, L)`` of all views."""
    seen = logits[:, chosen].reshape(-1, logits.shape[-1])  # (V C, L)
    truth = np.tile(held.truth[chosen], (len(logits), 1))  # (V C, L)
    if not truth.any(axis=0).all():
        raise TrainingError("Half of the validation patients lack a label.", "Give a data set with more patients.")
    trust = TrustParameters(temperatures=(fit_temperature(seen, truth.argmax(axis=1)),), coverage=COVERAGE)
    probability = calibrate(seen, trust, multi_label=False)  # (V C, L)
    diseased = np.asarray(truth[:, held.sought].any(axis=1))  # (V C,)
    point = balanced_threshold(probability[:, held.sought].sum(axis=1), diseased)
    rule_out, rule_in = fit_conformal(probability, truth, coverage=COVERAGE)
    return replace(trust, operating_point=point, rule_out=rule_out, rule_in=rule_in)


def _domain_limits(network: ImageTransformer, held: Held, embeddings: Floats) -> tuple[float, float]:
    """Distance and likeness that let pass their share of validation; `embeddings` ``(V N, D)`` of all views."""
    mean, precision = network.embedding_mean.cpu().numpy(), network.embedding_precision.cpu().numpy()
    average = network.average_film.cpu().numpy()
    alike = [likeness(film, average) for film in held.films.pixels.numpy() / 255.0]
    farthest = float(np.quantile(distances(embeddings, mean, precision), FAMILIAR))
    return farthest, float(np.quantile(alike, 1.0 - ALIKE))


def _figures(
    logits: Floats, halves: Sequence[tuple[TrustParameters, NDArray[np.int64]]], held: Held, weights: Floats
) -> dict[str, Metric]:
    """All figures for plain `logits` ``(N, L)``, each film judged by what was fitted on the other patients."""
    probability = np.empty(logits.shape)  # (N, L)
    flag = np.empty(len(logits), dtype=np.bool_)  # (N,)
    calls = np.empty(logits.shape, dtype=object)  # (N, L)
    for trust, scored in halves:
        probability[scored] = calibrate(logits[scored], trust, multi_label=False)
        flag[scored] = probability[scored][:, held.sought].sum(axis=1) >= (trust.operating_point or 0.0)
        calls[scored] = [calls_of(row, trust) for row in probability[scored]]
    intervals = single_label_metrics(held.truth, probability, held.labels, weights, positive=held.positive, flag=flag)
    kept = calls[held.truth] != Call.RULED_OUT  # (N,): the true label is still possible
    decided = (calls != Call.UNCERTAIN).all(axis=1)  # (N,)
    for name, share in (("conformal_coverage", kept), ("conformal_decided", decided)):
        intervals[name] = interval(weights @ share.astype(np.float64) / weights.sum(axis=1))
    return {
        name: Metric(round(found.value, 4), round(found.low, 4), round(found.high, 4), len(logits))
        for name, found in intervals.items()
    }
