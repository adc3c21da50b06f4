r"""Integrated gradients over token embeddings (Sundararajan, Taly & Yan, ICML 2017, arXiv 1703.01365, equation 1).

The path leads from the embedding of an emptied input (pixels of zero, which is how an absent patch is wiped; the
padding token for words) to that of the input itself, positions being the same at both ends.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from engine.explain.gradients import gradients
from engine.models.output import ModelInput, TokenNetwork

STEPS = 8  # Gauss-Legendre nodes


def integrated_gradients(
    network: TokenNetwork, inputs: ModelInput, scores_of: Callable[[Tensor], Tensor], steps: int = STEPS
) -> Tensor:
    r"""Attribute the difference between each score and its score for the emptied input to the tokens.

    Parameters
    ----------
    scores_of : callable
        Logits ``(B, L)`` -> scores ``(N,)``.
    steps : int
        Nodes of the quadrature of :math:`\int_0^1 \nabla f(x' + \alpha (x - x'))\, d\alpha`.

    Returns
    -------
    Tensor
        ``(N, B, T)`` float32, signed; over the tokens it sums to that difference, but for the quadrature's error.
    """
    with torch.no_grad():
        there = network.embed(inputs)  # (B, T, D)
        empty = network.embed(inputs.emptied())  # (B, T, D)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    share = torch.zeros(())
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        tokens = torch.lerp(empty, there, float(node)).requires_grad_()  # (B, T, D)
        scores = scores_of(network.encode(tokens, inputs.presence).logits)  # (N,)
        (gradient,) = gradients(scores, [tokens])  # (N, B, T, D)
        share = share.to(gradient.device) + float(weight) * ((there - empty) * gradient).float().sum(dim=-1)
    return share  # (N, B, T)
