"""Attention as it is: any layer and head, and attention rollout (Abnar & Zuidema, ACL 2020, arXiv 2005.00928).

Neither depends on the label: they show where the model gathered from, not what spoke for an answer.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.models.output import ModelOutput


def layer_attention(output: ModelOutput, layer: int | None = None, head: int | None = None) -> Tensor:
    """Attention of one layer as the readout sees it.

    Parameters
    ----------
    output : ModelOutput
        Attentions ``(B, H, T, T)``.
    layer : int or None
        One layer from 0, or the last.
    head : int or None
        One head from 0, or the mean over heads.

    Returns
    -------
    Tensor
        ``(B, T)``, at least 0, each row summing to 1.
    """
    attention = output.attentions[-1 if layer is None else layer]  # (B, H, T, T)
    chosen = attention.mean(dim=1) if head is None else attention[:, head]  # (B, T, T)
    return read_out(output.readout, chosen)  # (B, T)


def attention_rollout(output: ModelOutput) -> Tensor:
    r"""Attention rollout, equation 1 of the paper: :math:`\tilde A = \prod_l \tfrac12 (\bar A_l + I)`.

    Returns
    -------
    Tensor
        ``(B, T)``, at least 0, each row summing to 1.
    """
    rolled = output.readout  # (B, T)
    for attention in reversed(output.attentions):
        rolled = (rolled + read_out(rolled, attention.mean(dim=1))) / 2  # (B, T)
    return rolled


def read_out(readout: Tensor, matrix: Tensor) -> Tensor:
    """Weigh the rows of `matrix` ``(B, T, T)`` by what the head reads, ``(B, T)``."""
    return torch.einsum("bt,bts->bs", readout, matrix.to(readout.dtype))  # (B, T)
