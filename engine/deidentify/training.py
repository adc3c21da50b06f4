"""Training of the tagger that finds identifiers: every step plants new ones in stretches of the training notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from engine.deidentify.forge import Forge
from engine.deidentify.identifiers import IdentifierKind
from engine.deidentify.plant import Seeded, plant
from engine.models.tagger import TaggerInput, TokenTagger
from engine.preprocess.letters import Words, batch_words, split_words
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups

OUTSIDE, _IGNORED = 0, -100
TAGS = ("outside", *(f"{place} {kind.value}" for kind in IdentifierKind for place in ("begins", "inside")))
_STRETCH = 900  # characters of a note that enter a step
_LONGEST = 224  # words
_BREAK = re.compile(r"(?<=[.:]) |\n")

Batch = tuple[TaggerInput, Tensor]


@dataclass(frozen=True)
class TaggerSettings:
    """How the tagger is trained."""

    epochs: int = 9
    steps: int = 100
    batch_size: int = 24
    lr: float = 1e-3
    weight_decay: float = 0.01
    outside_weight: float = 0.6


@dataclass(frozen=True, eq=False)
class Tagged:
    """Words of a text and the tag of each, ``(N,)`` int64; -100 where nobody knows it."""

    words: Words
    tags: NDArray[np.int64]


def train_tagger(
    network: TokenTagger, tokenizer: Tokenizer, notes: Sequence[str], held: Sequence[Seeded], settings: TaggerSettings,
    *, out: Path, seed: int,
) -> TokenTagger:  # fmt: skip
    """Train a tagger and return its averaged weights; the embeddings of word pieces stay as they are."""
    network.pieces.requires_grad_(False)
    weight = torch.ones(len(TAGS))  # (L,)
    weight[OUTSIDE] = settings.outside_weight
    watched = [tag_words(one, tokenizer) for one in held]

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        forge = Forge(generator)
        while True:
            yield _collate([_drawn(notes, forge, tokenizer) for _ in range(settings.batch_size)])

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        inputs, tags = batch
        logits = model(inputs).logits  # (B, T, L)
        return F.cross_entropy(logits.flatten(0, 1).float(), tags.flatten(), weight=weight, ignore_index=_IGNORED)

    def validate(model: nn.Module) -> dict[str, float]:
        return _figures(model, watched)

    loop = LoopSettings(settings.epochs, settings.steps, seed=seed, half=True, average=0.99)
    optimiser = build_optimiser("adamw", decay_groups(network), lr=settings.lr, weight_decay=settings.weight_decay)
    return cast(TokenTagger, fit(network, optimiser, Plan(batches, loss, validate), loop, out))


def tag_words(seeded: Seeded, tokenizer: Tokenizer) -> Tagged:
    """Give each word of a note its tag."""
    words = split_words(seeded.text, tokenizer)
    tags = np.zeros(len(words), np.int64)  # (N,)
    kinds = list(IdentifierKind)
    for one in seeded.identifiers:
        inside = np.flatnonzero((words.offsets[:, 0] < one.end) & (words.offsets[:, 1] > one.start))
        tags[inside] = 2 + 2 * kinds.index(one.kind)
        tags[inside[:1]] -= 1
    for start, end in seeded.unknown:
        tags[(words.offsets[:, 0] < end) & (words.offsets[:, 1] > start)] = _IGNORED
    return Tagged(words, tags)


def _drawn(notes: Sequence[str], forge: Forge, tokenizer: Tokenizer) -> Tagged:
    """A stretch of a note with identifiers planted, as many words of it as fit."""
    text = notes[int(forge.generator.integers(len(notes)))]
    breaks = [0, *(match.end() for match in _BREAK.finditer(text)), len(text)]
    first = breaks[int(forge.generator.integers(len(breaks) - 1))] if forge.chance(0.7) else 0
    length = int(forge.generator.integers(150, _STRETCH))
    tagged = tag_words(plant(text[first : first + length], forge, sentences=3, framed=0.35), tokenizer)
    spare = max(0, len(tagged.words) - _LONGEST)
    start = int(forge.generator.integers(spare + 1))
    return Tagged(tagged.words.part(start, start + _LONGEST), tagged.tags[start : start + _LONGEST])


def _collate(rows: Sequence[Tagged]) -> Batch:
    tags = [torch.from_numpy(row.tags) for row in rows]
    return (
        batch_words([row.words for row in rows]),
        torch.nn.utils.rnn.pad_sequence(tags, batch_first=True, padding_value=_IGNORED),
    )


def _figures(model: nn.Module, watched: Sequence[Tagged]) -> dict[str, float]:
    """Loss, and the share of the words of identifiers that are found and of the others that are not."""
    losses, found, planted, alarms, others = [], 0, 0, 0, 0
    for row in watched:
        part = Tagged(row.words.part(0, 512), row.tags[:512])
        inputs, tags = _collate([part])
        with torch.inference_mode():
            logits = model(inputs).logits[0]  # (T, L)
        losses.append(float(F.cross_entropy(logits, tags[0], ignore_index=_IGNORED)))
        said, truth = logits.argmax(-1) != OUTSIDE, tags[0]
        found += int((said & (truth > 0)).sum())
        planted += int((truth > 0).sum())
        alarms += int((said & (truth == 0)).sum())
        others += int((truth == 0).sum())
    return {"loss": float(np.mean(losses)), "recall": found / max(1, planted), "alarms": alarms / max(1, others)}
