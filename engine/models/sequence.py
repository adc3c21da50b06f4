"""The sequence family: a small convolutional stem over bases, Transformer layers, and a readout that attends to itself.

Layers: Dosovitskiy et al., ICLR 2021, equations 2 and 3, as transformers has them. A stem before attention: Avsec et
al., Effective gene expression prediction from sequence (Enformer), Nature Methods 18, 2021. Absent bases as masked
attention keys: Covert, Kim and Lee, ICLR 2023.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import ViTConfig
from transformers.models.vit.modeling_vit import ViTLayer

from engine.models.explainer import ShapleyHead
from engine.models.layers import run_layers
from engine.models.output import ModelInput, ModelOutput, begin_graph
from engine.models.pack import pack_present
from engine.models.softmax import attention_softmax

LETTERS = 4  # A, C, G, T


@dataclass(frozen=True, kw_only=True)
class SequenceTransformerConfig:
    """The sizes of a `SequenceTransformer`.

    Parameters
    ----------
    labels : int
        Number of logits.
    window : int
        Bases that the model is given.
    width, layers, heads : int
        Of the Transformer; the width is a multiple of the heads.
    reach : int
        Bases that each of the two convolutions of the stem sees, odd.
    dropout : float
        Share of the residual branches' outputs dropped in training, in [0, 1).
    """

    labels: int
    window: int = 60
    width: int = 64
    layers: int = 2
    heads: int = 4
    reach: int = 5
    dropout: float = 0.1
    model_type: str = "sequence-transformer"


class SequenceTransformer(nn.Module):
    """Bases of one window in, one logit a label out, with the attention of every layer.

    Parameters
    ----------
    config : SequenceTransformerConfig
        The sizes.
    """

    def __init__(self, config: SequenceTransformerConfig) -> None:
        super().__init__()
        self.config = config
        layer_config = ViTConfig(
            hidden_size=config.width,
            num_attention_heads=config.heads,
            intermediate_size=2 * config.width,
            hidden_dropout_prob=config.dropout,
            attn_implementation="eager",
        )
        self.stem = nn.Sequential(
            nn.Conv1d(LETTERS, config.width, config.reach, padding="same"),
            nn.GELU(),
            nn.Conv1d(config.width, config.width, config.reach, padding="same"),
        )
        self.positions = nn.Parameter(0.1 * torch.randn(1, config.window, config.width))
        self.layers = nn.ModuleList(ViTLayer(layer_config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width, eps=layer_config.layer_norm_eps)
        self.query = nn.Linear(config.width, 1)
        self.head = nn.Linear(config.width, config.labels)
        self.explainer: ShapleyHead | None = None  # kept in a file of its own, where one was learnt

    def forward(self, inputs: ModelInput) -> ModelOutput:
        """Classify a batch of windows.

        Parameters
        ----------
        inputs : ModelInput
            Shares of the four bases ``(B, T, 4)`` float32, one-hot for a certain one; `presence` ``(B, T)``. What lies
            at an absent base is wiped before the stem: no convolution can carry it to a neighbour.

        Returns
        -------
        ModelOutput
            ``T`` tokens, exactly the bases; in training mode the K present ones (the same logits for less work).
        """
        hidden, presence = self.embed(inputs), inputs.presence  # (B, T, D), (B, T)
        if self.training:
            hidden, presence = pack_present(hidden, presence)  # (B, K, D), (B, K)
        return self.encode(begin_graph(hidden), presence)

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer: the stem's features and their positions."""
        seen = inputs.values * inputs.presence[..., None]  # (B, T, 4)
        features: Tensor = self.stem(seen.transpose(1, 2)).transpose(1, 2)  # (B, T, D)
        return features + self.positions  # (B, T, D)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool; all count where none is left."""
        hidden, attentions, entering = run_layers(self.layers, hidden, presence)  # (B, T, D), (B, H, T, T) each
        tokens = self.norm(hidden)  # (B, T, D)
        wanted = self.query(tokens)[..., 0]  # (B, T)
        readout = attention_softmax(wanted.masked_fill(~presence, torch.finfo(wanted.dtype).min))  # (B, T)
        embedding = torch.einsum("bt,btd->bd", readout, tokens)  # (B, D)
        return ModelOutput(self.head(embedding), attentions, readout, embedding, entering)
