"""The literature family: votes ride beside the layers, a key is the sum of what its tokens add."""

from __future__ import annotations

import pytest
import torch

from engine.models.literature import LiteratureTransformer, LiteratureTransformerConfig
from engine.models.output import ModelInput
from engine.models.text import TextTransformer, TextTransformerConfig

SIZES = {"num_labels": 3, "vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}


@pytest.fixture
def network() -> LiteratureTransformer:
    torch.manual_seed(0)
    return LiteratureTransformer(LiteratureTransformerConfig(intermediate_size=32, key_size=8, **SIZES)).eval()


@pytest.fixture
def inputs() -> ModelInput:
    generator = torch.Generator().manual_seed(1)
    presence = torch.ones(2, 7, dtype=torch.bool)
    presence[1, 4:] = False
    return ModelInput(torch.randint(20, (2, 7), generator=generator), presence)


def test_without_votes_it_is_the_plain_family(network: LiteratureTransformer, inputs: ModelInput) -> None:
    plain = TextTransformer(TextTransformerConfig(intermediate_size=32, **SIZES)).eval()
    own = plain.state_dict()
    plain.load_state_dict({name: value for name, value in network.state_dict().items() if name in own})
    torch.testing.assert_close(network(inputs).logits, plain(inputs).logits)


def test_votes_are_the_mean_over_present_tokens(network: LiteratureTransformer, inputs: ModelInput) -> None:
    before = network(inputs).logits.detach()
    torch.nn.init.normal_(network.votes.weight)
    added = (network(inputs).logits - before).detach()
    expected = torch.stack(
        [network.votes(ids[there]).mean(dim=0) for ids, there in zip(inputs.values, inputs.presence, strict=True)]
    )
    torch.testing.assert_close(added, expected.detach())


def test_tokens_add_up_to_the_key(network: LiteratureTransformer, inputs: ModelInput) -> None:
    output = network(inputs)
    assert output.embedding.shape == (2, 8)
    torch.testing.assert_close(network.keys_of(output).sum(dim=1), output.embedding)


def test_an_absent_token_changes_nothing(network: LiteratureTransformer, inputs: ModelInput) -> None:
    torch.nn.init.normal_(network.votes.weight)
    other = inputs.values.clone()
    other[1, 4:] = 3
    torch.testing.assert_close(network(ModelInput(other, inputs.presence)).logits, network(inputs).logits)
