"""Notes as a learned explainer plays them: one window of each, all of as many tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import torch
from tokenizers import Tokenizer
from torch.nn import functional as F

from engine.models.output import ModelInput
from engine.preprocess.text import BODY, SPECIAL, cut_windows, split_pieces
from engine.tasks.task import Example

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel


def read(model: LoadedModel, examples: Sequence[Example]) -> ModelInput:
    """The first window of each note, ``(B, 256)``."""
    return _windows(model, examples, None)


def view(model: LoadedModel, examples: Sequence[Example], generator: torch.Generator) -> ModelInput:
    """Some window of each note, ``(B, 256)``."""
    return _windows(model, examples, generator)


def _windows(model: LoadedModel, examples: Sequence[Example], generator: torch.Generator | None) -> ModelInput:
    tokenizer = cast(Tokenizer, model.tokenizer)
    cuts = []
    for example in examples:
        pieces = split_pieces(example.text or "", tokenizer)
        room = max(0, len(pieces.ids) - BODY)
        start = 0 if generator is None else int(torch.randint(room + 1, (), generator=generator))
        cuts.append((pieces, start))
    inputs, _ = cut_windows(cuts, tokenizer)
    padding = (0, BODY + len(SPECIAL) - inputs.presence.shape[1])
    return ModelInput(F.pad(inputs.values, padding), F.pad(inputs.presence, padding)).to(model.device)
