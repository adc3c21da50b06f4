"""What the benchmark times: one way to explain a film, or one piece of work beside it; here our own ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import torch
from torch import Tensor

from engine.evaluation.trial import Trial
from engine.explain.token_maps import all_label_maps, ladder_maps, token_maps
from engine.models.checkpoint import LoadedModel
from engine.models.output import TokenNetwork
from engine.results import Method

COMPARISON = "for comparison"


@dataclass(frozen=True)
class Contender:
    """One way to explain a film, or one piece of work beside it.

    Parameters
    ----------
    by : str
        Whose it is, with the version.
    run : callable
        Film -> one value a token ``(T,)``, or None where the work makes no map.
    rounds : int
        How often it is timed on each film.
    """

    name: str
    by: str
    run: Callable[[Trial], Tensor | None]
    rounds: int = 5


def our_contenders(model: LoadedModel, network: TokenNetwork) -> list[Contender]:
    """Every method for which the model has a colour scale, the work around them, and two maps that know nothing."""
    by = f"Attending {version('attending')}"
    methods = [method for method in Method if method in model.card.map_scales]
    cheap = [method for method in methods if not method.by_removal]
    return [
        Contender("prediction with the attention of every layer", by, partial(_predict, network)),
        *(Contender(method.full_name, by, partial(_map, network, method), 3) for method in cheap),
        *(
            Contender(method.full_name, by, partial(_map, network, method), 1)
            for method in methods
            if method.by_removal
        ),
        Contender("relevance maps of all labels together", by, partial(_all_labels, network)),
        Contender(f"all {len(cheap)} methods that need few passes", by, partial(_ladder, network, cheap), 1),
        Contender("the badge of one map: 2 x 20 steps, 20 random maps, 20 blobs", by, _badge, 1),
        Contender("random map", COMPARISON, _random, 1),
        Contender("blob in the middle", COMPARISON, _blob, 1),
    ]


def _predict(network: TokenNetwork, trial: Trial) -> None:
    with torch.inference_mode():
        network(trial.inputs)


def _map(network: TokenNetwork, method: Method, trial: Trial) -> Tensor:
    return token_maps(network, trial.inputs, method, label=trial.label)[0]  # (T,)


def _all_labels(network: TokenNetwork, trial: Trial) -> None:
    all_label_maps(network, trial.inputs, Method.RELEVANCE)


def _ladder(network: TokenNetwork, methods: list[Method], trial: Trial) -> None:
    ladder_maps(network, trial.inputs, [method for method in methods if not method.learned], label=trial.label)


def _badge(trial: Trial) -> None:
    trial.judge(_random(trial))


def _random(trial: Trial) -> Tensor:
    return torch.rand(trial.inputs.presence.shape[1], generator=torch.Generator().manual_seed(0))  # (T,)


def _blob(trial: Trial) -> Tensor:
    """Higher the nearer to the middle of what is there."""
    places = trial.players.places.float()  # (U, 2)
    away = (places - places.mean(dim=0)).square().sum(dim=1)  # (U,)
    return trial.players.spread(-away)[0]  # (T,)
