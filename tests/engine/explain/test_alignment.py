"""The alignment of a draft: the paper's rules one word at a time, in matrices, give the same."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engine.explain.alignment import align, word_scores
from engine.models.encoder_decoder import EncoderDecoder, EncoderDecoderConfig
from engine.models.output import ModelInput, begin_graph

DRAFT = torch.tensor([[2, 5, 6, 7, 8, 3]])
WORDS = [(0, 1), (1, 3), (3, 4)]


@pytest.fixture(scope="module")
def network() -> EncoderDecoder:
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
    writer = {"writer_width": 8, "writer_layers": 2, "writer_heads": 2, "writer_inner": 12, "longest_draft": 8}
    made = EncoderDecoder(EncoderDecoderConfig(2, 12, max_position_embeddings=16, **sizes, **writer))
    for weight in made.parameters():
        weight.data.add_(0.3 * torch.randn_like(weight))
    return made.eval().requires_grad_(False)


@pytest.fixture
def inputs() -> ModelInput:
    torch.manual_seed(1)
    return ModelInput(torch.randint(4, 12, (1, 7)), torch.tensor([[True] * 6 + [False]]))


def _by_the_paper(network: EncoderDecoder, inputs: ModelInput, word: tuple[int, int]) -> Tensor:
    """Relevance ``(T,)`` of one word, equation by equation."""
    output = network.encode(begin_graph(network.embed(inputs)), inputs.presence)
    written = network.write(output.hidden[-1], inputs.presence, DRAFT[:, :-1])
    said = written.logits[0].log_softmax(-1)
    score = torch.stack([said[place, DRAFT[0, place + 1]] for place in range(*word)]).sum()

    def mean(attention: Tensor) -> Tensor:
        (slope,) = torch.autograd.grad(score, attention, retain_graph=True)
        return (slope * attention).clamp(min=0).mean(dim=1)[0].detach()

    def normal(relevance: Tensor) -> Tensor:
        rest = relevance - torch.eye(len(relevance))
        rows = rest.sum(dim=1, keepdim=True)
        return torch.where(rows > 0, rest / rows, 0.0) + torch.eye(len(relevance))

    text = torch.eye(7)
    for layer in output.attentions:
        text = text + mean(layer) @ text
    draft, across = torch.eye(5), torch.zeros(5, 7)
    for own, cross in zip(written.own, written.cross, strict=True):
        draft, across = draft + mean(own) @ draft, across + mean(own) @ across
        across = across + normal(draft).T @ mean(cross) @ normal(text)
    return across[list(range(*word))].mean(dim=0)


def test_relevance_is_the_papers(network: EncoderDecoder, inputs: ModelInput) -> None:
    found = align(network, inputs, DRAFT, WORDS)
    assert found.relevance.min() >= 0
    assert found.relevance.max() > 0
    for rank, word in enumerate(WORDS):
        torch.testing.assert_close(found.relevance[rank], _by_the_paper(network, inputs, word), atol=1e-6, rtol=1e-4)


def test_nothing_is_owed_to_absent_words(network: EncoderDecoder, inputs: ModelInput) -> None:
    found = align(network, inputs, DRAFT, WORDS)
    assert found.attention.shape == found.relevance.shape == (3, 7)
    assert found.attention[:, 6].max() == 0
    torch.testing.assert_close(found.attention.sum(dim=1), torch.ones(3))


def test_scores_of_words_are_those_of_the_whole_draft(network: EncoderDecoder, inputs: ModelInput) -> None:
    rows = ModelInput(inputs.values.expand(2, -1), inputs.presence.expand(2, -1).clone())
    rows.presence[1, 2] = False
    scores = word_scores(network, rows, DRAFT, WORDS)
    torch.testing.assert_close(scores[0], align(network, inputs, DRAFT, WORDS).log_probability)
    assert not torch.allclose(scores[0], scores[1])
    assert scores.max() < 0
