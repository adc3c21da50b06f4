"""One call for all methods and all families: a batch of tokens in, one value for each token out.

Values are in multiples of an average token, so that one fixed colour scale serves all cases of a method.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.explain.attention import attention_rollout, last_layer_attention
from engine.explain.relevance import gradient_relevance
from engine.models.output import ModelInput, ModelOutput, combine
from engine.results import Method

CLASS_SPECIFIC = frozenset({Method.RELEVANCE})
BY_HEAD = frozenset({Method.ATTENTION})


def token_maps(
    network: nn.Module,
    inputs: ModelInput,
    method: Method,
    *,
    label: int = 0,
    head: int | None = None,
    one_case: bool = False,
) -> Tensor:
    """Maps over tokens for one method.

    Parameters
    ----------
    network : nn.Module
        ``ModelInput -> ModelOutput``; neither its parameters nor its hooks are touched, so that threads may share it.
    inputs : ModelInput
        B rows of T tokens.
    label : int
        Which logit a class-specific method explains.
    head : int or None
        Which head of the last layer, for `Method.ATTENTION`.
    one_case : bool
        True: the rows are windows of one case, explained and scaled together. False: every row is a case of its own.

    Returns
    -------
    Tensor
        ``(B, T)`` float32, at least 0, mean 1 over the present tokens of a case, 0 where a token is absent.
    """
    with torch.set_grad_enabled(method in CLASS_SPECIFIC):
        output: ModelOutput = network(inputs)
        raw = _raw_map(output, method, label, head, one_case)  # (B, T)
    present = inputs.presence.to(raw.device)  # (B, T)
    raw = raw.float().masked_fill(~present, 0.0)  # (B, T)
    total = raw.sum() if one_case else raw.sum(dim=1, keepdim=True)  # () or (B, 1)
    count = present.sum() if one_case else present.sum(dim=1, keepdim=True)  # () or (B, 1)
    return raw * count / total.clamp(min=torch.finfo(raw.dtype).tiny)  # (B, T)


def _raw_map(output: ModelOutput, method: Method, label: int, head: int | None, one_case: bool) -> Tensor:
    match method:
        case Method.ATTENTION:
            return last_layer_attention(output, head)
        case Method.ROLLOUT:
            return attention_rollout(output)
        case Method.RELEVANCE:
            logits = output.logits  # (B, L)
            score = (combine(logits) if one_case else logits.sum(dim=0))[label]  # ()
            return gradient_relevance(output, score)
