r"""From which words of a text each word of a draft was written.

Two ways: the mean of the cross-attention, and the relevance of Chefer, Gur & Wolf (ICCV 2021, arXiv 2103.15679) for an
encoder with a decoder: equations 5 to 7 for what attends to itself, 8 to 10 where the draft attends to the text and the
text's own relevance :math:`R^{ii}` is carried over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.explain.gradients import gradients
from engine.models.encoder_decoder import EncoderDecoder
from engine.models.output import ModelInput, begin_graph

_WORDS_AT_ONCE = 8  # whose gradients are made in one backward pass


@dataclass(frozen=True, eq=False)
class Alignment:
    """What D drafted words owe to the T tokens of a text.

    Parameters
    ----------
    attention, relevance : Tensor
        ``(D, T)`` float32, at least 0, in no unit.
    log_probability : Tensor
        ``(D,)`` float32: of each word, given those before it.
    """

    attention: Tensor
    relevance: Tensor
    log_probability: Tensor


def align(network: EncoderDecoder, inputs: ModelInput, draft: Tensor, words: Sequence[tuple[int, int]]) -> Alignment:
    """Align the words of one draft with the tokens of one text.

    Parameters
    ----------
    inputs : ModelInput
        One row of T tokens.
    draft : Tensor
        ``(1, N)`` int64: the piece that begins a draft, its pieces, and the piece that ends it.
    words : sequence of (int, int)
        The pieces [first, last) of each word, counted without the one that begins the draft.
    """
    with torch.enable_grad():
        output = network.encode(begin_graph(network.embed(inputs)), inputs.presence)
        written = network.write(output.hidden[-1], inputs.presence, draft[:, :-1])
        scores = _scores(written.logits, draft, words)  # (D,)
        attentions = [*output.attentions, *written.own, *written.cross]
        found = [
            _weighted(scores[start : start + _WORDS_AT_ONCE], attentions)
            for start in range(0, len(words), _WORDS_AT_ONCE)
        ]
    layers = [torch.cat(each) for each in zip(*found, strict=True)]  # of (D, T, T), (D, N, N) or (D, N, T)
    split, decoder = len(output.attentions), len(written.own)
    relevance = _carry(layers[:split], layers[split : split + decoder], layers[split + decoder :])  # (D, N, T)
    attention = torch.stack(written.cross).detach().float().mean(dim=(0, 1, 2))  # (N, T)
    rows = [range(first, last) for first, last in words]
    return Alignment(
        torch.stack([attention[list(row)].mean(dim=0) for row in rows]),
        torch.stack([relevance[rank, list(row)].mean(dim=0) for rank, row in enumerate(rows)]),
        scores.detach(),
    )


def word_scores(network: EncoderDecoder, inputs: ModelInput, draft: Tensor, words: Sequence[tuple[int, int]]) -> Tensor:
    """Log-probability ``(B, D)`` of each word of a draft ``(1, N)``, given those before it, for B rows of a text."""
    with torch.inference_mode():
        read = network.encode(network.embed(inputs), inputs.presence).hidden[-1]  # (B, T, D)
        rows = draft.expand(len(read), -1)  # (B, N)
        logits = network.write(read, inputs.presence, rows[:, :-1]).logits  # (B, N - 1, V)
        return torch.stack([_scores(one[None], draft, words) for one in logits])


def _scores(logits: Tensor, draft: Tensor, words: Sequence[tuple[int, int]]) -> Tensor:
    """Log-probability ``(D,)`` of each word, from logits ``(1, N - 1, V)``."""
    said = logits[0].float().log_softmax(dim=-1).gather(1, draft[0, 1:, None])[:, 0]  # (N - 1,)
    return torch.stack([said[first:last].sum() for first, last in words])


def _weighted(scores: Tensor, attentions: Sequence[Tensor]) -> list[Tensor]:
    """Equation 5, for some scores ``(D,)``: attention times its gradient, positive part, mean over heads."""
    slopes = gradients(scores, list(attentions))  # of (D, 1, H, rows, columns)
    return [
        (slope * attention.detach()).clamp(min=0).float().mean(dim=2)[:, 0]  # (D, rows, columns)
        for slope, attention in zip(slopes, attentions, strict=True)
    ]


def _carry(encoder: Sequence[Tensor], own: Sequence[Tensor], cross: Sequence[Tensor]) -> Tensor:
    """Relevance ``(D, N, T)`` of the text to each place of the draft."""
    text = _identity_like(encoder[0])  # (D, T, T)
    for layer in encoder:
        text = text + layer @ text  # equation 6
    normal_text = _normal(text)  # (D, T, T)
    draft, across = _identity_like(own[0]), torch.zeros_like(cross[0])  # (D, N, N), (D, N, T)
    for to_draft, to_text in zip(own, cross, strict=True):
        draft, across = draft + to_draft @ draft, across + to_draft @ across  # equations 6 and 7
        across = across + _normal(draft).transpose(1, 2) @ to_text @ normal_text  # equation 10
    return across


def _identity_like(square: Tensor) -> Tensor:
    """Identity matrices in the shape of ``(D, M, M)``."""
    return torch.eye(square.shape[1], device=square.device).expand_as(square)


def _normal(relevance: Tensor) -> Tensor:
    """Equations 8 and 9: rows of what was gathered sum to 1, and each token counts itself once more."""
    itself = _identity_like(relevance)  # (D, M, M)
    gathered = relevance - itself  # (D, M, M)
    return gathered / gathered.sum(dim=-1, keepdim=True).clamp(min=torch.finfo(gathered.dtype).tiny) + itself
