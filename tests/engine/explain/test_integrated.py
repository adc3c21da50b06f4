"""Integrated gradients on a weighted sum, and their completeness on a network that bends."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.integrated import integrated_gradients
from engine.models.output import ModelInput, TokenNetwork
from engine.models.vision import ImageTransformer, ImageTransformerConfig


def test_on_a_weighted_sum_it_is_weight_times_difference(
    weighted_sum: TokenNetwork, seven_tokens: ModelInput, shares: Tensor
) -> None:
    found = integrated_gradients(weighted_sum, seven_tokens, lambda logits: logits.sum(dim=0))  # (L, 1, T)
    emptied = ModelInput(torch.zeros_like(seven_tokens.values), seven_tokens.presence)
    bias = weighted_sum(emptied).logits.detach().T / seven_tokens.presence.sum()  # (L, 1): what an emptied token adds
    torch.testing.assert_close(found[:, 0], shares - bias * seven_tokens.presence)


def test_it_adds_up_to_the_difference_from_the_emptied_input() -> None:
    torch.manual_seed(0)
    sizes = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=2, heads=3)
    network = ImageTransformer(sizes).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.data.mul_(2)
    inputs = ModelInput(torch.randn(1, 1, 32, 32), torch.ones(1, 16, dtype=torch.bool))
    empty = ModelInput(torch.zeros_like(inputs.values), inputs.presence)
    difference = (network(inputs).logits - network(empty).logits)[0].detach()  # (L,)
    errors = [
        float((integrated_gradients(network, inputs, lambda x: x[0], steps).sum(dim=(1, 2)) - difference).abs().max())
        for steps in (1, 8)
    ]
    assert errors[1] < 0.01 * float(difference.abs().max())
    assert errors[1] < errors[0]
