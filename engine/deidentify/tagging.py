"""What the tagger says of a text: windows of words, probabilities averaged where they overlap, spans of characters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from presidio_analyzer import EntityRecognizer, RecognizerResult

from engine.deidentify.identifiers import Identifier, IdentifierKind
from engine.models.checkpoint import LoadedModel
from engine.models.tagger import TaggerInput
from engine.preprocess.letters import Words, batch_words, split_words

WINDOW, STRIDE, TOGETHER = 224, 160, 8
LEAST_SURE = 0.05
"""Probability of any identifier from which a word is one: below a half, for one that is missed costs more. At 0.15
the recall of planted identifiers was 0.971, at 0.05 it is 0.98, with eight false alarms a note instead of five."""

Floats = NDArray[np.floating[Any]]


class TaggerRecogniser(EntityRecognizer):
    """The tagger, as Presidio takes recognisers.

    Parameters
    ----------
    model : LoadedModel
        Of the family `token-tagger`, with its tokenizer.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        super().__init__(supported_entities=[kind.name for kind in IdentifierKind], name="tagger")

    def load(self) -> None:
        """Nothing to do: the model is there."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: object = None) -> list[RecognizerResult]:
        """Find identifiers of the wanted kinds."""
        found = (one for one in tag_text(text, self._model) if one.kind.name in entities)
        return [RecognizerResult(one.kind.name, one.start, one.end, one.score) for one in found]


def tag_text(text: str, model: LoadedModel, *, least: float = LEAST_SURE) -> list[Identifier]:
    """Find the identifiers in a text by the tagger alone."""
    if model.tokenizer is None:
        raise ValueError("a tagger reads text")
    words = split_words(text, model.tokenizer)
    return list(_spans(text, words, probabilities(words, model), least)) if len(words) else []


def probabilities(words: Words, model: LoadedModel) -> Floats:
    """Probabilities of the tags of each word, ``(N, L)``, the mean of the windows that hold it."""
    count = len(words)
    starts = [0, *range(STRIDE, count - WINDOW + STRIDE, STRIDE)]
    total, times = np.zeros((count, len(model.labels))), np.zeros((count, 1))
    for first in range(0, len(starts), TOGETHER):
        chosen = starts[first : first + TOGETHER]
        batch = batch_words([words.part(start, start + WINDOW) for start in chosen])
        with torch.inference_mode():
            said = model.network(_to(batch, model.device)).logits.float().softmax(-1).cpu().numpy()  # (B, T, L)
        for row, start in zip(said, chosen, strict=True):
            inside = slice(start, min(start + WINDOW, count))
            total[inside] += row[: inside.stop - inside.start]
            times[inside] += 1
    return np.asarray(total / times)


def _to(batch: TaggerInput, device: torch.device) -> TaggerInput:
    return TaggerInput(
        *(part.to(device) for part in (batch.pieces, batch.letters, batch.shapes, batch.gaps, batch.presence))
    )


def _spans(text: str, words: Words, said: Floats, least: float) -> Iterator[Identifier]:
    """Words that follow each other in one identifier, joined."""
    kinds = list(IdentifierKind)
    by_kind = said[:, 1:].reshape(len(said), len(kinds), 2)  # (N, K, 2): begins, inside
    sure = 1.0 - said[:, 0]  # (N,)
    best = by_kind.sum(2).argmax(1)  # (N,)
    start = end = last = before = -1
    scores: list[float] = []
    for rank in map(int, np.flatnonzero(sure >= least)):
        here, there = (int(place) for place in words.offsets[rank])
        kind = int(best[rank])
        begins = by_kind[rank, kind, 0] > by_kind[rank, kind, 1]
        joins = end >= 0 and kind == last and not begins and rank == before + 1 and "\n\n" not in text[end:here]
        if end >= 0 and not joins:
            yield Identifier(start, end, kinds[last], max(scores), "model")
        if not joins:
            start, scores = here, []
        end, last, before = there, kind, rank
        scores.append(float(sure[rank]))
    if end >= 0:
        yield Identifier(start, end, kinds[last], max(scores), "model")
