"""Every method on a small network: ranges, presence, windows, and a model that many threads share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from engine.explain.token_maps import token_maps
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.results import Method


@pytest.fixture(scope="module")
def network() -> ImageTransformer:
    torch.manual_seed(3)
    config = ImageTransformerConfig(labels=3, image_size=64, patch_size=16, width=48, layers=2, heads=3)
    return ImageTransformer(config).eval().requires_grad_(False)


def _inputs(batch: int, seed: int = 0) -> ModelInput:
    generator = torch.Generator().manual_seed(seed)
    presence = torch.rand(batch, 16, generator=generator) > 0.3
    presence[:, 0] = True
    return ModelInput(torch.randn(batch, 1, 64, 64, generator=generator), presence)


@pytest.mark.parametrize("method", list(Method))
def test_a_map_is_finite_non_negative_and_one_on_average(network: ImageTransformer, method: Method) -> None:
    inputs = _inputs(4)
    maps = token_maps(network, inputs, method, label=1)
    assert maps.shape == (4, 16)
    assert torch.isfinite(maps).all()
    assert (maps >= 0).all()
    assert (maps[~inputs.presence] == 0).all()
    mean = maps.sum(dim=1) / inputs.presence.sum(dim=1)
    torch.testing.assert_close(mean, torch.ones(4))


def test_relevance_depends_on_the_label_and_attention_does_not(network: ImageTransformer) -> None:
    inputs = _inputs(2)
    assert not torch.allclose(*(token_maps(network, inputs, Method.RELEVANCE, label=k) for k in (0, 1)))
    assert torch.equal(*(token_maps(network, inputs, Method.ROLLOUT, label=k) for k in (0, 1)))


def test_heads_average_to_the_whole_layer(network: ImageTransformer) -> None:
    inputs = _inputs(2)
    heads = [token_maps(network, inputs, Method.ATTENTION, head=head) for head in range(3)]
    torch.testing.assert_close(torch.stack(heads).mean(dim=0), token_maps(network, inputs, Method.ATTENTION))


def test_windows_of_one_case_share_one_scale(network: ImageTransformer) -> None:
    inputs = _inputs(3)
    maps = token_maps(network, inputs, Method.RELEVANCE, label=2, one_case=True)
    torch.testing.assert_close(maps.sum(), inputs.presence.sum().float())


@pytest.mark.parametrize("method", list(Method))
def test_nothing_is_left_on_the_model(network: ImageTransformer, method: Method) -> None:
    token_maps(network, _inputs(2), method, label=0)
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


def test_sixteen_threads_on_one_model_get_the_maps_they_get_alone(network: ImageTransformer) -> None:
    alone = [token_maps(network, _inputs(1, seed), Method.RELEVANCE, label=seed % 3) for seed in range(16)]
    with ThreadPoolExecutor(16) as pool:
        together = pool.map(
            lambda seed: token_maps(network, _inputs(1, seed), Method.RELEVANCE, label=seed % 3), range(16)
        )
        for one, other in zip(alone, together, strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
