r"""Gradient-weighted, class-specific relevance (Chefer, Gur & Wolf, ICCV 2021, arXiv 2103.15679).

Their rule for self-attention, equations 5 and 6, starting from the identity:
:math:`\bar A = E_h[(\nabla A \odot A)^+]`, :math:`R \leftarrow R + \bar A R`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.models.output import ModelOutput


def gradient_relevance(output: ModelOutput, score: Tensor) -> Tensor:
    """Relevance of every token for one score.

    Parameters
    ----------
    output : ModelOutput
        Made with gradients enabled.
    score : Tensor
        Scalar made from `output`: the logit to explain, or a sum over rows that do not depend on each other.

    Returns
    -------
    Tensor
        ``(B, T)`` float32, at least 0, without the identity that the recursion starts from: a token is
        relevant by what attention carried from it, not by being read itself.
    """
    gradients = torch.autograd.grad(score, output.attentions)  # each (B, H, T, T)
    batch, _, tokens, _ = output.attentions[0].shape
    identity = torch.eye(tokens, device=score.device)  # (T, T)
    relevance = identity.expand(batch, tokens, tokens)  # (B, T, T)
    for attention, gradient in zip(output.attentions, gradients, strict=True):
        weighted = (gradient * attention.detach()).clamp(min=0).float().mean(dim=1)  # (B, T, T)
        relevance = relevance + weighted @ relevance  # (B, T, T)
    gathered = relevance - identity  # (B, T, T)
    return torch.einsum("bt,bts->bs", output.readout.detach().float(), gathered)  # (B, T)
