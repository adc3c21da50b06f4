"""The measured half of an image classifier's card: what makes its answers believable, and how good they are.

Temperature, operating point and conformal thresholds are fitted on validation films as they are and in random views
(other exposure, sharpness, crop), because films of another hospital differ at least as much. Figures are cross-fitted:
fitted on one half of the validation patients, scored on the plain films of the other half, and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.models.card import Metric
from engine.models.vision import ImageTransformer
from engine.tasks.assessment import Assessment
from engine.tasks.map_scales import CASES, scales_on
from engine.tasks.one_label import Labelled, figures, fit_trust, halves_of, judge, report
from engine.tasks.task import Example
from engine.training.augment import View, plain_batch, random_view
from engine.training.images import Films, predict
from engine.trust.domain import coarse_layout, distances, fit_familiar, likeness

VIEWS = 2  # random views of each validation film, beside the film itself
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
    def labelled(self) -> Labelled:
        """The same cases without their films."""
        truth = self.films.targets.numpy()[:, None] == np.arange(len(self.labels))  # (N, L)
        return Labelled(self.examples, truth, self.labels, self.positive)


def learn_domain(network: ImageTransformer, familiar: Films, *, mirror: bool = False) -> NDArray[np.float32]:
    """Write what the model knows into its buffers: the average film, and where embeddings of such films lie.

    Parameters
    ----------
    mirror : bool
        Whether such films may lie either way round: their average is then that of both.

    Returns
    -------
    numpy.ndarray
        The embeddings ``(N, D)``.
    """
    side = network.average_film.shape[0]
    films = familiar.pixels.numpy() / 255.0  # (N, S, S)
    average = np.mean([coarse_layout(film, side) for film in films], axis=0)  # (G, G)
    average = (average + average[:, ::-1]) / 2 if mirror else average  # (G, G)
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
    labelled = held.labelled
    trust = replace(fit_trust(logits, labelled), domain_limit=farthest, likeness_limit=least_alike)
    halves, weights = halves_of(logits, labelled, seed), labelled.weights(seed)  # the latter (1 + B, N)
    judged = judge(logits[0], halves, labelled)
    metrics = figures(judged, labelled, weights)
    for share in SUBSETS:
        partial = predict(network, films, keep=share, seed=seed).logits.numpy()  # (N, L)
        some = figures(judge(partial, halves, labelled), labelled, weights)
        metrics |= {f"{name}@{share:.0%} of patches": some[name] for name in ON_SUBSETS if name in some}
    return Assessment(trust, metrics, report(judged, labelled, weights))


def cross_fitted_figures(logits: Floats, held: Held, *, seed: int) -> dict[str, Metric]:
    """All figures for ``(N, L)`` logits of plain films that were not trained on."""
    labelled = held.labelled
    judged = judge(logits, halves_of(logits[None], labelled, seed), labelled)
    return figures(judged, labelled, labelled.weights(seed))


def measure_map_scales(network: ImageTransformer, films: Films) -> dict[str, float]:
    """Measure the colour scale of each explanation method on some films."""
    some = slice(0, CASES)
    inputs = plain_batch(films.pixels[some], films.aspects[some], patch=network.config.patch_size)
    inputs = inputs.to(next(network.parameters()).device)
    return scales_on(network, ((inputs.select(torch.tensor([row])), None) for row in range(len(inputs.presence))))


def _domain_limits(network: ImageTransformer, films: Films, embeddings: Floats) -> tuple[float, float]:
    """Distance and likeness that let pass their share of validation; `embeddings` ``(V N, D)`` of all views."""
    mean, precision = network.embedding_mean.cpu().numpy(), network.embedding_precision.cpu().numpy()
    average = network.average_film.cpu().numpy()
    alike = [likeness(film, average) for film in films.pixels.numpy() / 255.0]
    farthest = float(np.quantile(distances(embeddings, mean, precision), FAMILIAR))
    return farthest, float(np.quantile(alike, 1.0 - ALIKE))
