"""What goes into every model and what comes out of it, the same for all families.

A model's input is a set of tokens that mean something to the reader (image patches, word pieces) and a presence
mask over them: "what if this were not there" is a question that every model was trained to answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor

ROWS_AT_ONCE = 8
"""Windows of a note in one pass: more gain nothing on a CPU, and each keeps 20 MB of attention while it is read."""


@dataclass(frozen=True, eq=False)
class ModelInput:
    """A batch for a model.

    Parameters
    ----------
    values : Tensor
        Pixels ``(B, 1, S, S)`` float32, or token ids ``(B, T)`` int64.
    presence : Tensor
        ``(B, T)`` bool: True where the token is; an absent one is no key for attention and no part of the readout.
    words : Tensor or None
        Token ids ``(B, W)`` int64 of what is asked of the pixels; their tokens follow the patches in `presence`.
    """

    values: Tensor
    presence: Tensor
    words: Tensor | None = None

    def to(self, device: torch.device) -> ModelInput:
        """The same batch on another device."""
        words = None if self.words is None else self.words.to(device)
        return ModelInput(self.values.to(device), self.presence.to(device), words)

    def select(self, rows: Tensor) -> ModelInput:
        """Some rows of the batch, by a ``(B,)`` mask or by their ranks."""
        words = None if self.words is None else self.words[rows]
        return ModelInput(self.values[rows], self.presence[rows], words)

    def having(self, presence: Tensor) -> ModelInput:
        """The same batch of which other tokens are present, ``(B, T)`` bool."""
        return ModelInput(self.values, presence, self.words)

    def emptied(self) -> ModelInput:
        """The same batch with nothing in it: pixels of zero, padding for words."""
        words = None if self.words is None else torch.zeros_like(self.words)
        return ModelInput(torch.zeros_like(self.values), self.presence, words)


@dataclass(frozen=True, eq=False)
class ModelOutput:
    """What a model answers.

    Parameters
    ----------
    logits : Tensor
        ``(B, L)``, one for each label.
    attentions : tuple of Tensor
        One a layer, ``(B, H, T, T)``: softmax weights, part of the graph, so that `torch.autograd.grad` reaches them.
    readout : Tensor
        ``(B, T)``: the weights, summing to 1, with which the last layer's tokens were pooled into `embedding`.
    embedding : Tensor
        ``(B, D)``: what the head saw; used by the domain gate.
    hidden : tuple of Tensor
        ``(B, T, D)``: the tokens that enter each layer and, last, those that leave the last one; part of the graph.
    """

    logits: Tensor
    attentions: tuple[Tensor, ...]
    readout: Tensor
    embedding: Tensor
    hidden: tuple[Tensor, ...] = ()


class TokenNetwork(Protocol):
    """What every family offers: tokens from values, an answer from tokens, and both in one call."""

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer."""
        ...

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` and their presence ``(B, T)``."""
        ...

    def __call__(self, inputs: ModelInput) -> ModelOutput:
        """Answer for a batch."""
        ...


def answer_in_turns(network: Callable[[ModelInput], ModelOutput], inputs: ModelInput) -> ModelOutput:
    """Answer for a batch, however long, `ROWS_AT_ONCE` rows at a time.

    Returns
    -------
    ModelOutput
        Of a batch with more rows, what leaves the last layer is the only one of its `hidden`, and no attention is kept.
    """
    rows = torch.arange(len(inputs.presence), device=inputs.presence.device)  # (B,)
    if len(rows) <= ROWS_AT_ONCE:
        return network(inputs)
    turns = [_without_layers(network(inputs.select(some))) for some in torch.split(rows, ROWS_AT_ONCE)]
    return ModelOutput(
        torch.cat([one.logits for one in turns]),
        (),
        torch.cat([one.readout for one in turns]),
        torch.cat([one.embedding for one in turns]),
        (torch.cat([one.hidden[-1] for one in turns]),),
    )


def _without_layers(output: ModelOutput) -> ModelOutput:
    return replace(output, attentions=(), hidden=output.hidden[-1:])


def combine(logits: Tensor) -> Tensor:
    """Logits ``(W, L)`` of a case's windows to those of the case ``(L,)``: their mean; one window stays as it is."""
    return logits.mean(dim=0)  # (L,)


def begin_graph(hidden: Tensor) -> Tensor:
    """Begin the graph at the first layer, ``(B, T, D)``: explanations need the gradients of attention."""
    return hidden.requires_grad_() if torch.is_grad_enabled() and not hidden.requires_grad else hidden
