"""Reading and writing: absent words say nothing, later pieces change no earlier ones, labels look where they want."""

from __future__ import annotations

import itertools

import pytest
import torch

from engine.explain.gradients import Slopes
from engine.explain.libra import Balanced, full_gradient
from engine.models.beam import BeamSettings, beam_search, penalty
from engine.models.encoder_decoder import EncoderDecoder, EncoderDecoderConfig
from engine.models.output import ModelInput

BEGIN, END = 2, 3
SIZES = EncoderDecoderConfig(
    num_labels=3,
    vocab_size=12,
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=24,
    max_position_embeddings=16,
    writer_width=8,
    writer_layers=2,
    writer_heads=2,
    writer_inner=12,
    longest_draft=5,
)


@pytest.fixture(scope="module")
def network() -> EncoderDecoder:
    """Untrained, with weights large enough that everything matters."""
    torch.manual_seed(0)
    made = EncoderDecoder(SIZES)
    for weight in made.parameters():
        weight.data.add_(0.3 * torch.randn_like(weight))
    return made.eval().requires_grad_(False)


@pytest.fixture
def inputs() -> ModelInput:
    torch.manual_seed(1)
    return ModelInput(torch.randint(4, 12, (2, 9)), torch.tensor([[True] * 9, [True] * 6 + [False] * 3]))


def test_absent_words_change_neither_labels_nor_draft(network: EncoderDecoder, inputs: ModelInput) -> None:
    other = ModelInput(inputs.values.clone(), inputs.presence)
    other.values[1, 6:] = 4
    draft = torch.tensor([[BEGIN, 5, 6], [BEGIN, 5, 6]])
    for one, two in zip(_said(network, inputs, draft), _said(network, other, draft), strict=True):
        torch.testing.assert_close(one[1], two[1])


def _said(network: EncoderDecoder, inputs: ModelInput, draft: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    output = network(inputs)
    return output.logits, network.write(output.hidden[-1], inputs.presence, draft).logits


def test_later_pieces_of_a_draft_change_no_earlier_ones(network: EncoderDecoder, inputs: ModelInput) -> None:
    first, other = (torch.tensor([[BEGIN, 5, last], [BEGIN, 5, last]]) for last in (6, 9))
    one, two = (_said(network, inputs, draft)[1] for draft in (first, other))
    torch.testing.assert_close(one[:, :2], two[:, :2])
    assert not torch.allclose(one[:, 2], two[:, 2])


def test_attention_sums_to_one_over_what_is_present(network: EncoderDecoder, inputs: ModelInput) -> None:
    output = network(inputs)
    written = network.write(output.hidden[-1], inputs.presence, torch.tensor([[BEGIN, 5], [BEGIN, 7]]))
    assert [tuple(layer.shape) for layer in written.cross] == [(2, 2, 2, 9)] * 2
    assert [tuple(layer.shape) for layer in written.own] == [(2, 2, 2, 2)] * 2
    for layer in (*written.cross, *written.own):
        torch.testing.assert_close(layer.sum(dim=-1), torch.ones(layer.shape[:-1]))
    assert written.cross[0][1, ..., 6:].max() == 0
    torch.testing.assert_close(output.readout.sum(dim=1), torch.ones(2))
    assert output.readout[1, 6:].max() == 0


def test_labels_begin_as_a_mean_over_words(inputs: ModelInput) -> None:
    torch.manual_seed(0)
    fresh = EncoderDecoder(SIZES).eval()
    output = fresh(inputs)
    torch.testing.assert_close(output.logits, fresh.head(output.embedding))


def test_the_parts_of_a_logit_add_up_to_it(network: EncoderDecoder, inputs: ModelInput) -> None:
    with torch.enable_grad(), Balanced() as balanced:
        output = network(inputs)
        shares = full_gradient(output, Slopes(output.logits.sum(dim=0)), balanced)  # (L, B, T)
    expected = (output.logits - network.head.bias).T  # (L, B)
    torch.testing.assert_close(shares.sum(dim=-1), expected, atol=1e-4, rtol=1e-4)


def test_as_many_beams_as_drafts_find_the_best_of_all(network: EncoderDecoder, inputs: ModelInput) -> None:
    read, presence = network(inputs).hidden[-1][:1], inputs.presence[:1]
    settings = BeamSettings(beams=12**3, length=0.6, shortest=1)
    found = beam_search(network, read, presence, (BEGIN, END), settings)
    every = [
        pieces
        for count in (1, 2, 3)
        for pieces in itertools.product([p for p in range(12) if p not in (BEGIN, END)], repeat=count)
    ]
    scores = {
        pieces: _log_probability(network, read, presence, pieces) / penalty(len(pieces) + 1, 0.6) for pieces in every
    }
    best = max(scores, key=lambda pieces: scores[pieces])
    assert found[0].pieces == best
    assert found[0].score == pytest.approx(scores[best], rel=1e-4)
    assert 0 <= found[0].confidence <= 1


def _log_probability(
    network: EncoderDecoder, read: torch.Tensor, presence: torch.Tensor, pieces: tuple[int, ...]
) -> float:
    draft = torch.tensor([[BEGIN, *pieces]])
    following = network.write(read, presence, draft).logits[0].log_softmax(dim=-1)  # (N, V)
    said = torch.tensor([*pieces, END])
    return float(following.gather(1, said[:, None]).sum().detach())


def test_a_search_is_the_same_twice_and_begins_no_draft_anew(network: EncoderDecoder, inputs: ModelInput) -> None:
    read, presence = network(inputs).hidden[-1][:1], inputs.presence[:1]
    twice = [beam_search(network, read, presence, (BEGIN, END), BeamSettings(beams=3)) for _ in range(2)]
    assert twice[0] == twice[1]
    for beam in twice[0]:
        assert not {BEGIN, END} & set(beam.pieces)
        assert len(beam.pieces) < SIZES.longest_draft


def test_a_higher_power_writes_no_shorter_drafts(network: EncoderDecoder, inputs: ModelInput) -> None:
    read, presence = network(inputs).hidden[-1][:1], inputs.presence[:1]
    short, long = (
        len(beam_search(network, read, presence, (BEGIN, END), BeamSettings(12**3, power, 1))[0].pieces)
        for power in (0.0, 3.0)
    )
    assert short <= long
