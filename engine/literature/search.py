"""Search by the literature model: keys of abstracts and of a question, and why two texts are alike, word by word.

A key is a sum over tokens, so a cosine of two keys is a sum over pairs of tokens, one of each text: nothing is left
over. The same decomposition for encoders that pool by a mean: Vasileiou and Eberle, NAACL 2024 (BiLRP for text).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.case import Note
from engine.errors import NoSuitableTask
from engine.io.sections import sentences
from engine.literature.library import Library
from engine.literature.records import Found, Hit, Match, MatchCheck, WordPairs
from engine.models.checkpoint import LoadedModel
from engine.models.literature import LiteratureTransformer
from engine.models.output import ModelInput, answer_in_turns
from engine.models.room import with_room
from engine.preprocess.text import NO_WORD, TokenOffsets, prepare_note
from engine.results import Span
from engine.words import tr

MOST_SENTENCES = 3  # that are shown of a hit
FEWEST_WORDS = 4  # of a sentence
REMOVED = 0.2  # share of the words that a check takes away
DRAWS = 40  # of random words
TOGETHER = 64  # abstracts between two reports of progress

Floats = NDArray[np.floating[Any]]
Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class _Read:
    """A text as the model read it.

    Parameters
    ----------
    words : tuple of Span
        Its N words.
    parts : numpy.ndarray
        ``(N + 1, K)``: what each word adds to the key, and, last, what the special tokens add.
    coverage : float
        Share of the text that was read, in (0, 1].
    """

    words: tuple[Span, ...]
    parts: Floats
    coverage: float = 1.0

    @property
    def key(self) -> Floats:
        """``(K,)``."""
        return np.asarray(self.parts.sum(axis=0))


@with_room
def read_library(library: Library, model: LoadedModel, *, progress: Progress | None = None) -> int:
    """Let the model read those abstracts of a library that it has not read; return how many they were.

    Parameters
    ----------
    progress : callable or None
        Called with the share done, in [0, 1]; what it raises ends the work, and what was read is kept.

    Raises
    ------
    NoSuitableTask
        The model makes no keys.
    """
    network, tokenizer = _parts_of(model)
    done, last, total = 0, library.last_keyed(model.digest), len(library)
    while waiting := library.after(last, most=TOGETHER):
        keys = [_read(one.words, network, tokenizer, model).key for _, one in waiting]
        library.add_keys([number for number, _ in waiting], np.stack(keys), model.digest)
        done, last = done + len(waiting), waiting[-1][0]
        if progress is not None:
            progress(min(1.0, done / total))
    return done


@with_room
def search_library(library: Library, model: LoadedModel, text: str, *, count: int = 10) -> Found:
    """Rank the abstracts of a library by their similarity to a text, and say why.

    Parameters
    ----------
    text : str
        A question, a note or an abstract; it is kept nowhere.
    count : int
        How many hits, at most.

    Raises
    ------
    CaseError
        The text has no words.
    NoSuitableTask
        The model makes no keys.
    """
    began = time.perf_counter()
    network, tokenizer = _parts_of(model)
    asked = _read(text, network, tokenizer, model)
    near = library.nearest(asked.key, model.digest, count=count)
    known = library.get(near.numbers)
    hits = []
    for number, alike in zip(near.numbers, near.similarities, strict=True):
        if number in known:
            pairs = _pairs(asked, _read(known[number].words, network, tokenizer, model))
            matches = _matches(known[number].words, len(known[number].title), pairs)
            hits.append(Hit(number, known[number], alike, matches, pairs))
    return Found(tuple(hits), len(library), model.digest, time.perf_counter() - began, asked.coverage)


@with_room
def word_pairs(asked: str, found: str, model: LoadedModel) -> WordPairs:
    """Say which pairs of words make two texts alike to the model."""
    network, tokenizer = _parts_of(model)
    return _pairs(_read(asked, network, tokenizer, model), _read(found, network, tokenizer, model))


@with_room
def check_match(asked: str, found: str, model: LoadedModel, *, seed: int = 0) -> MatchCheck:
    """Take the words away from an abstract that carry most of a similarity, and as many at random.

    Parameters
    ----------
    asked, found : str
        The question, which stays whole, and the abstract.
    """
    network, tokenizer = _parts_of(model)
    key = _read(asked, network, tokenizer, model).key  # (K,)
    pairs = word_pairs(asked, found, model)
    relevance = np.array([span.relevance for span in pairs.found])  # (A,)
    removed = max(1, round(REMOVED * len(relevance)))
    inputs, offsets, _ = prepare_note(Note(found, ""), tokenizer)

    def without(words: NDArray[np.int64]) -> float:
        gone = torch.from_numpy(np.isin(offsets.words, words))  # (W, T)
        left = _key_of(network, inputs.having(inputs.presence & ~gone), model)  # (K,)
        return float(key @ left / (np.linalg.norm(key) * np.linalg.norm(left)))

    numbers = np.unique(offsets.words[offsets.words != NO_WORD])  # (A,)
    generator = np.random.default_rng(seed)
    random = [without(generator.choice(numbers, removed, replace=False)) for _ in range(DRAWS)]
    low, high = np.percentile(random, [2.5, 97.5])
    marked = without(numbers[np.argsort(-relevance, kind="stable")[:removed]])
    return MatchCheck(
        pairs.similarity, marked, float(np.mean(random)), float(low), float(high), removed, len(numbers), DRAWS
    )


def _parts_of(model: LoadedModel) -> tuple[LiteratureTransformer, Tokenizer]:
    if not isinstance(model.network, LiteratureTransformer):
        raise NoSuitableTask(
            tr("The model of {task} makes no keys.", task=model.task), tr("Search with the model of literature.")
        )
    return model.network, cast(Tokenizer, model.tokenizer)


def _read(text: str, network: LiteratureTransformer, tokenizer: Tokenizer, model: LoadedModel) -> _Read:
    inputs, offsets, coverage = prepare_note(Note(text, ""), tokenizer)
    with torch.inference_mode():
        output = answer_in_turns(network, inputs.to(model.device))
        parts = network.keys_of(output).float().cpu().numpy() / len(inputs.presence)  # (W, T, K)
    words = _words(offsets)
    rank = {span.start: row for row, span in enumerate(words)}
    numbers = np.unique(offsets.words[offsets.words != NO_WORD])  # (N,)
    place = np.where(offsets.words == NO_WORD, len(rank), np.searchsorted(numbers, offsets.words))  # (W, T)
    summed = np.zeros((len(words) + 1, parts.shape[-1]), np.float32)  # (N + 1, K)
    np.add.at(summed, place.ravel(), parts.reshape(-1, parts.shape[-1]))
    return _Read(words, summed, coverage)


def _words(offsets: TokenOffsets) -> tuple[Span, ...]:
    """The words of a text, without relevance."""
    return offsets.raw_spans(np.zeros(offsets.words.shape))


def _key_of(network: LiteratureTransformer, inputs: ModelInput, model: LoadedModel) -> Floats:
    with torch.inference_mode():
        output = answer_in_turns(network, inputs.to(model.device))
    return np.asarray(output.embedding.mean(dim=0).float().cpu().numpy())


def _pairs(asked: _Read, found: _Read) -> WordPairs:
    length = float(np.linalg.norm(asked.key) * np.linalg.norm(found.key))
    terms = asked.parts @ found.parts.T / max(length, 1e-9)  # (Q + 1, A + 1)
    inside = terms[:-1, :-1]  # (Q, A)
    return WordPairs(
        _weighted(asked.words, inside.sum(axis=1)),
        _weighted(found.words, inside.sum(axis=0)),
        inside.astype(np.float32),
        float(terms.sum() - inside.sum()),
    )


def _weighted(words: tuple[Span, ...], relevance: Floats) -> tuple[Span, ...]:
    return tuple(Span(one.start, one.end, float(value)) for one, value in zip(words, relevance, strict=True))


def _matches(text: str, title: int, pairs: WordPairs) -> tuple[Match, ...]:
    """The sentences of an abstract that carry most of a similarity for their length, the title left out."""
    whole = max(sum(abs(span.relevance) for span in pairs.found), 1e-9)
    found = []
    for place in sentences(text, start=title):
        inside = [span.relevance for span in pairs.found if place.start <= span.start < place.end]
        if len(inside) >= FEWEST_WORDS:
            found.append((float(np.mean(inside)), Match(place, float(sum(inside)) / whole)))
    return tuple(match for _, match in sorted(found, key=lambda one: -one[0])[:MOST_SENTENCES])
