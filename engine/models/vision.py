"""An image Transformer: a small convolutional stem, then Transformer layers over its patches, read out by their mean.

Layers: Dosovitskiy et al., An Image is Worth 16x16 Words, ICLR 2021, equations 2 and 3. Convolutional stem: Xiao et
al., Early Convolutions Help Transformers See Better, NeurIPS 2021. Absent patches as masked attention keys: Covert,
Kim and Lee, Learning to Estimate Shapley Values with Vision Transformers, ICLR 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import torch
from torch import Tensor, nn
from transformers import ViTConfig
from transformers.models.vit.modeling_vit import ViTLayer

from engine.models.explainer import ShapleyHead
from engine.models.layers import run_layers
from engine.models.output import ModelInput, ModelOutput, begin_graph
from engine.models.pack import pack_present


class Stem(StrEnum):
    """How pixels become tokens."""

    CONVOLUTIONS = "convolutions"  # convolutions that each halve the image
    PATCHES = "patches"  # one linear map of every patch, as in the ViT paper: what the convolutions are compared with


@dataclass(frozen=True, kw_only=True)
class ImageTransformerConfig:
    """The sizes of an `ImageTransformer`.

    Parameters
    ----------
    labels : int
        Number of logits.
    image_size : int
        Side of the square that the model is given, pixels; a multiple of the patch.
    patch_size : int
        Side of a patch, pixels; a power of two, since every convolution of the stem halves the image.
    width, layers, heads : int
        Of the Transformer; the width is a multiple of the heads and of the patch.
    dropout : float
        Share of the residual branches' outputs dropped in training, in [0, 1).
    stem : str
        A `Stem`.
    """

    labels: int
    image_size: int = 224
    patch_size: int = 16
    width: int = 192
    layers: int = 6
    heads: int = 3
    dropout: float = 0.0
    stem: str = Stem.CONVOLUTIONS.value
    model_type: str = "image-transformer"


class ImageTransformer(nn.Module):
    """Patches of one grey image in, one logit a label out, with the attention of every layer.

    Parameters
    ----------
    config : ImageTransformerConfig
        The sizes.

    Notes
    -----
    Three buffers describe what the model knows, for the domain gate: `embedding_mean` ``(D,)`` and
    `embedding_precision` ``(D, D)`` of familiar films, and their `average_film` ``(G, G)``.
    """

    average_film: Tensor
    embedding_mean: Tensor
    embedding_precision: Tensor

    def __init__(self, config: ImageTransformerConfig) -> None:
        super().__init__()
        self.config = config
        grid = config.image_size // config.patch_size
        layer_config = ViTConfig(
            hidden_size=config.width,
            num_attention_heads=config.heads,
            intermediate_size=4 * config.width,
            hidden_dropout_prob=config.dropout,
            attn_implementation="eager",
        )
        plain = Stem(config.stem) is Stem.PATCHES
        self.stem = (_patches if plain else _convolutions)(config.width, config.patch_size)
        self.positions = nn.Parameter(0.02 * torch.randn(1, config.width, grid, grid))
        self.layers = nn.ModuleList(ViTLayer(layer_config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width, eps=layer_config.layer_norm_eps)
        self.head = nn.Linear(config.width, config.labels)
        self.explainer: ShapleyHead | None = None  # kept in a file of its own, where one was learnt
        self.register_buffer("average_film", torch.zeros(grid, grid))
        self.register_buffer("embedding_mean", torch.zeros(config.width))
        self.register_buffer("embedding_precision", torch.eye(config.width))
        self.apply(_initialise)

    def forward(self, inputs: ModelInput) -> ModelOutput:
        """Classify a batch.

        Parameters
        ----------
        inputs : ModelInput
            Pixels ``(B, 1, S, S)``, standardised; `presence` ``(B, T)`` with T = (S / patch)^2, row after row. What
            lies in an absent patch is wiped before the stem: no convolution can carry it to a neighbour.

        Returns
        -------
        ModelOutput
            ``T`` tokens, exactly the patches. Where none is present, all are read out equally. In training mode the
            tokens are packed (the same logits for less work): attentions and readout then cover the K present ones.
        """
        hidden, presence = self.embed(inputs), inputs.presence  # (B, T, D), (B, T)
        if self.training:
            hidden, presence = pack_present(hidden, presence)  # (B, K, D), (B, K)
        return self.encode(begin_graph(hidden), presence)

    def embed(self, inputs: ModelInput) -> Tensor:
        """Make the tokens ``(B, T, D)`` that enter the first layer: the stem's features and their positions."""
        return self.tokens(self.stem(self.visible(inputs)))

    def visible(self, inputs: ModelInput) -> Tensor:
        """The pixels ``(B, 1, S, S)`` of present patches, 0 in the others."""
        side, patch = inputs.values.shape[-1] // self.config.patch_size, self.config.patch_size  # G
        seen = inputs.presence.view(-1, 1, side, side)  # (B, 1, G, G)
        return inputs.values * seen.repeat_interleave(patch, 2).repeat_interleave(patch, 3)  # (B, 1, S, S)

    def tokens(self, features: Tensor) -> Tensor:
        """The stem's features ``(B, D, G, G)`` with their positions, as tokens ``(B, T, D)``."""
        return (features + self._positions(features.shape[-1])).flatten(2).transpose(1, 2)  # (B, T, D)

    def readout(self, tokens: Tensor, presence: Tensor) -> Tensor:
        """Weights ``(B, T)``, summing to 1, with which the last tokens ``(B, T, D)`` are pooled: here their mean."""
        return readout_weights(presence)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        """Answer for tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool."""
        hidden, attentions, entering = run_layers(self.layers, hidden, presence)  # (B, T, D), (B, H, T, T) each
        tokens = self.norm(hidden)  # (B, T, D)
        readout = self.readout(tokens, presence)  # (B, T)
        embedding = torch.einsum("bt,btd->bd", readout, tokens)  # (B, D)
        return ModelOutput(self.head(embedding), attentions, readout, embedding, entering)

    def _positions(self, side: int) -> Tensor:
        """Position embeddings ``(1, D, G, G)``, interpolated where the grid is not the one of the configuration."""
        if side == self.positions.shape[-1]:
            return self.positions
        return nn.functional.interpolate(self.positions, size=(side, side), mode="bicubic", align_corners=False)


def readout_weights(presence: Tensor) -> Tensor:
    """Weights ``(B, T)`` of a mean over present tokens ``(B, T)`` bool; over all tokens where none is present."""
    weights = presence.float()  # (B, T)
    weights = torch.where(presence.any(dim=1, keepdim=True), weights, torch.ones_like(weights))  # (B, T)
    return weights / weights.sum(dim=1, keepdim=True)  # (B, T)


def _patches(width: int, patch: int) -> nn.Sequential:
    """One linear map of the pixels of each patch."""
    return nn.Sequential(nn.Conv2d(1, width, kernel_size=patch, stride=patch))


def _convolutions(width: int, patch: int) -> nn.Sequential:
    """Convolutions that each halve the image and double the channels, until a cell is a patch."""
    halvings = patch.bit_length() - 1
    channels = [1] + [width // 2**rank for rank in range(halvings - 1, -1, -1)]
    blocks: list[nn.Module] = []
    for before, after in pairwise(channels):
        blocks += [
            nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1, bias=False),
            nn.GroupNorm(max(1, after // 24), after),
            nn.GELU(),
        ]
    return nn.Sequential(*blocks, nn.Conv2d(width, width, kernel_size=1))


def _initialise(module: nn.Module) -> None:
    """Small normal weights for linear maps, as the ViT paper's code; convolutions keep torch's own."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
