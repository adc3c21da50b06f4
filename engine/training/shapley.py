r"""Training of the learned explainer: a head whose values predict what the network says of random sets of tokens.

Covert, Kim & Lee, ICLR 2023 (arXiv 2206.05282), their learning objective: Shapley values are the least-squares fit
:math:`\min_\phi E_S\,(v(S) - v(\varnothing) - \sum_{i \in S} \phi_i)^2` over sets drawn from the Shapley kernel,
:math:`p(|S|) \propto 1 / (|S| (d - |S|))`, where the values sum to :math:`v(N) - v(\varnothing)`. Sets are drawn in
pairs with their complements. What the size of a set says by itself is subtracted first: given the size, it does not
depend on which tokens are in the set, so the fit stays where it is and most of the noise is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.explain.removal import answers
from engine.models.explainer import ShapleyHead, centred, probabilities
from engine.models.output import ModelInput, ModelOutput, TokenNetwork
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups


@dataclass(frozen=True, eq=False)
class Games:
    """Random sets of the tokens of N cases, and what the network said of each.

    Parameters
    ----------
    tokens : Tensor
        ``(N, T, D)`` float16: what leaves the network's last layer for the whole case.
    presence : Tensor
        ``(N, T)`` bool: the players.
    whole, nothing : Tensor
        ``(N, L)``: probabilities of the whole case, and of the case without any token.
    sets : Tensor
        ``(N, M, T)`` bool, M even: sets of players, each followed by its complement.
    values : Tensor
        ``(N, M, L)``: probabilities where only the set is present.
    """

    tokens: Tensor
    presence: Tensor
    whole: Tensor
    nothing: Tensor
    sets: Tensor
    values: Tensor

    @classmethod
    def joined(cls, parts: Sequence[Games]) -> Games:
        """All games of some parts."""
        return cls(**{entry.name: torch.cat([getattr(part, entry.name) for part in parts]) for entry in fields(cls)})

    def select(self, rows: Tensor) -> Games:
        """The games of some cases, by their ranks ``(B,)``."""
        return Games(**{entry.name: getattr(self, entry.name)[rows] for entry in fields(self)})


@dataclass(frozen=True)
class ExplainerSettings:
    """How a learned explainer is trained.

    Parameters
    ----------
    cases : int
        Training cases that are played.
    pairs : int
        Sets of tokens for each case, each with its complement.
    """

    cases: int = 1600
    pairs: int = 5
    epochs: int = 12
    batch_size: int = 32
    lr: float = 1e-3
    weight_decay: float = 0.05


def draw_sets(presence: Tensor, pairs: int, generator: torch.Generator) -> Tensor:
    """Draw sets of present tokens from the Shapley kernel, each followed by its complement.

    Parameters
    ----------
    presence : Tensor
        ``(B, T)`` bool, at least two tokens in each row.

    Returns
    -------
    Tensor
        ``(B, 2 * pairs, T)`` bool; no set is empty and none is whole.
    """
    drawn = []
    for there in presence:  # (T,)
        players = int(there.sum())
        sizes = torch.arange(1, players)  # (d - 1,)
        weight = 1.0 / (sizes * (players - sizes))  # (d - 1,)
        size = sizes[torch.multinomial(weight, pairs, replacement=True, generator=generator)]  # (P,)
        chance = torch.rand(pairs, len(there), generator=generator).masked_fill(~there, 2.0)  # (P, T)
        chosen = chance.argsort(dim=1).argsort(dim=1) < size[:, None]  # (P, T)
        drawn.append(torch.stack([chosen, there & ~chosen], dim=1).flatten(0, 1))  # (2 P, T)
    return torch.stack(drawn)


@torch.no_grad()
def play(
    network: TokenNetwork, inputs: ModelInput, pairs: int, generator: torch.Generator, *, independent: bool = False
) -> Games:
    """Ask the network for random sets of the tokens of B cases.

    Parameters
    ----------
    independent : bool
        Whether each label has a probability of its own.
    """
    told = partial(_probabilities, independent=independent)
    output: ModelOutput = network(inputs)
    empty: ModelOutput = network(inputs.having(torch.zeros_like(inputs.presence)))
    sets = draw_sets(inputs.presence.cpu(), pairs, generator)  # (B, M, T)
    said = answers(network, inputs, sets.to(inputs.presence.device).transpose(0, 1))  # (M, B, L)
    return Games(
        tokens=output.hidden[-1].half().cpu(),
        presence=inputs.presence.cpu(),
        whole=told(output.logits),
        nothing=told(empty.logits),
        sets=sets,
        values=told(said.transpose(0, 1)),
    )


def _probabilities(logits: Tensor, *, independent: bool) -> Tensor:
    """``(..., L)`` to the same, float32 on the CPU."""
    return probabilities(logits, independent=independent).float().cpu()


class SizeAlone:
    """What the size of a set, and the whole case's probabilities, let expect of it; fitted by least squares."""

    def __init__(self, games: Games) -> None:
        basis = self._basis(games)  # (N, M, F)
        flat, values = basis.flatten(0, 1).double(), games.values.flatten(0, 1).double()  # (N M, F), (N M, L)
        self._weights = torch.linalg.lstsq(flat, values, driver="gelsd").solution.float()  # (F, L)

    def __call__(self, games: Games) -> Tensor:
        """Expected probabilities ``(N, M, L)``."""
        expected: Tensor = self._basis(games) @ self._weights  # (N, M, L)
        return expected

    @staticmethod
    def _basis(games: Games) -> Tensor:
        """``(N, M, F)``: smooth functions of the share of the players, for each probability of the whole case."""
        share = games.sets.sum(dim=2) / games.presence.sum(dim=1, keepdim=True)  # (N, M) in (0, 1)
        powers = [torch.ones_like(share), share, share**2, share**3, share.log(), (1 - share).log()]
        of_size = torch.stack(powers, dim=2)  # (N, M, 6)
        of_case = torch.cat([torch.ones(len(share), 1), games.whole], dim=1)  # (N, 1 + L)
        return torch.einsum("nmf,nc->nmfc", of_size, of_case).flatten(2)  # (N, M, F)


def train_head(
    training: Games,
    validation: Games,
    settings: ExplainerSettings,
    out: Path,
    seed: int,
    *,
    independent: bool = False,
) -> ShapleyHead:
    """Train a head on games of training cases; the curves go to `out`.

    Their figure `explained` is the share of what is left when the size of a set is known. It stays far below 1: values
    that add up cannot tell how tokens act together.
    """
    torch.manual_seed(seed)
    head = ShapleyHead(width=training.tokens.shape[2], labels=training.whole.shape[1], independent=independent)
    expected = SizeAlone(training)

    def batches(epoch: int, generator: np.random.Generator) -> Iterator[Games]:
        order = torch.from_numpy(generator.permutation(len(training.whole)))  # (N,)
        starts = range(0, len(order), settings.batch_size)
        return (training.select(order[start : start + settings.batch_size]) for start in starts)

    def loss(model: nn.Module, games: Games) -> Tensor:
        values = centred(model(games.tokens.float()), games.presence)  # (B, T, L)
        predicted = torch.einsum("bmt,btl->bml", games.sets.float(), values)  # (B, M, L)
        return (games.values - expected(games) - predicted).square().sum(dim=2).mean()

    @torch.no_grad()
    def validate(model: nn.Module) -> Mapping[str, float]:
        unexplained = (validation.values - expected(validation)).square().sum(dim=2).mean()
        remaining = loss(model, validation)
        return {"loss": float(remaining), "explained": float(1 - remaining / unexplained)}

    steps = -(-len(training.whole) // settings.batch_size)
    loop = LoopSettings(epochs=settings.epochs, steps=steps, seed=seed, average=0.99)
    optimiser = build_optimiser("adamw", decay_groups(head), lr=settings.lr, weight_decay=settings.weight_decay)
    trained = cast(ShapleyHead, fit(head, optimiser, Plan(batches, loss, validate), loop, out))
    trained.nothing.copy_(training.nothing.mean(dim=0))
    return trained
