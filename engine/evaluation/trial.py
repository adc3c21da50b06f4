"""A case on trial: what its maps are worth when the tokens that they mark go away, for benchmarks and cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.explain.faithfulness import Ask, RemovalEvidence, measure
from engine.explain.removal import Players, answers
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
        A batch of one.
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
    def of(cls, inputs: ModelInput, model: LoadedModel, network: TokenNetwork, *, multi_label: bool = False) -> Trial:
        """Put one case on trial."""
        with torch.inference_mode():
            label = int(network(inputs).logits[0].argmax())
        film = inputs.values.dim() == 4 and inputs.words is None
        players = (Players.of_patches if film else Players.of_tokens)(inputs.presence)

        def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
            presence = players.presence(torch.from_numpy(kept).to(model.device), inputs.presence)  # (M, 1, T)
            logits = answers(network, inputs, presence)[:, 0].float().cpu()  # (M, L)
            return calibrate(logits, model.card.trust, multi_label=multi_label)[:, label].astype(np.float64)  # (M,)

        return cls(inputs, label, players, ask)

    def gap(self, found: Tensor, *, steps: int = 10) -> float:
        """Area of insertion less area of deletion of a map ``(T,)``, in [-1, 1]."""
        rank = self._of_players(found).argsort(descending=True, stable=True).argsort().numpy()  # (U,), 0 the highest
        counts = np.round(np.linspace(0, 1, steps + 1) * len(rank))[:, None]  # (S, 1)
        first, last = self.ask(rank < counts), self.ask(rank >= len(rank) - counts)  # (S,): as many players in both
        return float(np.trapezoid(first - last, dx=1 / steps))

    def judge(self, found: Tensor) -> RemovalEvidence:
        """Measure a map ``(T,)`` by removals."""
        return measure(self.ask, self._of_players(found).numpy(), self.players.places.cpu().numpy())

    def _of_players(self, found: Tensor) -> Tensor:
        return found[self.inputs.presence[0]].double().cpu()  # (U,)


def removal_gap(model: LoadedModel, inputs: ModelInput, method: Method, *, multi_label: bool = False) -> float:
    """Removal gap of one case's map, for the label that the model prefers."""
    network = cast(TokenNetwork, model.network)
    trial = Trial.of(inputs, model, network, multi_label=multi_label)
    return trial.gap(token_maps(network, inputs, method, label=trial.label)[0])
