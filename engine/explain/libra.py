r"""LibraGrad: a gradient that adds up (Mehri et al., CVPR 2025, arXiv 2411.16760), written from the paper's rules.

The ordinary gradient of a Transformer is unbalanced: :math:`\sum \nabla f \odot x` is far from :math:`f`. Three factors
are therefore held constant in the backward pass, while the forward pass stays as it is: the softmax weights of
attention (:math:`\operatorname{softmax}(qk^\top)\,v` is linear in :math:`v`), the denominator of a normalisation
(:math:`(x - \bar x) / \sigma`, :math:`x / \lVert x \rVert`), and the gate of GELU (:math:`x\,\Phi(x)`). What is left
is affine in the tokens, so that the full gradient (Srinivas & Fleuret, NeurIPS 2019, equation 3) adds up to the score
with nothing missing.

A softmax that is no attention but a part of the answer, :math:`f(s) = \log \sum_m \operatorname{softmax}(s)_m v_m`, is
not held constant: that would cut the answer off from what it rests on. The gate of GELU is the secant :math:`f(x) / x`;
with several inputs its place is taken by the mean gradient along the ray from 0 (the Aumann-Shapley values of
Sundararajan, Taly & Yan, ICML 2017, equation 1), which adds up to the whole rise:

.. math:: J = \int_0^1 \nabla f(\alpha s)\, d\alpha, \qquad J s = f(s) - f(0).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from engine.explain.gradients import Slopes
from engine.models.output import ModelOutput
from engine.models.softmax import attention_softmax, log_mixture, shift

Operation = Callable[..., Any]
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)
_RAY = ((1 + _NODES) / 2, _WEIGHTS / 2)  # places in [0, 1] and weights that sum to 1


class Balanced(TorchFunctionMode):
    """Within it, LibraGrad's factors are constants: ``with Balanced() as balanced: output = network(inputs)``.

    The mode is torch's own and holds for this thread alone: the network and other threads see nothing of it.

    Parameters
    ----------
    shifts : list of (Tensor, Tensor)
        What linear maps and normalisations made of tokens, ``(B, T, D)``, each with the bias ``(D,)`` that it added.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shifts: list[tuple[Tensor, Tensor]] = []

    @property
    def shifted(self) -> list[Tensor]:
        """What biases were added to."""
        return [made for made, _ in self.shifts]

    def __torch_function__(
        self, func: Operation, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        made = _RULES.get(func, func)(*args, **(kwargs or {}))
        bias = _bias(func, *args, **(kwargs or {}))
        if bias is not None and made.dim() == 3 and made.requires_grad:
            self.shifts.append((made, bias))
        return made


def full_gradient(output: ModelOutput, slopes: Slopes, balanced: Balanced) -> Tensor:
    """Share of every token in each score: its embedding's and that of every bias added to it on the way.

    Parameters
    ----------
    output : ModelOutput
        Made with gradients enabled within `balanced`.
    slopes : Slopes
        Of N scores made from `output`, as of `gradient_relevance`.

    Returns
    -------
    Tensor
        ``(N, B, T)`` float32, signed. Over the tokens it sums to the score without what the head itself adds: for a
        logit, to that logit minus the head's bias, and minus what `log_mixture` says where all its scores are 0.
    """
    tokens = output.hidden[0]  # (B, T, D)
    by_tokens, *by_shifts = slopes.by([tokens, *balanced.shifted])
    share = (by_tokens * tokens.detach()).float().sum(dim=-1)  # (N, B, T)
    for gradient, (_, bias) in zip(by_shifts, balanced.shifts, strict=True):
        share += (gradient @ bias.to(gradient.dtype)).float()  # (N, B, T)
    return share


def _softmax(scores: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """The layers of transformers call torch's own, for weights ``(B, H, T, T)``; ours say what a softmax is for."""
    of_attention = scores.dim() == 4
    return nn.functional.softmax(scores.detach() if of_attention else scores, *args, **kwargs)


def _attention_softmax(scores: Tensor, dim: int) -> Tensor:
    return attention_softmax(scores.detach(), dim)


def _log_mixture(scores: Tensor, values: Tensor) -> Tensor:
    r"""Its mean gradient on the ray, by Gauss-Legendre: :math:`\nabla_{ml} = p_m (v_{ml} / \sum_k p_k v_{kl} - 1)`."""
    fixed = scores.detach()  # (B, M)
    places, weights = (fixed.new_tensor(part) for part in _RAY)  # (K,) each
    shares = (places[:, None, None] * fixed).softmax(dim=2)  # (K, B, M)
    weighted = weights[:, None, None] * shares  # (K, B, M)
    heard = torch.einsum("kbm,kbl->bml", weighted, 1 / (shares @ values))  # (B, M, L)
    slope = heard * values - weighted.sum(dim=0)[..., None]  # (B, M, L)
    rise = torch.einsum("bm,bml->bl", scores, slope)  # (B, L)
    return log_mixture(fixed, values) + rise - rise.detach()


def _normalize(vectors: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: None = None) -> Tensor:
    del out  # nothing is written into what the graph needs
    length: Tensor = torch.linalg.vector_norm(vectors.detach(), p, dim=dim, keepdim=True)  # (..., 1)
    return vectors / length.clamp(min=eps)


def _layer_norm(
    tokens: Tensor, shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    del shape  # every family normalises over the last dimension
    centred = tokens - tokens.mean(dim=-1, keepdim=True)  # (..., D)
    denominator = (centred.detach().square().mean(dim=-1, keepdim=True) + eps).sqrt()  # (..., 1)
    normal = centred / denominator  # (..., D)
    scaled = normal if weight is None else normal * weight  # (..., D)
    return scaled if bias is None else scaled + bias


def _gelu(tokens: Tensor, **kwargs: Any) -> Tensor:
    fixed = tokens.detach()
    gate = nn.functional.gelu(fixed, **kwargs) / fixed  # (..., D)
    return tokens * gate.nan_to_num(0.5)  # 0 / 0 where a token is 0, whose gate is 1/2


_RULES: dict[Operation, Operation] = {
    nn.functional.softmax: _softmax,
    attention_softmax: _attention_softmax,
    log_mixture: _log_mixture,
    nn.functional.normalize: _normalize,
    nn.functional.layer_norm: _layer_norm,
    nn.functional.gelu: _gelu,
}
_PLACE_OF_BIAS = {nn.functional.linear: 2, nn.functional.layer_norm: 3, shift: 1}


def _bias(func: Operation, *args: Any, **kwargs: Any) -> Tensor | None:
    """The bias that an operation adds to its tokens; None where it is not one of those that do."""
    place = _PLACE_OF_BIAS.get(func)
    if place is None:
        return None
    bias: Tensor | None = args[place] if len(args) > place else kwargs.get("bias")
    return bias
