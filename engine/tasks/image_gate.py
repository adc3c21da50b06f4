"""The gate of an image model: taught on its training images as they are and changed, measured on validation ones.

What it calls familiar is decided on validation images, as they are and in random views. How many it refuses is
cross-fitted: the limit comes from one half of the validation patients, the shares from the other.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from engine.case import Image
from engine.models.card import Card, Metric
from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer
from engine.preprocess.image import prepare_image, resize
from engine.training.augment import View, plain_batch
from engine.training.images import Films
from engine.training.split import folds_by_group
from engine.training.strangers import Change, changes, drawn_pictures
from engine.trust.domain import film_reasons
from engine.trust.gate import FAMILIAR, OLDER, TURNED, Gate, log_shares, look, strangeness

TAUGHT = 240  # training images, each seen once as every kind
DRAWN = 300  # pictures of nothing
OLDER_VIEWS = 3  # of each film of an older patient, beside the film itself: such films are few
MEASURED = 60  # validation images, likewise, and four times as many as they are
PASSES = 0.98  # share of validation images and their views that the gate lets pass, or more:
LEAST_AGAINST = 1.0  # log-odds against an image under which it passes in any case
STRENGTH = 0.01  # inverse of the penalty, for features of deviation 1
STEPS = 400  # of the fit at most
_BATCH = 32
_Z = 1.96  # standard deviations on each side of a 95 % interval

Floats = NDArray[np.floating[Any]]


def learn_gate(
    films: Films,
    *,
    patch: int,
    mirror: bool,
    view: View,
    others: Films | None = None,
    older: Films | None = None,
    seed: int,
) -> Gate:
    """Teach a gate to tell images from changed ones and from pictures of other things.

    Parameters
    ----------
    films : Films
        Of the training set; `TAUGHT` of them are used.
    mirror : bool
        Whether such images may lie either way round.
    view : callable
        How familiar images might look elsewhere.
    others : Films or None
        Images of other things, beside those that are drawn.
    older : Films or None
        Films of the same part of older patients: a kind of their own, for among other things they are not told.

    Returns
    -------
    mapping of str to Tensor
        ``weight`` ``(K, F)`` float16 and ``bias`` ``(K,)``, and ``kinds``: UTF-8 with a line for each, uint8.
    """
    some = picked(films, _spread(len(films.targets), TAUGHT))
    drawn = drawn_films(DRAWN, some.pixels.shape[-1], seed)
    seen = [(FAMILIAR, features(some, patch)), (FAMILIAR, features(some, patch, view=view, seed=seed))]
    for kind, change in changes(mirror=mirror).items():
        seen.append((kind, features(changed(some, kind, change, seed), patch)))
    seen += [("other", features(pictures, patch)) for pictures in (drawn, others) if pictures is not None]
    if older is not None:
        seen.append((OLDER, features(older, patch)))
        seen += [(OLDER, features(older, patch, view=view, seed=seed + again)) for again in range(OLDER_VIEWS)]
    kinds = list(dict.fromkeys(kind for kind, _ in seen))
    target = np.concatenate([np.full(len(rows), kinds.index(kind)) for kind, rows in seen])  # (N,)
    return _fit(np.concatenate([rows for _, rows in seen]), target, kinds)


def fit_limit(gate: Gate, films: Films, *, patch: int, view: View, seed: int) -> float:
    """The largest log-odds of the gate against images that are familiar, fitted on some and on a view of each."""
    some = picked(films, _spread(len(films.targets), 4 * MEASURED))
    seen = np.concatenate([features(some, patch), features(some, patch, view=view, seed=seed)])  # (2 N, F)
    against = strangeness(log_shares(torch.from_numpy(seen), gate))  # (2 N,)
    return max(LEAST_AGAINST, float(np.quantile(against, PASSES)))


def with_domain(
    model: LoadedModel,
    films: Films,
    groups: Sequence[str],
    *,
    mirror: bool,
    view: View,
    others: Mapping[str, Films] = MappingProxyType({}),
    seed: int,
) -> Card:
    """The card of a model with a gate, with its limit fitted and its domain measured; arguments as `measure_domain`."""
    patch = cast(ImageTransformer, model.network).config.patch_size
    model = _with_limit(model, fit_limit(cast(Gate, model.gate), films, patch=patch, view=view, seed=seed))
    found = measure_domain(model, films, groups, mirror=mirror, view=view, others=others, seed=seed)
    return replace(model.card, domain=found)


def measure_domain(
    model: LoadedModel,
    films: Films,
    groups: Sequence[str],
    *,
    mirror: bool,
    view: View,
    others: Mapping[str, Films] = MappingProxyType({}),
    seed: int,
) -> dict[str, Metric]:
    """Shares of images that are called outside, for whichever reason, with Wilson's intervals (JASA 22, 1927).

    Parameters
    ----------
    model : LoadedModel
        An image model with its gate.
    films, groups : Films, sequence of str
        Of validation, in the same order: some of them are looked at.
    others : mapping of str to Films
        Images of other things that were not taught, by what the card calls them.
    """
    network, gate = cast(ImageTransformer, model.network), cast(Gate, model.gate)
    rows = [_Row(rank, groups[rank]) for rank in _spread(len(groups), 4 * MEASURED)]
    refused: list[bool] = []
    for fitted, scored in folds_by_group(rows, folds=2, seed=seed):
        known = picked(films, [row.rank for row in fitted])
        limit = fit_limit(gate, known, patch=network.config.patch_size, view=view, seed=seed)
        refused += _outside(_with_limit(model, limit), picked(films, [row.rank for row in scored]))
    found = {FAMILIAR: _share(refused)}
    some = picked(films, _spread(len(groups), MEASURED))
    for kind, change in changes(mirror=mirror).items():
        found[kind] = _share(_outside(model, changed(some, kind, change, seed + 1)))
    drawn = drawn_films(MEASURED, some.pixels.shape[-1], seed + 1)
    return found | {name: _share(_outside(model, one)) for name, one in {"drawn pictures": drawn, **others}.items()}


def features(films: Films, patch: int, *, view: View | None = None, seed: int = 0) -> Floats:
    """What the gate sees of films, ``(N, F)`` float32, as they are or in other views."""
    generator = torch.Generator().manual_seed(seed)
    seen = []
    for start in range(0, len(films.targets), _BATCH):
        pixels, aspects = films.pixels[start : start + _BATCH], films.aspects[start : start + _BATCH]
        inputs = view(pixels, aspects, patch, generator) if view else plain_batch(pixels, aspects, patch=patch)
        seen.append(look(inputs))  # (B, F)
    return np.asarray(torch.cat(seen).numpy())


def changed(films: Films, kind: str, change: Change, seed: int) -> Films:
    """The same films after a change of some kind."""
    display = change(films.pixels.float() / 255.0, torch.Generator().manual_seed(seed))  # (N, S, S)
    aspects = 1 / films.aspects if kind == TURNED else films.aspects  # (N,)
    return Films((display * 255.0).round().to(torch.uint8), aspects, films.targets)


def picked(films: Films, rows: Sequence[int]) -> Films:
    """Some of the films, by rank."""
    chosen = torch.tensor(rows, dtype=torch.int64)
    return Films(films.pixels[chosen], films.aspects[chosen], films.targets[chosen])


def joined(parts: Sequence[Films]) -> Films:
    """Several sets of films as one."""
    return Films(*(torch.cat([getattr(part, name) for part in parts]) for name in ("pixels", "aspects", "targets")))


def drawn_films(count: int, side: int, seed: int) -> Films:
    """Pictures of nothing, none with a label."""
    return Films(drawn_pictures(count, side, seed), torch.ones(count), torch.zeros(count, dtype=torch.int64))


def _spread(count: int, most: int) -> list[int]:
    """Ranks of at most `most` of `count`, evenly apart."""
    return sorted({round(rank) for rank in np.linspace(0, count - 1, min(count, most)).tolist()})


def _fit(seen: Floats, target: NDArray[np.int64], kinds: Sequence[str]) -> Gate:
    """Fit the weights to features ``(N, F)`` and ranks of kinds ``(N,)``; the features' scale is folded into them."""
    mean, deviation = seen.mean(axis=0), seen.std(axis=0) + 1e-3  # (F,), (F,)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near the optimum is near enough
        fitted = LogisticRegression(C=STRENGTH, max_iter=STEPS).fit((seen - mean) / deviation, target)
    weight = torch.from_numpy(fitted.coef_ / deviation).half().contiguous()  # (K, F)
    bias = torch.from_numpy(fitted.intercept_).float() - weight.float() @ torch.from_numpy(mean)  # (K,)
    return {"weight": weight, "bias": bias, "kinds": torch.tensor(list("\n".join(kinds).encode()), dtype=torch.uint8)}


def _with_limit(model: LoadedModel, limit: float) -> LoadedModel:
    return replace(model, card=replace(model.card, trust=replace(model.card.trust, gate_limit=limit)))


@torch.no_grad()
def _outside(model: LoadedModel, films: Films) -> list[bool]:
    """Which of the films are called outside, by the path that a reader's own images take."""
    network = cast(ImageTransformer, model.network)
    found = []
    for pixels, aspect in zip(films.pixels, films.aspects, strict=True):
        square = pixels.numpy().astype(np.float32) / 255.0  # (S, S)
        proper = resize(square, len(square), max(1, round(len(square) * float(aspect)))).numpy()  # (S, columns)
        image = Image(pixels=(proper * 255.0).round().astype(np.uint8)[None], digest="")
        values, there, _ = prepare_image(image, 0, network.config.image_size, network.config.patch_size)
        embedding = network(ModelInput(values[None], there[None]).to(model.device)).embedding[0].float().cpu().numpy()
        found.append(bool(film_reasons(image, embedding, network, model)))
    return found


def _share(flags: Sequence[bool]) -> Metric:
    """A share with Wilson's interval."""
    n, share = len(flags), sum(flags) / len(flags)
    middle, room = share + _Z**2 / (2 * n), _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n))
    low, high = ((middle + sign * room) / (1 + _Z**2 / n) for sign in (-1, 1))
    return Metric(round(share, 4), round(max(0.0, float(low)), 4), round(min(1.0, float(high)), 4), n)


@dataclass(frozen=True)
class _Row:
    rank: int
    group: str
