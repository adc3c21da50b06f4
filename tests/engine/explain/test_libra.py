"""LibraGrad: the forward pass stays, the gradient adds up to the logit, and other threads see nothing of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from engine.explain.gradients import Slopes
from engine.explain.libra import Balanced, full_gradient
from engine.models.output import ModelInput, TokenNetwork
from engine.models.text import start_from_encoder
from engine.models.vision import ImageTransformer, ImageTransformerConfig


def _shake(network: torch.nn.Module) -> torch.nn.Module:
    """Biases begin as zeros: give them values, so that forgetting one shows."""
    torch.manual_seed(5)
    for weight in network.parameters():
        weight.data.add_(0.1 * torch.randn_like(weight))
    return network.eval().requires_grad_(False)


@pytest.fixture(params=["image", "text"])
def family(request: pytest.FixtureRequest, encoder_folder: Path) -> tuple[TokenNetwork, ModelInput]:
    torch.manual_seed(4)
    presence = torch.tensor([[True] * 12 + [False] * 4, [True] * 16])
    if request.param == "image":
        sizes = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=3, heads=3)
        return _shake(ImageTransformer(sizes)), ModelInput(torch.randn(2, 1, 32, 32), presence)
    network = _shake(start_from_encoder(encoder_folder, num_labels=3))
    return network, ModelInput(torch.randint(4, 20, (2, 16)), presence)


def test_the_answer_is_the_same_within(family: tuple[TokenNetwork, ModelInput]) -> None:
    network, inputs = family
    with Balanced():
        within = network(inputs)
    torch.testing.assert_close(within.logits, network(inputs).logits, atol=1e-5, rtol=1e-5)


def test_tokens_add_up_to_the_logit_without_the_bias_of_the_head(family: tuple[TokenNetwork, ModelInput]) -> None:
    network, inputs = family
    with Balanced() as balanced:
        output = network(inputs)
    shares = full_gradient(output, Slopes(output.logits.sum(dim=0)), balanced)  # (L, B, T)
    expected = (output.logits - network.head.bias).T  # (L, B)
    torch.testing.assert_close(shares.sum(dim=-1), expected, atol=1e-4, rtol=1e-4)
    assert (shares[:, ~inputs.presence] == 0).all()


def test_the_ordinary_gradient_does_not_add_up(family: tuple[TokenNetwork, ModelInput]) -> None:
    network, inputs = family
    plain = network(inputs)
    shares = full_gradient(plain, Slopes(plain.logits.sum(dim=0)), Balanced())  # (L, B, T)
    assert not torch.allclose(shares.sum(dim=-1), (plain.logits - network.head.bias).T, atol=0.05)


def test_the_gate_of_zero_is_one_half() -> None:
    tokens = torch.tensor([0.0, 2.0], requires_grad=True)
    with Balanced():
        made = torch.nn.functional.gelu(tokens)
    (gradient,) = torch.autograd.grad(made.sum(), tokens)
    torch.testing.assert_close(made, torch.nn.functional.gelu(tokens))
    torch.testing.assert_close(gradient, torch.special.ndtr(tokens.detach()))


def test_other_threads_see_nothing_of_it() -> None:
    def slope() -> float:
        tokens = torch.tensor([1.0], requires_grad=True)
        return float(torch.autograd.grad(torch.nn.functional.gelu(tokens), tokens)[0])

    ordinary = slope()
    with Balanced(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(slope).result() == ordinary
        assert slope() != ordinary
    assert slope() == ordinary
