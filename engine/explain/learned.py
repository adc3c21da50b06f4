"""Shapley values from a learned head, in the forward pass that makes the prediction (Covert, Kim & Lee, ICLR 2023)."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.models.explainer import ShapleyHead
from engine.models.output import ModelInput, TokenNetwork
from engine.words import tr


def learned_values(network: TokenNetwork, inputs: ModelInput) -> Tensor:
    """Share of every token in the probability of each label.

    Returns
    -------
    Tensor
        ``(L, B, T)`` float32, signed, 0 where a token is absent; see `ShapleyHead.explain` for what they sum to.

    Raises
    ------
    CheckpointError
        No explainer was learnt for this network.
    """
    head: ShapleyHead | None = getattr(network, "explainer", None)
    if head is None:
        raise CheckpointError(
            tr("This model has no learned explainer."), tr("Choose another method, or run attending train-explainer.")
        )
    with torch.no_grad():
        return head.explain(network(inputs), inputs.presence).float().permute(2, 0, 1)  # (L, B, T)
