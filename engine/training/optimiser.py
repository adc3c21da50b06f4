"""Optimisers by name from torch.optim, learning-rate schedules as plain functions of the step, and weight averaging.

Cosine: Loshchilov and Hutter, SGDR, ICLR 2017, equation 5. Averaging: Polyak and Juditsky 1992, exponential form.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

import torch
from torch import nn


class OptimiserName(StrEnum):
    """The optimisers that a training run may name."""

    SGD = "sgd"
    MOMENTUM = "momentum"
    NESTEROV = "nesterov"
    RMSPROP = "rmsprop"
    ADAM = "adam"
    ADAMW = "adamw"


class ScheduleName(StrEnum):
    """How the learning rate goes after its warm-up."""

    CONSTANT = "constant"
    COSINE = "cosine"
    STEP = "step"
    PLATEAU = "plateau"


def build_optimiser(
    name: OptimiserName | str, groups: Iterable[dict[str, Any]], *, lr: float, weight_decay: float
) -> torch.optim.Optimizer:
    """Make an optimiser.

    Parameters
    ----------
    groups : iterable of dict
        Parameter groups as torch.optim takes them; a group's own ``lr`` or ``weight_decay`` goes before the common one.
    """
    groups = list(groups)
    match OptimiserName(name):
        case OptimiserName.SGD:
            return torch.optim.SGD(groups, lr=lr, weight_decay=weight_decay)
        case OptimiserName.MOMENTUM:
            return torch.optim.SGD(groups, lr=lr, momentum=0.9, weight_decay=weight_decay)
        case OptimiserName.NESTEROV:
            return torch.optim.SGD(groups, lr=lr, momentum=0.9, nesterov=True, weight_decay=weight_decay)
        case OptimiserName.RMSPROP:
            return torch.optim.RMSprop(groups, lr=lr, weight_decay=weight_decay)
        case OptimiserName.ADAM:
            return torch.optim.Adam(groups, lr=lr, weight_decay=weight_decay)
        case OptimiserName.ADAMW:
            return torch.optim.AdamW(groups, lr=lr, weight_decay=weight_decay)


def decay_groups(network: nn.Module) -> list[dict[str, Any]]:
    """Two parameter groups: matrices, which decay, and vectors (biases, norms), which do not."""
    weights = [weight for weight in network.parameters() if weight.requires_grad]
    return [
        {"params": [weight for weight in weights if weight.ndim > 1]},
        {"params": [weight for weight in weights if weight.ndim <= 1], "weight_decay": 0.0},
    ]


def learning_rate_factor(
    name: ScheduleName | str, step: int, total: int, *, warmup: float = 0.05, losses: Sequence[float] = ()
) -> float:
    """The share of its full learning rate that a step gets.

    Parameters
    ----------
    step, total : int
        Rank of the step from 0, and how many there will be.
    warmup : float
        Share of the steps over which the rate rises linearly from 0, in [0, 1).
    losses : sequence of float
        Validation losses of the epochs so far; read by ``plateau`` only, which divides the rate by 10 each time that
        three epochs in a row bring no new best.

    Returns
    -------
    float
        In [0, 1].
    """
    rise = warmup * total
    if step < rise:
        return (step + 1) / (rise + 1)
    done = (step - rise) / max(1.0, total - rise)
    match ScheduleName(name):
        case ScheduleName.CONSTANT:
            return 1.0
        case ScheduleName.COSINE:
            return 0.5 * (1.0 + math.cos(math.pi * done))
        case ScheduleName.STEP:
            return float(0.1 ** int(3 * done))
        case ScheduleName.PLATEAU:
            return float(0.1 ** _plateaus(losses))


def _plateaus(losses: Sequence[float], patience: int = 3) -> int:
    """How many times `patience` epochs in a row brought no new best loss."""
    best, waited, plateaus = math.inf, 0, 0
    for loss in losses:
        best, waited = (loss, 0) if loss < best else (best, waited + 1)
        if waited == patience:
            plateaus, waited = plateaus + 1, 0
    return plateaus


class Average:
    """An exponential moving average of a network's weights; `network` is what one validates and ships."""

    def __init__(self, network: nn.Module, *, decay: float) -> None:
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the weights after a step; early steps count more, so that the start is soon forgotten."""
        decay = min(self._decay, (1 + step) / (10 + step))
        source = network.state_dict()
        for name, mean in self.network.state_dict().items():
            if mean.is_floating_point():
                mean.lerp_(source[name], 1.0 - decay)
            else:
                mean.copy_(source[name])
