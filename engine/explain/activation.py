r"""Class activation mapping over the last layer's tokens (Zhou et al., CVPR 2016, equation 2).

What the head reads is a weighted mean of tokens, so that a logit is a sum with one term for each of them:
:math:`\sum_t r_t\, w_c \cdot h_t`. Where a normalisation lies between, its denominator is held constant (LibraGrad).
The cheapest map by label: the backward pass ends at the head.
"""

from __future__ import annotations

from torch import Tensor

from engine.explain.gradients import Slopes
from engine.models.output import ModelOutput


def class_activation(output: ModelOutput, slopes: Slopes) -> Tensor:
    """Term of every token of the last layer in each score.

    Parameters
    ----------
    output : ModelOutput
        Made with gradients enabled within `engine.explain.libra.Balanced`.
    slopes : Slopes
        Of N scores made from `output`, as of `gradient_relevance`.

    Returns
    -------
    Tensor
        ``(N, B, T)`` float32, signed; without what biases add.
    """
    tokens = output.hidden[-1]  # (B, T, D)
    (gradient,) = slopes.by([tokens])  # (N, B, T, D): reaches no deeper than the head
    return (gradient * tokens.detach()).float().sum(dim=-1)
