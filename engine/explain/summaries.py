r"""From a summary back to what it is made of: relevance of a variable's newest cell shared among all its cells.

A course model reads of each variable the newest cell, whose token :math:`t` summarises the cells :math:`x_c` so far.
Gradient times value (Shrikumar et al., 2016, arXiv 1605.01713) of :math:`\tfrac12 \lVert t \rVert^2` says how much of
the token each cell makes up. Half of the token's relevance is led back by these shares and half equally, since that
something was observed counts whatever its value; none of it is lost.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.gradients import gradients
from engine.models.course import CourseTransformer
from engine.models.output import ModelInput

_LEAST = 1e-6  # of a cell whose value says nothing: alone of its kind it still gets all


def share_among_cells(network: CourseTransformer, inputs: ModelInput, relevance: Tensor) -> Tensor:
    """Lead relevance of tokens ``(..., B, T)`` back to the present cells of the same kind, which share it."""
    kinds = inputs.values[..., 0].long()  # (B, T)
    with torch.enable_grad():
        scaled = network.scaled(kinds, inputs.values[..., 2]).detach().requires_grad_()  # (B, T)
        energy = network.summarise(inputs, scaled).square().sum()[None] / 2  # (1,)
        (slope,) = gradients(energy, [scaled])  # (1, B, T)
    there = inputs.presence.to(scaled.dtype)  # (B, T)
    made = ((slope[0] * scaled.detach()).abs() + _LEAST) * there  # (B, T)
    count = network.config.kinds
    by_value, alike = (
        part / _of_kind(part, kinds, count).clamp(min=_LEAST / 2) for part in (made, there)
    )  # (B, T) each
    share = (by_value + alike) / 2  # (B, T)
    return _of_kind(relevance, kinds, count) * share.to(relevance.dtype) * inputs.presence  # (..., B, T)


def _of_kind(values: Tensor, kinds: Tensor, count: int) -> Tensor:
    """For every token the sum of `values` ``(..., B, T)`` over all tokens of its kind ``(B, T)``, of `count` kinds."""
    spread = kinds.expand_as(values)  # (..., B, T)
    sums = values.new_zeros(*values.shape[:-1], count).scatter_add(-1, spread, values)  # (..., B, V)
    return sums.gather(-1, spread)
