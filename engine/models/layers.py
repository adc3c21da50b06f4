"""Transformer layers that read only the tokens that are present: transformers' own, the loop over them ours.

Layers: Dosovitskiy et al., ICLR 2021, equations 2 and 3. Attention comes back without hooks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn
from transformers.models.vit.modeling_vit import ViTLayer


def run_layers(
    layers: nn.ModuleList, hidden: Tensor, presence: Tensor
) -> tuple[Tensor, tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Pass tokens through `ViTLayer` after `ViTLayer`; absent ones are no keys.

    Parameters
    ----------
    hidden, presence : Tensor
        Tokens ``(B, T, D)`` of which some are absent, ``(B, T)`` bool.

    Returns
    -------
    tuple of Tensor, tuple of Tensor and tuple of Tensor
        The tokens that leave the last layer ``(B, T, D)``, the attention of each layer ``(B, H, T, T)``, and the tokens
        that enter each layer and leave the last one: `attentions` and `hidden` of `ModelOutput`.
    """
    least = torch.finfo(torch.float32).min
    mask = torch.zeros(presence.shape, device=hidden.device).masked_fill(~presence, least)  # (B, T)
    keys = mask[:, None, None]  # (B, 1, 1, T) added to the scores of absent keys
    attentions, entering = [], [hidden]
    for layer in cast(Iterable[ViTLayer], layers):
        mixed, weights = layer.attention(layer.layernorm_before(hidden), keys)  # (B, T, D), (B, H, T, T)
        hidden = hidden + layer.dropout(mixed)  # (B, T, D)
        hidden = hidden + layer.dropout(layer.mlp(layer.layernorm_after(hidden)))  # (B, T, D)
        attentions.append(weights)
        entering.append(hidden)
    return hidden, tuple(attentions), tuple(entering)
