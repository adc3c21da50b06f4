r"""Gradient-weighted, class-specific relevance (Chefer, Gur & Wolf, ICCV 2021, arXiv 2103.15679).

Their rule for self-attention, equations 5 and 6, starting from the identity:
:math:`\bar A = E_h[(\nabla A \odot A)^+]`, :math:`R \leftarrow R + \bar A R`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.gradients import Slopes
from engine.models.output import ModelOutput


def gradient_relevance(output: ModelOutput, slopes: Slopes) -> Tensor:
    """Relevance of every token for each score.

    Parameters
    ----------
    output : ModelOutput
        Made with gradients enabled.
    slopes : Slopes
        Of N scores made from `output`: the logits to explain, or sums over rows that do not depend on each other.

    Returns
    -------
    Tensor
        ``(N, B, T)`` float32, at least 0, without the identity that the recursion starts from: a token is
        relevant by what attention carried from it, not by being read itself. Where the readout is learned, it is
        one more layer of attention, from the answer to the tokens.
    """
    readout = output.readout.detach().float()  # (B, T)
    gathered = torch.zeros(len(slopes), *readout.shape, device=readout.device)  # (N, B, T)
    learned = (output.readout,) if output.readout.requires_grad else ()
    by_attention = slopes.by((*output.attentions, *learned))
    if learned:
        readout, gathered = gathered, (by_attention[-1].float() * readout).clamp(min=0)  # (N, B, T) both
    layers = list(zip(output.attentions, by_attention, strict=False))
    # Of R only what the readout reads is asked for: from the last layer down, a vector does a matrix's work.
    for attention, gradient in reversed(layers):
        weighted = (gradient * attention.detach()).clamp(min=0).float().mean(dim=2)  # (N, B, T, T)
        gathered = gathered + torch.einsum("nbt,nbts->nbs", readout + gathered, weighted)  # (N, B, T)
    return gathered
