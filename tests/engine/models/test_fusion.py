"""The fused family: rows that sum to 1, absent tokens that say nothing, explanations without code of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.explain.gradients import Slopes
from engine.explain.libra import Balanced, full_gradient
from engine.explain.removal import Players, answers
from engine.explain.token_maps import token_maps
from engine.models.fusion import FusionTransformer, FusionTransformerConfig, doubted
from engine.models.output import ModelInput
from engine.models.pack import pack_present
from engine.results import Method

PATCHES, WORDS = 16, 7


@pytest.fixture(scope="module")
def network() -> FusionTransformer:
    torch.manual_seed(0)
    config = FusionTransformerConfig(
        labels=5,
        vocabulary=30,
        image_size=64,
        sight_width=48,
        sight_layers=1,
        sight_heads=2,
        text_width=16,
        text_layers=1,
        text_heads=2,
        text_inner=32,
        width=24,
        heads=3,
    )
    made = FusionTransformer(config).eval().requires_grad_(False)
    for layer in made.layers:  # a gate that is half open to everything would hide mistakes
        layer.gate.weight.normal_()
    return made


def batch(rows: int = 2) -> ModelInput:
    generator = torch.Generator().manual_seed(1)
    values = torch.randn(rows, 1, 64, 64, generator=generator)
    words = torch.randint(1, 30, (rows, WORDS), generator=generator)
    presence = torch.rand(rows, PATCHES + WORDS, generator=generator) < 0.7
    presence[:, PATCHES] = True  # the opening token is always there
    return ModelInput(values, presence, words)


def without(inputs: ModelInput, tokens: slice) -> ModelInput:
    presence = inputs.presence.clone()
    presence[:, tokens] = False
    presence[:, PATCHES] = True
    return inputs.having(presence)


def test_every_row_of_attention_sums_to_one(network: FusionTransformer) -> None:
    for inputs in (batch(), without(batch(), slice(0, PATCHES)), without(batch(), slice(PATCHES, None))):
        for attention in network(inputs).attentions:
            torch.testing.assert_close(attention.sum(dim=-1), torch.ones(attention.shape[:-1]))


def test_words_look_at_present_tokens_only_and_patches_stay_as_they_are(network: FusionTransformer) -> None:
    inputs = batch()
    output = network(inputs)
    for attention in output.attentions:
        from_words = attention[:, :, PATCHES:].movedim(-1, 1)  # (B, T, H, W)
        assert (from_words[~inputs.presence] == 0).all()
        itself = torch.eye(PATCHES).expand(2, 3, -1, -1)
        torch.testing.assert_close(attention[:, :, :PATCHES, :PATCHES], itself)
    assert torch.equal(output.hidden[0][:, :PATCHES], output.hidden[-1][:, :PATCHES])
    assert (output.readout[:, :PATCHES] == 0).all()


def test_absent_tokens_have_no_influence(network: FusionTransformer) -> None:
    inputs = batch()
    assert inputs.words is not None
    words = torch.where(inputs.presence[:, PATCHES:], inputs.words, 3)
    seen = inputs.presence[:, :PATCHES].view(-1, 1, 4, 4).repeat_interleave(16, 2).repeat_interleave(16, 3)
    other = ModelInput(torch.where(seen, inputs.values, 9.0), inputs.presence, words)
    assert not torch.equal(words, inputs.words)
    torch.testing.assert_close(network(inputs).logits, network(other).logits)


def test_either_half_alone_still_gets_an_answer_and_the_image_matters(network: FusionTransformer) -> None:
    inputs = batch()
    blind, deaf = without(inputs, slice(0, PATCHES)), without(inputs, slice(PATCHES, None))
    whole = network(inputs).logits
    assert torch.isfinite(network(blind).logits).all()
    assert torch.isfinite(network(deaf).logits).all()
    assert not torch.allclose(whole, network(blind).logits)
    image_gone = ModelInput(torch.randn(2, 1, 64, 64), blind.presence, blind.words)
    torch.testing.assert_close(network(blind).logits, network(image_gone).logits)


def test_tokens_are_what_they_are_wherever_they_stand(network: FusionTransformer) -> None:
    inputs = batch()
    hidden = network.embed(inputs)
    order = torch.randperm(PATCHES + WORDS, generator=torch.Generator().manual_seed(3))
    expected = network.encode(hidden, inputs.presence).logits
    shuffled = network.encode(hidden[:, order], inputs.presence[:, order]).logits
    packed = network.encode(*pack_present(hidden, inputs.presence)).logits
    torch.testing.assert_close(shuffled, expected)
    torch.testing.assert_close(packed, expected)


def test_training_gives_the_answers_of_serving(network: FusionTransformer) -> None:
    inputs = batch()
    hidden = network.embed(inputs)
    expected = network.encode(hidden, inputs.presence).logits
    rates = [part for part in network.modules() if isinstance(part, torch.nn.Dropout)]
    kept = [part.p for part in rates]
    for part in rates:
        part.p = 0.0
    torch.testing.assert_close(network.train().encode(hidden, inputs.presence).logits, expected)
    network.eval()
    for part, rate in zip(rates, kept, strict=True):
        part.p = rate


@pytest.mark.parametrize("method", [method for method in Method if not (method.learned or method.by_removal)])
def test_every_cheap_method_explains_it(network: FusionTransformer, method: Method) -> None:
    inputs = batch()
    found = token_maps(network, inputs, method, label=1)
    assert torch.isfinite(found).all()
    assert (found[~inputs.presence] == 0).all()
    assert (found[:, PATCHES:] != 0).any()
    assert all(weight.grad is None for weight in network.parameters())


def test_the_full_gradient_adds_up_to_the_logit(network: FusionTransformer) -> None:
    inputs = batch(rows=1)
    with torch.enable_grad(), Balanced() as balanced:
        output = network(inputs)
    slopes = Slopes(output.logits[:, 2], [*output.hidden[:-1], *balanced.shifted])
    share = full_gradient(output, slopes, balanced)
    expected = output.logits[0, 2] - network.head.bias[2]
    torch.testing.assert_close(share.sum(), expected.detach(), atol=1e-4, rtol=1e-3)


def test_patches_and_words_are_removed_one_by_one(network: FusionTransformer) -> None:
    inputs = batch(rows=1)
    words = torch.tensor([[-1, 0, 1, 1, 2, 3, -1]])
    players = Players.of_patches_and_words(words, inputs.presence)
    patches = int(inputs.presence[:, :PATCHES].sum())
    said = set(words[0][inputs.presence[0, PATCHES:]].tolist()) - {-1}
    assert len(players) == patches + len(said)
    nothing = players.presence(torch.zeros(1, len(players), dtype=torch.bool), inputs.presence)
    assert not nothing[..., :PATCHES].any()
    assert nothing[0, 0, PATCHES]  # special tokens stay
    kept = torch.ones(1, len(players), dtype=torch.bool)
    kept[0, :patches] = False
    blind = answers(network, inputs, players.presence(kept, inputs.presence))[0]
    torch.testing.assert_close(blind, network(without(inputs, slice(0, PATCHES))).logits)
    together = players.blocks(16)
    assert not set(together[:patches].tolist()) & set(together[patches:].tolist())


def test_what_words_add_is_summed_and_an_absent_word_adds_nothing(network: FusionTransformer) -> None:
    torch.manual_seed(2)
    made = FusionTransformer(replace(network.config, adds_up=True)).eval().requires_grad_(False)
    missing, _ = made.load_state_dict(network.state_dict(), strict=False)
    assert all(name.startswith("evidence.") for name in missing)
    assert made.evidence is not None
    inputs = batch()
    nothing = (made(inputs).logits - network(inputs).logits).softmax(dim=1)  # (B, L): all alike where nothing is learnt
    assert torch.allclose(nothing, torch.full_like(nothing, 1 / 5), atol=1e-6)
    made.evidence.worth.weight.normal_()
    added = made(inputs).logits - network(inputs).logits  # (B, L)
    each = made.embed(inputs)[:, PATCHES:, network.config.width : -1]  # (B, W, L)
    assert torch.allclose(added, each.sum(dim=1).log_softmax(dim=1), atol=1e-4)
    assert not each[~inputs.presence[:, PATCHES:]].any()
    packed = made.encode(*pack_present(made.embed(inputs), inputs.presence)).logits
    assert torch.allclose(packed, made(inputs).logits, atol=1e-5)


def test_words_together_can_say_no_more_than_their_doubt_allows() -> None:
    """With 8 % of the notes astray, no note makes a label more than 23 times as likely as another."""
    said = doubted(torch.tensor([[40.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), 0.08)  # (2, 3)
    assert said[0].exp().tolist() == pytest.approx([0.92, 0.04, 0.04], abs=1e-6)
    assert said[1].exp().tolist() == pytest.approx([1 / 3] * 3)
