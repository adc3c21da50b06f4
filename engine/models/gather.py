"""Requests of several readers to one model, answered in one batch (dynamic batching, Crankshaw et al., NSDI 2017).

Every batch has the same number of rows, filled up with copies: the same kernels run whoever else asks, so that nobody's
answer depends on the company. It is for accelerators, where the rows beside are next to free; on a processor batches of
8 cost between 0.7 and 1.4 times as much for each case, and nobody should wait for them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import torch
from torch import Tensor

from engine.models.output import ModelInput, ModelOutput

ROWS = 8
_WAIT = 0.003  # seconds that the first waits for others

_Kind: TypeAlias = tuple[tuple[torch.Size, torch.dtype] | None, ...]


@dataclass(eq=False)
class _Batch:
    """What is asked together; whoever came first computes it for all."""

    asked: list[ModelInput] = field(default_factory=list)
    full: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    output: ModelOutput | None = None

    @property
    def rows(self) -> int:
        return sum(len(inputs.presence) for inputs in self.asked)

    def compute(self, network: Callable[[ModelInput], ModelOutput]) -> None:
        """Answer for all; where that fails everybody is left to ask alone."""
        try:
            self.output = network(_filled(self.asked))
        except RuntimeError:  # out of memory, above all
            self.output = None
        finally:
            self.done.set()

    def answer(self, inputs: ModelInput) -> ModelOutput | None:
        """Return the rows of one who asked, in tensors of their own: nobody holds what belongs to another."""
        if self.output is None:
            return None
        place = next(rank for rank, other in enumerate(self.asked) if other is inputs)
        first = sum(len(other.presence) for other in self.asked[:place])
        return _rows(self.output, slice(first, first + len(inputs.presence)))


class Gatherer:
    """A network that many threads ask at once; it is called as the network itself.

    Parameters
    ----------
    network : callable
        ``network(ModelInput) -> ModelOutput``; each row of its answer must depend on that row alone.
    wait : float
        Seconds that the first of a batch waits for others.
    """

    def __init__(self, network: Callable[[ModelInput], ModelOutput], *, wait: float = _WAIT) -> None:
        self._network = network
        self._wait = wait
        self._lock = threading.Lock()
        self._open: dict[_Kind, _Batch] = {}

    def __call__(self, inputs: ModelInput) -> ModelOutput:
        """Answer for the rows of one case; what has more rows than a batch is computed alone."""
        if len(inputs.presence) > ROWS:
            return self._network(inputs)
        kind = _kind(inputs)
        with self._lock:
            batch = self._open.get(kind)
            leads = batch is None or batch.rows + len(inputs.presence) > ROWS
            if batch is None or leads:
                batch = self._open[kind] = _Batch()
            batch.asked.append(inputs)
            if batch.rows == ROWS:
                del self._open[kind]
                batch.full.set()
        if leads:
            batch.full.wait(self._wait)
            with self._lock:
                if self._open.get(kind) is batch:
                    del self._open[kind]
            batch.compute(self._network)
        batch.done.wait()
        return batch.answer(inputs) or self._network(inputs)


def _kind(inputs: ModelInput) -> _Kind:
    """What must agree for cases to go into one batch."""
    tensors = (inputs.values, inputs.presence, inputs.words)
    return tuple(None if tensor is None else (tensor.shape[1:], tensor.dtype) for tensor in tensors)


def _filled(asked: list[ModelInput]) -> ModelInput:
    """One batch of all, filled up with copies of its first row."""

    def together(tensors: list[Tensor]) -> Tensor:
        rows = torch.cat(tensors)
        return torch.cat([rows, rows[:1].expand(ROWS - len(rows), *rows.shape[1:])])

    words = [inputs.words for inputs in asked if inputs.words is not None]
    return ModelInput(
        together([inputs.values for inputs in asked]),
        together([inputs.presence for inputs in asked]),
        together(words) if words else None,
    )


def _rows(output: ModelOutput, rows: slice) -> ModelOutput:
    return replace(
        output,
        logits=output.logits[rows].clone(),
        attentions=tuple(layer[rows].clone() for layer in output.attentions),
        readout=output.readout[rows].clone(),
        embedding=output.embedding[rows].clone(),
        hidden=tuple(layer[rows].clone() for layer in output.hidden),
    )
