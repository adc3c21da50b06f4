"""Sentences of a note that are quoted for its reader: those that speak for each label, and those in its middle.

Centroid of sentences: Radev et al., Inf Process Manage 40, 2004 (MEAD). Here the vectors are the model's own: the mean
of the last layer's tokens of a sentence, each read beside its neighbours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.case import Case
from engine.errors import CaseError
from engine.explain.quotes import Quote, key_sentences, unrepeated
from engine.io.sections import sentences
from engine.models.checkpoint import LoadedModel
from engine.models.room import with_room
from engine.pipeline import explain_case, forward, prepare_case
from engine.preprocess.text import TokenOffsets
from engine.results import Method
from engine.words import tr

_FEWEST_TOKENS = 5  # of a sentence that is worth quoting


@dataclass(frozen=True)
class MiddleSentence:
    """The characters [start, end) of a sentence, and the cosine, in [-1, 1], of it and the mean of all sentences."""

    start: int
    end: int
    likeness: float


def quotes_by_label(
    case: Case,
    model: LoadedModel,
    labels: Sequence[str],
    *,
    method: Method | None = None,
    most: int = 3,
    progress: Callable[[float], None] | None = None,
) -> dict[str, tuple[Quote, ...]]:
    """Quote the sentences of a note that speak for each of some labels.

    Parameters
    ----------
    method : Method or None
        The model's first one where it is None, depends on no label, or takes words away.
    most : int
        Sentences for a label.
    progress : callable or None
        Told the share of the labels that are done, in [0, 1].

    Raises
    ------
    CaseError
        The case has no note.
    UnknownLabel
        The model has no such label.
    """
    if case.note is None:
        raise _no_note()
    if method is not None and (method.by_removal or not method.by_label):
        method = None
    found = {}
    for done, label in enumerate(labels, start=1):
        spans = explain_case(case, model, method=method, label=label).spans
        found[label] = key_sentences(case.note.text, spans, most=most)
        if progress is not None:
            progress(done / len(labels))
    return found


@with_room
def middle_sentences(case: Case, model: LoadedModel, *, most: int = 3) -> tuple[MiddleSentence, ...]:
    """Choose the sentences of a note most like the mean of all that a model read, in the order of the note.

    Raises
    ------
    CaseError
        The model reads no note.
    """
    prepared = prepare_case(case, model)
    if case.note is None or not isinstance(prepared.geometry, TokenOffsets):
        raise _no_note()
    output, _ = forward(model, prepared)
    read = ~prepared.geometry.special  # (W, T)
    tokens = output.hidden[-1].float().cpu().numpy()[read]  # (P, D)
    places = list(sentences(case.note.text))
    starts = [place.start for place in places]
    member = np.array([bisect_right(starts, start) - 1 for start in prepared.geometry.offsets[read, 0]])  # (P,)
    # two windows may hold a sentence: its pieces are counted once
    pieces = np.unique(np.stack([member, prepared.geometry.offsets[read, 0]], axis=1), axis=0)[:, 0]
    there = [rank for rank in range(len(places)) if np.count_nonzero(pieces == rank) >= _FEWEST_TOKENS]
    if len(there) <= most:
        return ()
    means = np.stack([tokens[member == rank].mean(axis=0) for rank in there])  # (S, D)
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)  # (S, D)
    centre = unit.mean(axis=0)  # (D,)
    likeness = unit @ (centre / np.linalg.norm(centre))  # (S,)
    ranked = np.argsort(-likeness, kind="stable").tolist()
    said = [case.note.text[places[there[at]].start : places[there[at]].end] for at in ranked]
    first = sorted(ranked[at] for at in unrepeated(said)[:most])
    return tuple(MiddleSentence(places[there[at]].start, places[there[at]].end, float(likeness[at])) for at in first)


def _no_note() -> CaseError:
    return CaseError(tr("Sentences are quoted from notes alone."), tr("Ask it of a model of notes."))
