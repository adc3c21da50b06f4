"""A case on trial: what its maps are worth when the tokens that they mark go away, for benchmarks and cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.explain.faithfulness import Ask, RemovalEvidence, measure
from engine.explain.removal import FIXED, Players, answers
from engine.explain.token_maps import token_maps
from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput, TokenNetwork
from engine.results import Method
from engine.trust.calibration import calibrate


@dataclass(frozen=True, eq=False)
class Trial:
    """One case and the label that the model prefers for it, with what the model answers when tokens are absent.

    Parameters
    ----------
    inputs : ModelInput
        The W windows of the case: one, unless it is a long note.
    label : int
        Rank of the label to explain.
    players : Players
        The present patches, or other tokens, which are removed and brought back.
    ask : callable
        What is kept of them in M variants ``(M, U)`` -> the label's calibrated probability ``(M,)``.
    """

    inputs: ModelInput
    label: int
    players: Players
    ask: Ask

    @classmethod
    def of(
        cls,
        inputs: ModelInput,
        model: LoadedModel,
        network: TokenNetwork,
        *,
        multi_label: bool = False,
        players: Players | None = None,
    ) -> Trial:
        """Put one case on trial; by patches or single tokens where `players` are not given."""
        film = inputs.values.dim() == 4 and inputs.words is None
        players = players or (Players.of_patches if film else Players.of_tokens)(inputs.presence)

        def probabilities(presence: Tensor) -> NDArray[np.float64]:
            logits = answers(network, inputs, presence).mean(dim=1).float().cpu()  # (M, L)
            return calibrate(logits, model.card.trust, multi_label=multi_label).astype(np.float64)  # (M, L)

        label = int(probabilities(inputs.presence[None])[0].argmax())

        def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
            presence = players.presence(torch.from_numpy(kept).to(model.device), inputs.presence)  # (M, W, T)
            return np.asarray(probabilities(presence)[:, label])  # (M,)

        return cls(inputs, label, players, ask)

    def gap(self, found: Tensor, *, steps: int = 10) -> float:
        """Area of insertion less area of deletion of a map ``(T,)`` or ``(W, T)``, in [-1, 1]."""
        rank = self.of_players(found).argsort(descending=True, stable=True).argsort().numpy()  # (U,), 0 the highest
        counts = np.round(np.linspace(0, 1, steps + 1) * len(rank))[:, None]  # (S, 1)
        first, last = self.ask(rank < counts), self.ask(rank >= len(rank) - counts)  # (S,): as many players in both
        return float(np.trapezoid(first - last, dx=1 / steps))

    def judge(self, found: Tensor) -> RemovalEvidence:
        """Measure a map ``(T,)`` by removals."""
        return measure(self.ask, self.of_players(found).numpy(), self.players.places.cpu().numpy())

    def of_players(self, found: Tensor) -> Tensor:
        """Read a map ``(T,)`` or ``(W, T)`` at every player, ``(U,)`` float64: the mean over its tokens."""
        members = self.players.members.flatten().cpu()  # (W T,)
        there = members != FIXED  # (W T,)
        own = members[there]  # (P,)
        total = torch.zeros(len(self.players), dtype=torch.float64)  # (U,)
        total.index_add_(0, own, found.flatten().double().cpu()[there])
        return total / own.bincount(minlength=len(total)).clamp(min=1)  # (U,)


def removal_gap(model: LoadedModel, inputs: ModelInput, method: Method, *, multi_label: bool = False) -> float:
    """Removal gap of one case's map, for the label that the model prefers."""
    network = cast(TokenNetwork, model.network)
    trial = Trial.of(inputs, model, network, multi_label=multi_label)
    return trial.gap(token_maps(network, inputs, method, label=trial.label)[0])
