"""What happens where an accelerator has no room left: the processor answers instead, and the answer says so.

The copy on the processor is made once a model and shared like the model itself; the next question asks the accelerator
first again, for its memory may have been another program's.
"""

from __future__ import annotations

import copy
import functools
import logging
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

import torch
from torch import nn

from engine.models.checkpoint import LoadedModel

_P = ParamSpec("_P")
_T = TypeVar("_T")
_PROCESSOR = torch.device("cpu")
_copies: weakref.WeakKeyDictionary[LoadedModel, LoadedModel] = weakref.WeakKeyDictionary()
_lock = threading.Lock()

logger = logging.getLogger(__name__)


def with_room(compute: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a function of a `LoadedModel` be answered by the processor where the model's device has no room for it."""

    @functools.wraps(compute)
    def computed(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return compute(*args, **kwargs)
        except torch.OutOfMemoryError:
            logger.warning("The accelerator has no room: the processor answers.")
        # Only here, outside of the handler, is what the failed attempt held free again.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        moved = {name: _elsewhere(value) for name, value in kwargs.items()}
        return compute(*map(_elsewhere, args), **moved)  # type: ignore[arg-type]

    return computed


def on_processor(model: LoadedModel) -> LoadedModel:
    """The same model on the processor, which knows where there was no room; its first place keeps its own."""
    with _lock:
        if model not in _copies:
            tensors = [*model.network.parameters(), *model.network.buffers()]
            taken: dict[int, object] = {id(tensor): _taken(tensor) for tensor in tensors}
            network = copy.deepcopy(model.network, taken)  # the tensors are in the memo already
            _copies[model] = replace(model, network=network, device=_PROCESSOR, crowded_out=str(model.device))
        return _copies[model]


def _taken(tensor: torch.Tensor) -> torch.Tensor:
    copied = tensor.detach().to(_PROCESSOR, copy=True)
    return nn.Parameter(copied, requires_grad=False) if isinstance(tensor, nn.Parameter) else copied


def _elsewhere(value: object) -> object:
    return on_processor(value) if isinstance(value, LoadedModel) else value
