"""Gradients of several scores at once, without touching the network: `torch.autograd.grad` and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class Slopes:
    """Gradients of N scores by any part of their graph, each made once, those named together in one backward pass.

    Parameters
    ----------
    scores : Tensor
        ``(N,)``.
    together : sequence of Tensor
        What will be asked for too.
    """

    def __init__(self, scores: Tensor, together: Sequence[Tensor] = ()) -> None:
        self._scores, self._together = scores, together
        self._known: dict[Tensor, Tensor] = {}  # by the tensor itself, not by its values

    def __len__(self) -> int:
        return len(self._scores)

    def by(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Differentiate every score by every tensor: ``(N, ...)`` in front of the shape of each."""
        if any(tensor not in self._known for tensor in tensors):
            wanted = list(dict.fromkeys((*tensors, *self._together)))
            self._known |= zip(wanted, gradients(self._scores, wanted), strict=True)
        return tuple(self._known[tensor] for tensor in tensors)


def gradients(scores: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Differentiate every score by every tensor, several scores in one batched backward pass.

    Parameters
    ----------
    scores : Tensor
        ``(N,)``.
    tensors : sequence of Tensor
        Parts of the graph of `scores`, which stays for the next method that asks; one that no score depends on has a
        gradient of zeros.

    Returns
    -------
    tuple of Tensor
        One a tensor: ``(N, ...)`` in front of its shape.
    """
    if len(scores) == 1:
        found = torch.autograd.grad(scores[0], tensors, retain_graph=True, allow_unused=True)
        found = tuple(gradient if gradient is None else gradient[None] for gradient in found)
    else:
        each = torch.eye(len(scores), dtype=scores.dtype, device=scores.device)  # (N, N)
        found = torch.autograd.grad(scores, tensors, each, retain_graph=True, is_grads_batched=True, allow_unused=True)
    return tuple(
        tensor.new_zeros(len(scores), *tensor.shape) if gradient is None else gradient
        for tensor, gradient in zip(tensors, found, strict=True)
    )
