from __future__ import annotations

from pathlib import Path

import pytest
import torch

from engine.explain.token_maps import token_maps
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import load_model, save_model
from engine.models.lesion import LesionTransformer, LesionTransformerConfig
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.results import Method
from engine.training.start import take_over

SIZES = LesionTransformerConfig(labels=3, image_size=64, width=24, layers=2, heads=3)


@pytest.fixture
def network() -> LesionTransformer:
    torch.manual_seed(0)
    made = LesionTransformer(SIZES).eval()
    torch.nn.init.normal_(made.gate.weight, std=2.0)
    return made


def _inputs(size: int = 64) -> ModelInput:
    generator = torch.Generator().manual_seed(1)
    presence = torch.rand(2, (size // 16) ** 2, generator=generator) < 0.7
    return ModelInput(torch.randn(2, 1, size, size, generator=generator), presence)


def test_drawing_answers_the_same_and_gives_a_quarter_of_the_side(network: LesionTransformer) -> None:
    for size in (64, 96):
        inputs = _inputs(size)
        output, lesion = network.draw(inputs)
        assert torch.allclose(output.logits, network(inputs).logits, atol=1e-6)
        assert lesion.shape == (2, 1, size // 4, size // 4)


def test_the_readout_chooses_among_present_patches(network: LesionTransformer) -> None:
    inputs = _inputs()
    readout = network(inputs).readout
    assert torch.allclose(readout.sum(dim=1), torch.ones(2))
    assert torch.equal(readout > 0, inputs.presence)
    assert float(readout.detach()[inputs.presence].std()) > 0.01


def test_without_any_patch_all_are_read_equally(network: LesionTransformer) -> None:
    nothing = ModelInput(torch.zeros(1, 1, 64, 64), torch.zeros(1, 16, dtype=torch.bool))
    assert torch.allclose(network(nothing).readout, torch.full((1, 16), 1 / 16))


def test_what_is_drawn_depends_on_tokens_and_on_fine_features(network: LesionTransformer) -> None:
    torch.manual_seed(0)
    deep, eighth, quarter = torch.randn(1, 24, 4, 4), torch.randn(1, 12, 8, 8), torch.randn(1, 6, 16, 16)
    drawn = network.decoder(deep, eighth, quarter)
    for other in ((-deep, eighth, quarter), (deep, -eighth, quarter), (deep, eighth, -quarter)):
        assert not torch.allclose(network.decoder(*other), drawn)


def test_packing_in_training_gives_the_same_logits(network: LesionTransformer) -> None:
    inputs = _inputs()
    expected = network(inputs).logits
    assert torch.allclose(network.train()(inputs).logits, expected, atol=1e-6)


def test_the_map_of_a_learned_readout_follows_what_it_reads(network: LesionTransformer) -> None:
    """With attention cut off, the answer is a sum over tokens, and the map is what each adds to it, where positive."""
    for layer in network.layers:
        torch.nn.init.zeros_(layer.attention.o_proj.weight)
    inputs = _inputs()
    output = network(inputs)
    tokens = network.norm(output.hidden[-1])  # (B, T, D)
    added = (output.readout * (tokens @ network.head.weight[1])).clamp(min=0)  # (B, T)
    found = token_maps(network, inputs, Method.RELEVANCE, label=1)  # (B, T)
    assert torch.allclose(found / found.sum(1, keepdim=True), added / added.sum(1, keepdim=True), atol=1e-5)


def test_it_starts_from_a_plain_image_model(network: LesionTransformer) -> None:
    plain = ImageTransformer(ImageTransformerConfig(labels=3, image_size=64, width=24, layers=2, heads=3))
    take_over(network, plain)
    assert torch.equal(network.stem[0].weight, plain.stem[0].weight)


def test_a_checkpoint_comes_back_as_the_same_network(network: LesionTransformer, tmp_path: Path) -> None:
    card = Card(
        task="breast-ultrasound",
        title="",
        labels=("a", "b", "c"),
        summary="",
        intended_use="",
        limits=(),
        data=DataFacts("", "", 0, "", ""),
        metrics={},
        trust=TrustParameters(temperatures=(1.0,)),
    )
    save_model(tmp_path, network, card)
    loaded = load_model(tmp_path, device="cpu").network
    assert isinstance(loaded, LesionTransformer)
    assert torch.equal(loaded.draw(_inputs())[1], network.draw(_inputs())[1])
