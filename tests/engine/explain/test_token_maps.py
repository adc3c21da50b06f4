"""Every method on small networks: ranges, signs, presence, windows, and a model that many threads share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
import torch
from torch import Tensor, nn

from engine.explain.removal import Players
from engine.explain.token_maps import all_label_maps, ladder_maps, token_maps
from engine.models.explainer import ShapleyHead
from engine.models.output import ModelInput, TokenNetwork
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.results import Method
from tests.engine.explain.families import FAMILIES, asked_of, small

FEW_PASSES = [method for method in Method if not method.by_removal]
EXACT_ON_SUMS = [Method.LIBRA_FULL_GRADIENT, Method.OCCLUSION, Method.SHAPLEY]
LINEAR = [*EXACT_ON_SUMS, Method.INTEGRATED_GRADIENTS, Method.LIBRA_ATTCAT, Method.CLASS_ACTIVATION]


@pytest.fixture(scope="module")
def network() -> ImageTransformer:
    torch.manual_seed(3)
    config = ImageTransformerConfig(labels=3, image_size=64, patch_size=16, width=48, layers=2, heads=3)
    network = ImageTransformer(config)
    network.explainer = ShapleyHead(width=48, labels=3)
    nn.init.normal_(network.explainer.outer.weight)
    return network.eval().requires_grad_(False)


def _inputs(batch: int, seed: int = 0) -> ModelInput:
    generator = torch.Generator().manual_seed(seed)
    presence = torch.rand(batch, 16, generator=generator) > 0.3
    presence[:, 0] = True
    return ModelInput(torch.randn(batch, 1, 64, 64, generator=generator), presence)


@pytest.mark.parametrize("method", list(Method))
def test_a_map_is_finite_and_one_on_average(network: ImageTransformer, method: Method) -> None:
    inputs = _inputs(3)
    maps = token_maps(network, inputs, method, label=1)
    assert maps.shape == (3, 16)
    assert torch.isfinite(maps).all()
    assert (maps[~inputs.presence] == 0).all()
    assert bool((maps < 0).any()) == method.signed
    mean = maps.abs().sum(dim=1) / inputs.presence.sum(dim=1)
    torch.testing.assert_close(mean, torch.ones(3))


@pytest.mark.parametrize("method", EXACT_ON_SUMS)
def test_on_a_weighted_sum_each_token_gets_what_it_adds(
    weighted_sum: TokenNetwork, seven_tokens: ModelInput, shares: Tensor, method: Method
) -> None:
    for label in range(3):
        found = token_maps(weighted_sum, seven_tokens, method, label=label, one_case=True)[0]
        expected = shares[label] * 6 / shares[label].abs().sum()  # six tokens are present
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("method", LINEAR)
def test_why_this_rather_than_that_turns_its_sign_with_the_question(network: ImageTransformer, method: Method) -> None:
    inputs = _inputs(1)
    this, that = (
        token_maps(network, inputs, method, label=a, rather_than=b, one_case=True) for a, b in ((0, 2), (2, 0))
    )
    torch.testing.assert_close(this, -that, atol=1e-4, rtol=1e-3)
    assert not torch.allclose(this, token_maps(network, inputs, method, label=0, one_case=True))


@pytest.mark.parametrize("method", [method for method in FEW_PASSES if method.by_label])
def test_all_labels_at_once_are_each_label_alone(network: ImageTransformer, method: Method) -> None:
    inputs = _inputs(2)
    together = all_label_maps(network, inputs, method, one_case=True)  # (L, B, T)
    alone = torch.stack([token_maps(network, inputs, method, label=label, one_case=True) for label in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)


def test_the_whole_ladder_at_once_is_each_method_alone_for_fewer_passes(network: ImageTransformer) -> None:
    passes = 0

    class Counting:
        def embed(self, inputs: ModelInput) -> Tensor:
            return network.embed(inputs)

        def encode(self, hidden: Tensor, presence: Tensor) -> object:
            return network.encode(hidden, presence)

        def __call__(self, inputs: ModelInput) -> object:
            nonlocal passes
            passes += 1
            return network(inputs)

    inputs = _inputs(3)
    found = ladder_maps(Counting(), inputs, [method for method in FEW_PASSES if not method.learned], label=1)
    assert passes == 2
    for method, maps in found.items():
        torch.testing.assert_close(maps, token_maps(network, inputs, method, label=1))


def test_what_depends_on_the_label_says_so(network: ImageTransformer) -> None:
    inputs = _inputs(2)
    for method in Method:
        one, other = (token_maps(network, inputs, method, label=label) for label in (0, 1))
        assert torch.allclose(one, other) != method.by_label


def test_heads_average_to_their_layer_and_layers_differ(network: ImageTransformer) -> None:
    inputs = _inputs(2)
    for layer in (0, 1):
        heads = [token_maps(network, inputs, Method.ATTENTION, layer=layer, head=head) for head in range(3)]
        whole = token_maps(network, inputs, Method.ATTENTION, layer=layer)
        torch.testing.assert_close(torch.stack(heads).mean(dim=0), whole)
    assert torch.equal(whole, token_maps(network, inputs, Method.ATTENTION))
    assert not torch.allclose(whole, token_maps(network, inputs, Method.ATTENTION, layer=0))


def test_windows_of_one_case_share_one_scale(network: ImageTransformer) -> None:
    inputs = _inputs(3)
    maps = token_maps(network, inputs, Method.RELEVANCE, label=2, one_case=True)
    torch.testing.assert_close(maps.sum(), inputs.presence.sum().float())


def test_what_goes_together_gets_one_value(weighted_sum: TokenNetwork, seven_tokens: ModelInput) -> None:
    words = torch.tensor([[-1, 0, 0, 1, 1, 2, 2]])
    players = Players.of_words(words, seven_tokens.presence)
    found = token_maps(weighted_sum, seven_tokens, Method.SHAPLEY, label=1, one_case=True, players=players)[0]  # (T,)
    assert found[0] == found[3] == 0  # special, and absent
    assert found[1] == found[2] != found[5] == found[6]


@pytest.mark.parametrize("method", list(Method))
def test_nothing_is_left_on_the_model(network: ImageTransformer, method: Method) -> None:
    token_maps(network, _inputs(1), method, label=0)
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


@pytest.mark.parametrize("family", FAMILIES)
def test_sixteen_threads_on_one_model_get_the_maps_they_get_alone(family: str) -> None:
    shared = small(family)
    methods = [*(method for method in FEW_PASSES if not method.learned), Method.OCCLUSION]

    def explain(seed: int) -> Tensor:
        inputs = asked_of(shared, seed=seed)
        maps = token_maps(shared, inputs, methods[seed % len(methods)], label=seed % 3)
        return torch.cat((maps[None], all_label_maps(shared, inputs, Method.LIBRA_ATTCAT)))

    seeds = range(4 * len(methods))
    alone = [explain(seed) for seed in seeds]
    with ThreadPoolExecutor(16) as pool:
        for one, other in zip(alone, pool.map(explain, seeds), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    assert all(weight.grad is None and not weight.requires_grad for weight in cast(nn.Module, shared).parameters())
