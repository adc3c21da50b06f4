r"""LibraGrad: a gradient that adds up (Mehri et al., CVPR 2025, arXiv 2411.16760), written from the paper's rules.

The ordinary gradient of a Transformer is unbalanced: :math:`\sum \nabla f \odot x` is far from :math:`f`. Three factors
are therefore held constant in the backward pass, while the forward pass stays as it is: the softmax weights of
attention (:math:`\operatorname{softmax}(qk^\top)\,v` is linear in :math:`v`), the denominator of layer normalisation
(:math:`(x - \bar x) / \sigma`), and the gate of GELU (:math:`x\,\Phi(x)`). What is left is affine in the tokens, so
that the full gradient (Srinivas & Fleuret, NeurIPS 2019, equation 3) adds up to the score with nothing missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from engine.explain.gradients import Slopes
from engine.models.output import ModelOutput

Operation = Callable[..., Any]


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
        logit, to that logit minus the head's bias.
    """
    tokens = output.hidden[0]  # (B, T, D)
    by_tokens, *by_shifts = slopes.by([tokens, *balanced.shifted])
    share = (by_tokens * tokens.detach()).float().sum(dim=-1)  # (N, B, T)
    for gradient, (_, bias) in zip(by_shifts, balanced.shifts, strict=True):
        share += (gradient @ bias.to(gradient.dtype)).float()  # (N, B, T)
    return share


def _softmax(scores: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return nn.functional.softmax(scores.detach(), *args, **kwargs)


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
    nn.functional.layer_norm: _layer_norm,
    nn.functional.gelu: _gelu,
}
_PLACE_OF_BIAS = {nn.functional.linear: 2, nn.functional.layer_norm: 3}


def _bias(func: Operation, *args: Any, **kwargs: Any) -> Tensor | None:
    """The bias that an operation adds to its tokens; None where it is not one of those that do."""
    place = _PLACE_OF_BIAS.get(func)
    if place is None:
        return None
    bias: Tensor | None = args[place] if len(args) > place else kwargs.get("bias")
    return bias
