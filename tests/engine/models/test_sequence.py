"""The sequence family: presence, packing, its attention, and its way through the disk and every method."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.explain.token_maps import token_maps
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import load_model, save_model
from engine.models.output import ModelInput
from engine.models.sequence import SequenceTransformer, SequenceTransformerConfig
from engine.results import Method

SIZES = SequenceTransformerConfig(labels=3, window=20, width=16, layers=2, heads=2)


@pytest.fixture
def network() -> SequenceTransformer:
    torch.manual_seed(0)
    return SequenceTransformer(SIZES).eval()


def _inputs(rows: int = 2) -> ModelInput:
    generator = torch.Generator().manual_seed(1)
    bases = torch.randint(4, (rows, 20), generator=generator)
    presence = torch.rand(rows, 20, generator=generator) < 0.7
    return ModelInput(torch.nn.functional.one_hot(bases, 4).float(), presence)


def test_attention_comes_back_for_every_layer_and_the_readout_sums_to_one(network: SequenceTransformer) -> None:
    inputs = _inputs()
    output = network(inputs)
    assert output.logits.shape == (2, 3)
    assert [tuple(layer.shape) for layer in output.attentions] == [(2, 2, 20, 20)] * 2
    assert torch.allclose(output.readout.sum(dim=1), torch.ones(2))
    assert torch.equal(output.readout > 0, inputs.presence)


def test_what_lies_at_an_absent_base_changes_nothing(network: SequenceTransformer) -> None:
    inputs = _inputs()
    other = torch.where(inputs.presence[..., None], inputs.values, 1 - inputs.values)
    torch.testing.assert_close(network(ModelInput(other, inputs.presence)).logits, network(inputs).logits)


def test_packing_changes_no_answer(network: SequenceTransformer) -> None:
    inputs = _inputs()
    expected = network(inputs).logits
    still = SequenceTransformer(replace(SIZES, dropout=0.0))
    still.load_state_dict(network.state_dict())
    torch.testing.assert_close(still.train()(inputs).logits, expected, atol=1e-5, rtol=0)


def test_without_any_base_there_is_an_answer_all_the_same(network: SequenceTransformer) -> None:
    inputs = _inputs()
    assert torch.isfinite(network(ModelInput(inputs.values, torch.zeros_like(inputs.presence))).logits).all()


def test_what_is_saved_is_loaded(network: SequenceTransformer, tmp_path: Path) -> None:
    facts = DataFacts("d", "l", 1, "w", "s")
    card = Card("splice-junction", "t", ("a", "b", "c"), "s", "i", ("l",), facts, {}, TrustParameters((1.0,)))
    save_model(tmp_path, network, card)
    loaded = load_model(tmp_path, device="cpu")
    torch.testing.assert_close(loaded.network(_inputs()).logits, network(_inputs()).logits)
    assert loaded.heads == 2


@pytest.mark.parametrize("method", [method for method in Method if not method.learned])
def test_every_method_explains_it(network: SequenceTransformer, method: Method) -> None:
    inputs = _inputs(1)
    found = token_maps(network, inputs, method, label=1, one_case=True)
    assert found.shape == (1, 20)
    assert (found[~inputs.presence] == 0).all()
    assert float(found.abs().sum()) == pytest.approx(int(inputs.presence.sum()), rel=1e-3)
