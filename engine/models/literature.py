"""The text family for literature: beside its layers each word piece votes for categories; and a key to search by.

The votes are those of a linear model over words (a bag of words). They ride beside the tokens as channels that no layer
touches, so that absence, removal and every explanation treat them as they treat the rest. Key and score of a search are
means over tokens: a similarity is a sum over pairs of tokens, one of the question and one of the abstract.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from engine.models.output import ModelInput, ModelOutput
from engine.models.text import TextTransformer, TextTransformerConfig


@dataclass(frozen=True)
class LiteratureTransformerConfig(TextTransformerConfig):
    """Sizes of a text Transformer, and of the key: the vector that a search compares."""

    key_size: int = 128
    model_type: str = "literature-transformer"


class LiteratureTransformer(TextTransformer):
    """Word pieces to logits of categories that exclude one another, and to a key of ``config.key_size`` numbers.

    Its tokens ``(B, T, D)`` have ``hidden_size`` channels that the layers read and, after these, the votes of their
    piece, one a label.

    Parameters
    ----------
    config : LiteratureTransformerConfig
        Kept as `config`, and written beside the weights.
    """

    config: LiteratureTransformerConfig

    def __init__(self, config: LiteratureTransformerConfig) -> None:
        super().__init__(config)
        self.votes = nn.Embedding(config.vocab_size, config.num_labels)
        nn.init.zeros_(self.votes.weight)
        self.key = nn.Linear(config.hidden_size, config.key_size)

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer, and beside them their votes."""
        return torch.cat([super().embed(inputs), self.votes(inputs.values)], dim=-1)  # (B, T, D)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool; the embedding is the key."""
        output = super().encode(hidden, presence)
        return replace(output, embedding=self.key(self._read(output.embedding)))  # (B, K)

    def through(self, layer: nn.Module, hidden: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Pass all channels but the votes through a layer."""
        read, votes = hidden.tensor_split([self.config.hidden_size], dim=-1)  # (B, T, H), (B, T, L)
        made, attention = super().through(layer, read, mask)  # (B, T, H), (B, heads, T, T)
        return torch.cat([made, votes], dim=-1), attention

    def classify(self, embedding: Tensor) -> Tensor:
        """Logits ``(B, L)``: those of the head, and the mean of the votes."""
        votes = embedding[..., self.config.hidden_size :]  # (B, L)
        return super().classify(self._read(embedding)) + votes

    def keys_of(self, output: ModelOutput) -> Tensor:
        """What each token adds to the key of its window, ``(B, T, K)``: they sum to ``output.embedding``."""
        parts: Tensor = self.key(self._read(output.hidden[-1]))  # (B, T, K); the readout sums to 1, so does the bias
        return parts * output.readout[..., None]

    def _read(self, tokens: Tensor) -> Tensor:
        """The channels that layers, head and key read."""
        return tokens[..., : self.config.hidden_size]
