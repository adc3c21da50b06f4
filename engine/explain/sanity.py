"""Whether maps are about the model: its weights are randomised from the head down (Adebayo et al., NeurIPS 2018).

A map that stays as it was while the weights go shows the image or the note, not what the model learned. The weights of
a stage are shuffled within each tensor, which keeps their distribution whatever the family.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.explain.agreement import rank_correlations
from engine.explain.token_maps import token_maps
from engine.measured import MethodSanity
from engine.models.output import ModelInput, TokenNetwork, combine
from engine.results import Method
from engine.words import mark, recorded

SAME = 0.5  # rank correlation from which a map counts as the one that it was
_FALLS = mark(
    "With all weights random, its rank correlation with the true map falls to {left:.2f}, whatever its sign: the map "
    "rests on what the model learned."
)
_STAYS = mark(
    "With all weights random, its rank correlation with the true map is still {left:.2f}, whatever its sign: much of "
    "this map does not come from what the model learned."
)
REST = mark("embedding")


def follow_randomisation(
    network: nn.Module,
    cases: Sequence[ModelInput],
    methods: Sequence[Method],
    *,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> tuple[tuple[str, ...], tuple[MethodSanity, ...]]:
    """Correlate each method's maps with those of the true weights, stage after stage.

    Parameters
    ----------
    network : nn.Module
        Left as it is: a copy is randomised. It has a `head` and a list of `layers`.
    cases : sequence of ModelInput
        Each the windows of one case, on the network's device; explained for the label that the true weights prefer.
    progress : callable or None
        Called with the share done, in [0, 1].

    Returns
    -------
    tuple of (tuple of str, tuple of MethodSanity)
        The stages, and what became of each method.
    """
    labels = [_preferred(network, inputs) for inputs in cases]

    def maps_of(asked: nn.Module) -> list[list[NDArray[np.float32]]]:
        return [
            [_map(asked, inputs, method, label) for method in methods]
            for inputs, label in zip(cases, labels, strict=True)
        ]

    true = maps_of(network)  # cases x methods, each (U,)
    stages, left = [], []
    for stage, randomised in cascade(network, seed):
        stages.append(stage)
        left.append([_left(*pair) for pair in zip(true, maps_of(randomised), strict=True)])  # cases x methods
        if progress is not None:
            progress(len(stages) / (2 + len(cast(nn.ModuleList, network.layers))))
    every = np.array(left)  # (stages, cases, methods)
    return tuple(stages), tuple(_judged(method, every[:, :, rank]) for rank, method in enumerate(methods))


def cascade(network: nn.Module, seed: int) -> Iterator[tuple[str, nn.Module]]:
    """Randomise a copy of a network stage by stage: the head, the layers from the last to the first, then the rest.

    A learned `explainer` stays: it is the method that is asked, not the model that it is asked about.

    Yields
    ------
    tuple of (str, nn.Module)
        The stage, and the copy in which it and all before it are random; the same object every time.
    """
    randomised = copy.deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    layers = list(cast(nn.ModuleList, randomised.layers))
    named = [(mark("head"), cast(nn.Module, randomised.head))]
    named += [(recorded("layer {n:d}", n=rank + 1), layers[rank]) for rank in reversed(range(len(layers)))]
    done = {weights for name, weights in randomised.named_parameters() if name.startswith("explainer.")}
    for stage, module in (*named, (REST, randomised)):
        fresh = [weights for weights in module.parameters() if weights not in done]
        for weights in fresh:
            order = torch.randperm(weights.numel(), generator=generator).to(weights.device)
            weights.data = weights.data.flatten()[order].view_as(weights)
        done.update(fresh)
        yield stage, randomised


def _preferred(network: nn.Module, inputs: ModelInput) -> int:
    with torch.inference_mode():
        return int(combine(network(inputs).logits).argmax())


def _map(network: nn.Module, inputs: ModelInput, method: Method, label: int) -> NDArray[np.float32]:
    """One case's map at its present tokens, ``(U,)``."""
    found = token_maps(cast(TokenNetwork, network), inputs, method, label=label, one_case=True)  # (W, T)
    return np.asarray(found[inputs.presence].cpu().numpy())


def _left(before: Sequence[NDArray[np.float32]], after: Sequence[NDArray[np.float32]]) -> list[float]:
    """What is left of each method's map, by rank correlation."""
    return [float(rank_correlations(np.stack(pair))[0, 1]) for pair in zip(before, after, strict=True)]


def _judged(method: Method, correlations: NDArray[np.float64]) -> MethodSanity:
    """Judge a method by its correlations ``(stages, cases)``.

    A map that is turned upside down is the same map: signs do not make up for each other between cases.
    """
    left = float(np.abs(correlations[-1]).mean())
    passed = left < SAME
    sentence = recorded(_FALLS if passed else _STAYS, left=left)
    means = tuple(round(float(value), 4) for value in correlations.mean(axis=1))
    return MethodSanity(method, means, round(left, 4), passed, sentence)
