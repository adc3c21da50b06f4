"""The forward passes that cheap methods share: a plain one and a balanced one, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import torch
from torch import Tensor

from engine.explain.activation import class_activation
from engine.explain.attcat import attentive_activation
from engine.explain.attention import attention_rollout, layer_attention
from engine.explain.gradients import Slopes
from engine.explain.integrated import integrated_gradients
from engine.explain.libra import Balanced, full_gradient
from engine.explain.relevance import gradient_relevance
from engine.explain.summaries import share_among_cells
from engine.models.course import CourseTransformer
from engine.models.output import ModelInput, ModelOutput, TokenNetwork
from engine.results import Method

Scores = Callable[[Tensor], Tensor]
"""Logits of some rows, ``(B, L)`` -> their part in the scores to explain, ``(N,)``."""


class Passes:
    """Maps of some rows by any method that needs few passes through the network.

    Parameters
    ----------
    scores_of : callable
        What to explain.
    layer, head : int or None
        Which attention, for `Method.ATTENTION`.
    """

    def __init__(
        self,
        network: TokenNetwork,
        inputs: ModelInput,
        scores_of: Scores,
        *,
        layer: int | None = None,
        head: int | None = None,
    ) -> None:
        self._network, self._inputs, self._scores_of = network, inputs, scores_of
        self._layer, self._head = layer, head

    def maps(self, method: Method) -> Tensor:
        """Make the raw maps ``(N, B, T)`` of one method; N is 1 where it does not depend on the label."""
        found = self._maps(method)
        if isinstance(self._network, CourseTransformer):
            return share_among_cells(self._network, self._inputs, found)
        return found

    def _maps(self, method: Method) -> Tensor:
        with torch.enable_grad():
            match method:
                case Method.ATTENTION:
                    return layer_attention(self._plain, self._layer, self._head).detach()[None]
                case Method.ROLLOUT:
                    return attention_rollout(self._plain).detach()[None]
                case Method.RELEVANCE:
                    return gradient_relevance(self._plain, self._plain_slopes)
                case Method.ATTCAT:
                    return attentive_activation(self._plain, self._plain_slopes)
                case Method.INTEGRATED_GRADIENTS:
                    return integrated_gradients(self._network, self._inputs, self._scores_of)
            return self._balanced_maps(method)

    def _balanced_maps(self, method: Method) -> Tensor:
        balanced, output = self._balanced
        match method:
            case Method.LIBRA_FULL_GRADIENT:
                return full_gradient(output, self._balanced_slopes, balanced)
            case Method.LIBRA_ATTCAT:
                return attentive_activation(output, self._balanced_slopes)
            case Method.CLASS_ACTIVATION:
                return class_activation(output, Slopes(self._scores_of(output.logits)))
        raise ValueError(f"{method} needs more than a few passes")

    @cached_property
    def _plain(self) -> ModelOutput:
        return self._network(self._inputs)

    @cached_property
    def _plain_slopes(self) -> Slopes:
        output = self._plain
        return Slopes(self._scores_of(output.logits), [*output.attentions, *output.hidden[:-1]])

    @cached_property
    def _balanced(self) -> tuple[Balanced, ModelOutput]:
        with Balanced() as balanced:
            return balanced, self._network(self._inputs)

    @cached_property
    def _balanced_slopes(self) -> Slopes:
        balanced, output = self._balanced
        return Slopes(self._scores_of(output.logits), [*output.hidden[:-1], *balanced.shifted])
