"""A note of which, by construction, two words alone speak for the first of two labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput, ModelOutput
from engine.preprocess.prepared import Prepared
from engine.preprocess.text import TokenOffsets

WORDS, WINDOW = 40, 25
TELLING = (3, 31)  # one in each window
MASK = 99
CARD = Card(
    task="clinical-note",
    title="A note",
    labels=("a", "b"),
    summary="Tells a from b.",
    intended_use="Research and education; not a medical device.",
    limits=(),
    data=DataFacts("Set", "CC0", 10, "Nobody", "By note"),
    metrics={},
    trust=TrustParameters(temperatures=(1.0,)),
    map_scales={"libra-full-gradient": 4.0, "attention": 2.0, "occlusion": 3.0},
    training={"seed": 0},
)


class TwoWords:
    """Ids ``(B, T)`` to tokens ``(1 where the id is 1, and the id's place)`` to logits: 8 for each telling word."""

    def parameters(self) -> Iterator[nn.Parameter]:
        return iter(())  # nothing was learned

    def embed(self, inputs: ModelInput) -> Tensor:
        told = (inputs.values == 1).float()  # (B, T)
        return torch.stack((told, torch.ones_like(told)), dim=-1)  # (B, T, 2)

    def encode(self, hidden: Tensor, presence: Tensor) -> ModelOutput:
        said = nn.functional.linear(hidden, torch.tensor([[8.0, 0.0], [0.0, 0.0]])) * presence[..., None]  # (B, T, L)
        logits = said.sum(dim=1) - torch.tensor([4.0, 0.0])  # (B, L)
        even = presence / presence.sum(dim=1, keepdim=True).clamp(min=1)  # (B, T)
        attention = even[:, None, None, :].expand(-1, 2, even.shape[1], -1)  # (B, H, T, T)
        return ModelOutput(logits, (attention,), even, logits, (hidden, hidden))

    def __call__(self, inputs: ModelInput) -> ModelOutput:
        hidden = self.embed(inputs)
        return self.encode(hidden.requires_grad_() if torch.is_grad_enabled() else hidden, inputs.presence)


class _Pieces:
    def token_to_id(self, name: str) -> int:
        return MASK if name == "[MASK]" else 0


def planted_model(**changed: Any) -> LoadedModel:
    """The network with its card, of which `changed` is something else."""
    card = replace(CARD, **changed)
    network, tokenizer = cast(nn.Module, TwoWords()), cast(Any, _Pieces())
    return LoadedModel(card.task, network, card.labels, "0" * 64, card, torch.device("cpu"), tokenizer)


def planted_note(seed: int = 0) -> Prepared:
    """A note of 40 words in two windows that share ten of them; all ids are 2 but those of the telling words."""
    words = np.stack([np.arange(WINDOW), np.arange(WORDS - WINDOW, WORDS)])  # (2, T)
    telling = np.isin(words, (np.array(TELLING) + seed) % WORDS)  # (2, T)
    ids = torch.from_numpy(np.where(telling, 1, 2))  # (2, T)
    offsets = np.stack([words * 5, words * 5 + 4], axis=-1)  # (2, T, 2)
    return Prepared(ModelInput(ids, torch.ones_like(ids, dtype=torch.bool)), TokenOffsets(offsets, words))
