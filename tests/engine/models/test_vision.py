from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig, Stem, readout_weights

SIZES = ImageTransformerConfig(labels=3, image_size=32, patch_size=8, width=24, layers=2, heads=3)


@pytest.fixture
def network() -> ImageTransformer:
    torch.manual_seed(0)
    return ImageTransformer(SIZES).eval()


def _inputs(count: int = 2, size: int = 32) -> ModelInput:
    generator = torch.Generator().manual_seed(1)
    tokens = (size // 8) ** 2
    presence = torch.rand(count, tokens, generator=generator) < 0.7
    return ModelInput(torch.randn(count, 1, size, size, generator=generator), presence)


def test_tokens_are_exactly_the_patches(network: ImageTransformer) -> None:
    output = network(_inputs())
    assert output.logits.shape == (2, 3)
    assert [attention.shape for attention in output.attentions] == [(2, 3, 16, 16)] * 2
    assert output.readout.shape == (2, 16)
    assert output.embedding.shape == (2, 24)


def test_a_stem_of_patches_is_one_linear_map_and_takes_no_pixel_of_a_neighbour() -> None:
    torch.manual_seed(0)
    plain = ImageTransformer(replace(SIZES, stem=Stem.PATCHES.value)).eval()
    assert [tuple(weight.shape) for weight in plain.stem.parameters()] == [(24, 1, 8, 8), (24,)]
    seen = ModelInput(torch.zeros(1, 1, 32, 32), torch.ones(1, 16, dtype=torch.bool))
    touched = seen.values.clone()
    touched[0, 0, :8, :8] = 1.0
    moved = plain.embed(seen) != plain.embed(ModelInput(touched, seen.presence))  # (1, T, D)
    assert moved.any(dim=2).nonzero()[:, 1].tolist() == [0]


def test_attention_and_readout_are_distributions_over_present_patches(network: ImageTransformer) -> None:
    inputs = _inputs()
    output = network(inputs)
    for attention in output.attentions:
        assert torch.allclose(attention.sum(dim=-1), torch.ones(2, 3, 16))
        assert float(attention.detach()[(~inputs.presence)[:, None, None, :].expand_as(attention)].abs().max()) == 0.0
    assert torch.allclose(output.readout.sum(dim=1), torch.ones(2))
    assert torch.equal(output.readout > 0, inputs.presence)


def test_what_lies_in_an_absent_patch_changes_nothing(network: ImageTransformer) -> None:
    inputs = _inputs()
    hidden = (~inputs.presence).view(2, 1, 4, 4).repeat_interleave(8, 2).repeat_interleave(8, 3)
    other = ModelInput(torch.where(hidden, 9.0, inputs.values), inputs.presence)
    assert torch.equal(network(inputs).logits, network(other).logits)


def test_what_lies_in_a_present_patch_matters(network: ImageTransformer) -> None:
    inputs = _inputs()
    other = ModelInput(-inputs.values, inputs.presence)
    assert not torch.allclose(network(inputs).logits, network(other).logits)


def test_packing_in_training_gives_the_same_logits(network: ImageTransformer) -> None:
    inputs = _inputs(4)
    expected = network(inputs)
    packed = network.train()(inputs)
    assert packed.attentions[0].shape[-1] == int(inputs.presence.sum(dim=1).max())
    assert torch.allclose(packed.logits, expected.logits, atol=1e-5)
    assert torch.allclose(packed.embedding, expected.embedding, atol=1e-5)


@pytest.mark.parametrize("training", [False, True])
def test_no_patch_at_all_still_gives_an_answer(network: ImageTransformer, training: bool) -> None:
    inputs = ModelInput(torch.randn(1, 1, 32, 32), torch.zeros(1, 16, dtype=torch.bool))
    assert torch.isfinite(network.train(training)(inputs).logits).all()


def test_attention_is_part_of_the_graph_although_the_weights_are_frozen(network: ImageTransformer) -> None:
    output = network.requires_grad_(False)(_inputs())
    gradients = torch.autograd.grad(output.logits[:, 1].sum(), output.attentions)
    assert all(float(gradient.abs().sum()) > 0 for gradient in gradients)
    assert all(weight.grad is None for weight in network.parameters())


def test_another_grid_interpolates_the_positions(network: ImageTransformer) -> None:
    output = network(_inputs(size=64))
    assert output.attentions[0].shape[-1] == 64
    assert torch.isfinite(output.logits).all()


def test_rows_of_a_batch_do_not_see_each_other(network: ImageTransformer) -> None:
    inputs = _inputs(3)
    together = network(inputs).logits
    alone = torch.cat([network(inputs.select(torch.tensor([row]))).logits for row in range(3)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_readout_weights_of_nothing_are_equal() -> None:
    weights = readout_weights(torch.tensor([[True, False], [False, False]]))
    assert torch.equal(weights, torch.tensor([[1.0, 0.0], [0.5, 0.5]]))


def test_the_shipped_sizes_stay_small() -> None:
    weights = sum(weight.numel() for weight in ImageTransformer(ImageTransformerConfig(labels=3)).parameters())
    assert weights < 3.1e6
