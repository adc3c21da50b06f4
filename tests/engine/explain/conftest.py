"""A network whose answer is a weighted sum of what is present, so that every attribution is known beforehand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.models.output import ModelInput, ModelOutput, TokenNetwork

WEIGHTS = torch.tensor([[1.0, 0.0, -1.0], [2.0, -3.0, 0.5]])  # (D, L)
BIAS = torch.tensor([0.25, -0.5, 0.0])  # (L,), added for every token that is present


class WeightedSum:
    """Values ``(B, T)`` to tokens ``(v, v^2)`` to logits: ``tokens @ WEIGHTS + BIAS``, summed over present tokens."""

    def embed(self, inputs: ModelInput) -> Tensor:
        return torch.stack((inputs.values, inputs.values.square()), dim=-1)  # (B, T, D)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        said = torch.nn.functional.linear(hidden, WEIGHTS.T, BIAS)  # (B, T, L)
        logits = (said * presence[..., None]).sum(dim=1)  # (B, L)
        readout = presence / presence.sum(dim=1, keepdim=True).clamp(min=1)  # (B, T)
        attention = readout[:, None, None, :].expand(-1, 2, readout.shape[1], -1)  # (B, H, T, T), part of no graph
        return ModelOutput(logits, (attention,), readout, logits, (hidden, hidden))

    def __call__(self, inputs: ModelInput) -> ModelOutput:
        hidden = self.embed(inputs)
        return self.encode(hidden.requires_grad_() if torch.is_grad_enabled() else hidden, inputs.presence)


@pytest.fixture
def weighted_sum() -> TokenNetwork:
    return WeightedSum()


@pytest.fixture
def seven_tokens() -> ModelInput:
    values = torch.tensor([[0.5, -1.0, 2.0, 1.5, -0.5, 3.0, 1.0]])  # (1, T)
    presence = torch.tensor([[True, True, True, False, True, True, True]])
    return ModelInput(values, presence)


@pytest.fixture
def shares(seven_tokens: ModelInput) -> Tensor:
    """What each present token adds to each logit, ``(L, T)``."""
    values = seven_tokens.values[0]  # (T,)
    added = torch.stack((values, values.square()), dim=-1) @ WEIGHTS + BIAS  # (T, L)
    return (added * seven_tokens.presence[0][:, None]).T
