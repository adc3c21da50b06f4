"""The tagger family: a Transformer over the words of a text that gives each word a tag.

A word enters as the mean of its word pieces' embeddings (frozen: what a word that was never seen is like is known from
another encoder), as its letters through a small convolution (Ma and Hovy, ACL 2016), and with its case and the gap
before it. A convolution over neighbours stands for positions: what a word is depends on what is near it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import ViTConfig
from transformers.models.vit.modeling_vit import ViTLayer

from engine.models.layers import run_layers

LETTERS = 98  # padding, 94 of ASCII, other letters, other digits, other signs
SHAPES = ("lower", "title", "initial", "upper", "mixed", "digits", "sign")
GAPS = ("none", "blank", "line", "paragraph")


@dataclass(frozen=True, eq=False)
class TaggerInput:
    """A batch of B texts of T words.

    Parameters
    ----------
    pieces, letters : Tensor
        ``(B, T, P)`` and ``(B, T, C)`` int64; 0 is padding.
    shapes, gaps : Tensor
        ``(B, T)`` int64.
    presence : Tensor
        ``(B, T)`` bool.
    """

    pieces: Tensor
    letters: Tensor
    shapes: Tensor
    gaps: Tensor
    presence: Tensor


@dataclass(frozen=True, eq=False)
class TaggerOutput:
    """Logits of each word's tags ``(B, T, L)``, and the attention of each layer ``(B, H, T, T)``."""

    logits: Tensor
    attentions: tuple[Tensor, ...]


@dataclass(frozen=True)
class TokenTaggerConfig:
    """Sizes of a tagger."""

    num_tags: int
    vocab_size: int = 30522
    piece_size: int = 64
    letter_size: int = 24
    letter_filters: int = 96
    hidden_size: int = 192
    layers: int = 2
    heads: int = 6
    dropout: float = 0.1
    model_type: str = "token-tagger"


class TokenTagger(nn.Module):
    """Words to tags.

    Parameters
    ----------
    config : TokenTaggerConfig
        Kept as `config`, and written beside the weights.
    """

    def __init__(self, config: TokenTaggerConfig) -> None:
        super().__init__()
        self.config = config
        size = config.hidden_size
        self.pieces = nn.Embedding(config.vocab_size, config.piece_size, padding_idx=0)
        self.letters = nn.Embedding(LETTERS, config.letter_size, padding_idx=0)
        self.spelling = nn.Conv1d(config.letter_size, config.letter_filters, kernel_size=3, padding=1)
        self.shapes = nn.Embedding(len(SHAPES), size)
        self.gaps = nn.Embedding(len(GAPS), size)
        self.enter = nn.Linear(config.piece_size + config.letter_filters, size)
        self.near = nn.Conv1d(size, size, kernel_size=7, padding=3)
        self.norm = nn.LayerNorm(size)
        self.drop = nn.Dropout(config.dropout)
        sizes = ViTConfig(
            hidden_size=size,
            num_attention_heads=config.heads,
            intermediate_size=4 * size,
            hidden_dropout_prob=config.dropout,
            attention_probs_dropout_prob=0.0,
            attn_implementation="eager",
        )
        self.layers = nn.ModuleList(ViTLayer(sizes) for _ in range(config.layers))
        self.leave = nn.LayerNorm(size)
        self.head = nn.Linear(size, config.num_tags)

    def forward(self, inputs: TaggerInput) -> TaggerOutput:
        """Answer a batch of texts."""
        hidden, attentions, _ = run_layers(self.layers, self.embed(inputs), inputs.presence)  # (B, T, D)
        return TaggerOutput(self.head(self.leave(hidden)), attentions)

    def embed(self, inputs: TaggerInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer."""
        there = (inputs.pieces > 0).unsqueeze(-1)  # (B, T, P, 1)
        meaning = (self.pieces(inputs.pieces) * there).sum(2) / there.sum(2).clamp(min=1)  # (B, T, E)
        spelt = torch.cat([meaning, self._spell(inputs.letters)], dim=-1)  # (B, T, E + F)
        hidden = self.enter(self.drop(spelt)) + self.shapes(inputs.shapes) + self.gaps(inputs.gaps)  # (B, T, D)
        hidden = hidden * inputs.presence.unsqueeze(-1)  # the convolution must not see padding
        near = F.gelu(self.near(hidden.transpose(1, 2)).transpose(1, 2))  # (B, T, D)
        embedded: Tensor = self.drop(self.norm(hidden + near))
        return embedded

    def _spell(self, letters: Tensor) -> Tensor:
        """The strongest answer of each filter over the letters of each word, ``(B, T, F)``."""
        rows = self.letters(letters.flatten(0, 1)).transpose(1, 2)  # (B T, E, C)
        padding = (letters.flatten(0, 1) == 0).unsqueeze(1)  # (B T, 1, C)
        found = F.gelu(self.spelling(rows)).masked_fill(padding, 0.0)  # (B T, F, C)
        return found.amax(dim=2).view(*letters.shape[:2], -1)  # (B, T, F)


def compress_embeddings(table: Tensor, size: int) -> Tensor:
    """Project a table of embeddings ``(V, D)`` on its `size` strongest directions, scaled to unit variance."""
    centred = table - table.mean(0)  # (V, D)
    _, _, directions = torch.linalg.svd(centred, full_matrices=False)
    projected = centred @ directions[:size].T  # (V, size)
    scaled: Tensor = projected / projected.std()
    return scaled
