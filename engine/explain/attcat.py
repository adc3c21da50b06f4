r"""Attentive class activation tokens (AttCAT; Qiang et al., NeurIPS 2022).

A token's class activation in layer l is :math:`\mathrm{CAT}^l_t = \sum_d \nabla_{h^l_{td}} y \odot h^l_{td}` and its
impact :math:`\mathrm{AttCAT}_t = \sum_l E_h(\alpha^l_t \cdot \mathrm{CAT}^l_t)`, where :math:`\alpha^l_t` is the
attention that it gets from what is read out (there the class token, here `ModelOutput.readout`, which may be a mean).
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.attention import layer_attention
from engine.explain.gradients import Slopes
from engine.models.output import ModelOutput


def attentive_activation(output: ModelOutput, slopes: Slopes) -> Tensor:
    """Impact of every token on each score.

    Parameters
    ----------
    output : ModelOutput
        Made with gradients enabled.
    slopes : Slopes
        Of N scores made from `output`, as of `gradient_relevance`.

    Returns
    -------
    Tensor
        ``(N, B, T)`` float32, signed.
    """
    entering = output.hidden[:-1]
    impact = torch.zeros(len(slopes), *output.readout.shape, device=output.readout.device)  # (N, B, T)
    for layer, (tokens, gradient) in enumerate(zip(entering, slopes.by(entering), strict=True)):
        activation = (gradient * tokens.detach()).float().sum(dim=-1)  # (N, B, T)
        impact += layer_attention(output, layer).detach().float() * activation  # (N, B, T)
    return impact
