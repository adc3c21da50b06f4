"""Attention as it is: the last layer by head, and attention rollout (Abnar & Zuidema, ACL 2020, arXiv 2005.00928).

Neither depends on the label: they show where the model gathered from, not what spoke for an answer.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.models.output import ModelOutput


def last_layer_attention(output: ModelOutput, head: int | None = None) -> Tensor:
    """Attention of the last layer as the readout sees it.

    Parameters
    ----------
    output : ModelOutput
        Attentions ``(B, H, T, T)``.
    head : int or None
        One head, or the mean over heads.

    Returns
    -------
    Tensor
        ``(B, T)``, at least 0, each row summing to 1.
    """
    last = output.attentions[-1]  # (B, H, T, T)
    chosen = last.mean(dim=1) if head is None else last[:, head]  # (B, T, T)
    return _read(output.readout, chosen)  # (B, T)


def attention_rollout(output: ModelOutput) -> Tensor:
    r"""Attention rollout, equation 1 of the paper: :math:`\tilde A = \prod_l \tfrac12 (\bar A_l + I)`.

    Returns
    -------
    Tensor
        ``(B, T)``, at least 0, each row summing to 1.
    """
    batch, _, tokens, _ = output.attentions[0].shape
    identity = torch.eye(tokens, dtype=output.readout.dtype, device=output.readout.device)  # (T, T)
    rolled = identity.expand(batch, tokens, tokens)  # (B, T, T)
    for attention in output.attentions:
        mixed = (attention.mean(dim=1).to(identity.dtype) + identity) / 2  # (B, T, T)
        rolled = mixed @ rolled  # (B, T, T)
    return _read(output.readout, rolled)  # (B, T)


def _read(readout: Tensor, matrix: Tensor) -> Tensor:
    """Rows of `matrix` (B, T, T) weighted by what the head reads (B, T)."""
    return torch.einsum("bt,bts->bs", readout, matrix.to(readout.dtype))  # (B, T)
