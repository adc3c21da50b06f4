"""An outside check of maps: what they mark is replaced in the case itself, not made absent as the model was taught.

A map that is right only about absent tokens is right about the training. Here patches of another film, a mask token or
the last value before stand where the marked parts were, and the probability of the explained label is to fall by more
than for parts picked at random and for a blob in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.evaluation.metrics import bootstrap_weights, mean_of
from engine.evaluation.report import to_metric
from engine.evaluation.trial import Trial
from engine.explain.baselines import blob_orders, random_orders
from engine.explain.removal import answers
from engine.models.card import Metric
from engine.models.checkpoint import LoadedModel
from engine.models.course import CourseTransformer
from engine.models.output import ModelInput, TokenNetwork
from engine.preprocess.course import KIND, VALUE
from engine.results import Method
from engine.trust.calibration import calibrate

SHARES = (0.1, 0.2, 0.3)  # of the parts, the most relevant first
ORDERS = 3  # random ones, and blobs, for each case
RANDOM, BLOB = "random", "blob"

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Replace = Callable[[LoadedModel, ModelInput, torch.Tensor], ModelInput]
"""Model, a case's windows, and which tokens ``(W, T)`` go -> the windows with other values in their place."""


def drops(
    model: LoadedModel, trial: Trial, maps: Mapping[Method, Floats], replaced: Replace, *, multi_label: bool
) -> dict[str, float]:
    """Mean fall of a label's probability when shares of the parts are replaced, by who chose them.

    Parameters
    ----------
    maps : mapping of Method to numpy.ndarray
        ``(U,)`` each: the map at every part.
    replaced : callable
        What stands in the place of what goes.
    """
    generator = np.random.default_rng(0)
    places = trial.players.places.cpu().numpy()  # (U, 2)
    orders = {str(method): [np.argsort(-values, kind="stable")] for method, values in maps.items()}
    orders[RANDOM] = random_orders(len(places), ORDERS, generator)
    orders[BLOB] = blob_orders(places, ORDERS, generator)
    whole = _said(model, trial, trial.inputs, multi_label)
    return {
        name: whole - float(np.mean([_without(model, trial, order, replaced, multi_label) for order in some]))
        for name, some in orders.items()
    }


def outside_figures(rows: Sequence[Mapping[str, float]], groups: Sequence[str], best: Method) -> dict[str, Metric]:
    """Mean drops over N cases with intervals by group, and what the map that is shown first has over knowing nothing.

    Parameters
    ----------
    rows : sequence of mapping
        Of `drops`, one a case.
    best : Method
        The map that is shown first.
    """
    weights = bootstrap_weights(groups, seed=0)  # (1 + B, N)
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}  # (N,) each
    found = dict(columns)
    for other in (RANDOM, BLOB):
        found[f"{best} over {other}"] = columns[str(best)] - columns[other]
    return {f"outside_drop@{name}": to_metric(mean_of(one, weights), len(rows)) for name, one in found.items()}


def by_mask(model: LoadedModel, inputs: ModelInput, gone: torch.Tensor) -> ModelInput:
    """Write the mask token over the pieces of words that go; the unknown one where a vocabulary has no mask."""
    tokenizer = cast(Tokenizer, model.tokenizer)
    known = [rank for name in ("[MASK]", "[UNK]") if (rank := tokenizer.token_to_id(name)) is not None]
    return ModelInput(inputs.values.masked_fill(gone, known[0]), inputs.presence)


def by_last_value(model: LoadedModel, inputs: ModelInput, gone: torch.Tensor) -> ModelInput:
    """Carry the last value before forward over values that go; a first one becomes the variable's median."""
    knots = cast(CourseTransformer, model.network).knots  # (V, K)
    values = inputs.values.clone()  # (1, T, 4)
    last = {kind: float(row[len(row) // 2]) for kind, row in enumerate(knots)}
    for token, lost in enumerate(gone[0].tolist()):  # cells stand in the order of their hours
        kind = int(values[0, token, KIND])
        if lost:
            values[0, token, VALUE] = last[kind]
        last[kind] = float(values[0, token, VALUE])
    return ModelInput(values, inputs.presence)


def by_film(other: ModelInput) -> Replace:
    """Put the patches of another film where those that go were; `other` is one row of the same side."""

    def replaced(model: LoadedModel, inputs: ModelInput, gone: torch.Tensor) -> ModelInput:
        grid = int(gone.shape[1] ** 0.5)
        side = inputs.values.shape[-1] // grid
        pixels = gone.view(1, 1, grid, grid).repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)
        return ModelInput(torch.where(pixels, other.values, inputs.values), inputs.presence)  # (1, 1, S, S)

    return replaced


def _without(model: LoadedModel, trial: Trial, order: NDArray[np.intp], replaced: Replace, multi_label: bool) -> float:
    """Mean probability over `SHARES` of the parts, the first of an order ``(U,)``, replaced."""
    said = []
    for share in SHARES:
        marked = np.zeros(len(order), np.bool_)  # (U,)
        marked[order[: max(1, round(share * len(order)))]] = True
        gone = trial.players.spread(torch.from_numpy(marked).to(model.device))  # (W, T)
        said.append(_said(model, trial, replaced(model, trial.inputs, gone), multi_label))
    return float(np.mean(said))


def _said(model: LoadedModel, trial: Trial, inputs: ModelInput, multi_label: bool) -> float:
    """The probability of the explained label for some windows."""
    found = answers(cast(TokenNetwork, model.network), inputs, inputs.presence[None])[0].mean(dim=0)  # (L,)
    return float(calibrate(found.float().cpu(), model.card.trust, multi_label=multi_label)[trial.label])
