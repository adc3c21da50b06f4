"""Noise on the image: none where the map ignores the pixels, some where it does not."""

from __future__ import annotations

import torch

from engine.explain.sensitivity import max_sensitivity
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.results import Method


def _network() -> ImageTransformer:
    torch.manual_seed(0)
    sizes = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=2, heads=3)
    return ImageTransformer(sizes).eval().requires_grad_(False)


def _film() -> ModelInput:
    return ModelInput(torch.randn(1, 1, 32, 32), torch.ones(1, 16, dtype=torch.bool))


def test_a_map_of_pixels_moves_with_them_and_the_same_every_time() -> None:
    network, film = _network(), _film()
    found = max_sensitivity(network, film, Method.RELEVANCE, label=1)
    assert found > 0
    assert found == max_sensitivity(network, film, Method.RELEVANCE, label=1)


def test_the_map_that_is_shown_is_the_one_that_is_shaken() -> None:
    network, film = _network(), _film()
    heads = [max_sensitivity(network, film, Method.ATTENTION, label=0, layer=0, head=head) for head in range(3)]
    mean = max_sensitivity(network, film, Method.ATTENTION, label=0)
    assert len({*heads, mean}) == 4


def test_a_network_blind_to_pixels_has_a_map_that_does_not_move() -> None:
    network = _network()
    for weights in network.stem.parameters():
        weights.data.zero_()
    assert max_sensitivity(network, _film(), Method.ROLLOUT, label=0) < 1e-6
