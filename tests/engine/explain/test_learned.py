from __future__ import annotations

import pytest
import torch
from torch import nn

from engine.errors import CheckpointError
from engine.explain.learned import learned_values
from engine.models.explainer import ShapleyHead
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig

INPUTS = ModelInput(torch.randn(2, 1, 32, 32), torch.ones(2, 16, dtype=torch.bool))


def _network() -> ImageTransformer:
    torch.manual_seed(0)
    config = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=1, heads=2)
    return ImageTransformer(config).eval().requires_grad_(False)


def test_a_network_without_a_head_says_so() -> None:
    with pytest.raises(CheckpointError, match="train-explainer"):
        learned_values(_network(), INPUTS)


def test_one_forward_pass_shares_out_the_probabilities() -> None:
    network = _network()
    network.explainer = ShapleyHead(width=24, labels=3).requires_grad_(False)
    nn.init.normal_(network.explainer.outer.weight)
    values = learned_values(network, INPUTS)  # (L, B, T)
    torch.testing.assert_close(values.sum(dim=2).T, network(INPUTS).logits.softmax(dim=1))
    assert not values.requires_grad
