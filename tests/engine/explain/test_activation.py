"""Class activation takes a logit apart into the terms of the last layer's tokens."""

from __future__ import annotations

import torch

from engine.explain.activation import class_activation
from engine.explain.gradients import Slopes
from engine.explain.libra import Balanced
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig


def test_terms_add_up_to_the_logit_without_the_biases_after_the_last_layer() -> None:
    torch.manual_seed(2)
    sizes = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=2, heads=3)
    network = ImageTransformer(sizes).eval().requires_grad_(False)
    network.norm.bias += 0.3
    network.head.bias += torch.tensor([1.0, 0.0, -1.0])
    inputs = ModelInput(torch.randn(2, 1, 32, 32), torch.arange(16).expand(2, 16) % 5 > 0)
    with Balanced():
        output = network(inputs)
    terms = class_activation(output, Slopes(output.logits.sum(dim=0)))  # (L, B, T)
    biases = network.head(network.norm.bias)  # (L,)
    torch.testing.assert_close(terms.sum(dim=-1), (output.logits - biases).T, atol=1e-5, rtol=1e-4)
    token = network.norm(output.hidden[-1])[0, 3] - network.norm.bias  # (D,)
    torch.testing.assert_close(terms[1, 0, 3], network.head.weight[1] @ token / inputs.presence[0].sum())
    assert (terms[:, ~inputs.presence] == 0).all()
