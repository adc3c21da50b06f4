"""Softmaxes by what they are for: explanations treat the weights of attention otherwise than an answer.

Within a `torch.overrides.TorchFunctionMode` each of these is one operation, so that `engine.explain.libra` can give it
a rule of its own; without one they are what they compute.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import handle_torch_function, has_torch_function


def attention_softmax(scores: Tensor, dim: int = -1) -> Tensor:
    """Weights of attention, or of a readout that attends: scores of any shape to shares that sum to 1 along `dim`."""
    if has_torch_function((scores,)):
        weights: Tensor = handle_torch_function(attention_softmax, (scores,), scores, dim=dim)
        return weights
    return F.softmax(scores, dim=dim)


def log_mixture(scores: Tensor, values: Tensor) -> Tensor:
    r"""Logarithm of a mixture, :math:`\log \sum_m \operatorname{softmax}(s)_m v_m`: a part of the answer itself.

    Parameters
    ----------
    scores : Tensor
        ``(B, M)``: how strongly each of M parts is heard.
    values : Tensor
        ``(M, L)`` in (0, 1]: what each says of every label.

    Returns
    -------
    Tensor
        ``(B, L)``, at most 0; where all scores are 0, the logarithm of the parts' mean.
    """
    if has_torch_function((scores, values)):
        mixed: Tensor = handle_torch_function(log_mixture, (scores, values), scores, values)
        return mixed
    with torch.autocast(scores.device.type, enabled=False):  # small shares matter to a logarithm
        return torch.log(F.softmax(scores, dim=1, dtype=values.dtype) @ values)


def shift(tokens: Tensor, by: Tensor) -> Tensor:
    """Tokens ``(B, T, D)`` with a bias ``(D,)`` added to each: an explanation sees it as the bias that it is."""
    if has_torch_function((tokens, by)):
        moved: Tensor = handle_torch_function(shift, (tokens, by), tokens, by)
        return moved
    return tokens + by
