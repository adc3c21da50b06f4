"""From places to the parts of a case and back: patches by their area, words by their characters."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer

from engine.case import Box, Note, Stretch
from engine.explain.places import Patches, Words, parts_of
from engine.preprocess.image import letterbox
from engine.preprocess.text import prepare_note
from engine.results import Explanation, Method, Span

TEXT = "the patient has a fracture of left knee . no murmur , skin rash"


@pytest.fixture
def patches() -> Patches:
    """A wide image in a square of 4 x 4 patches: 2 x 4 of them, 100 x 100 source pixels each."""
    made = parts_of(letterbox(200, 400, size=64, patch=16))
    assert isinstance(made, Patches)
    return made


@pytest.fixture
def words(tokenizer: Tokenizer) -> Words:
    _, offsets, _ = prepare_note(Note(TEXT, "d"), tokenizer)
    return Words(offsets)


def test_a_box_takes_the_patches_it_covers_by_more_than_half(patches: Patches) -> None:
    assert patches.shape == (2, 4)
    assert patches.within(Box(0, 0, 100, 100)).tolist() == [True] + [False] * 7
    assert patches.within(Box(0, 0, 100, 151)).reshape(2, 4).tolist() == [[True, True, False, False], [False] * 4]
    assert patches.within(Box(0, 0, 100, 149)).sum() == 1
    assert not patches.within(Box(25, 30, 90, 95)).any()
    assert patches.within(Box(-50, -50, 900, 900)).all()
    assert not patches.within(Stretch(0, 10)).any()


def test_tokens_of_patches_lie_where_the_picture_lies(patches: Patches) -> None:
    marked = patches.tokens(patches.within(Box(0, 0, 100, 100)))
    assert marked.shape == (1, 16)
    assert np.flatnonzero(marked[0]).tolist() == [4]


def test_patches_join_to_rectangles(patches: Patches) -> None:
    chosen = np.array([[1, 1, 0, 1], [1, 1, 0, 0]], dtype=bool)
    assert patches.places(chosen.ravel()) == (Box(0, 0, 200, 200), Box(0, 300, 100, 400))
    assert patches.places(np.zeros(8, bool)) == ()


@pytest.mark.parametrize("seed", range(20))
def test_rectangles_cover_just_what_was_chosen(patches: Patches, seed: int) -> None:
    chosen = np.random.default_rng(seed).random(8) < 0.5
    covered = np.any([np.zeros(8, bool), *(patches.within(box) for box in patches.places(chosen))], axis=0)
    assert (covered == chosen).all()


def test_the_map_is_read_in_the_middle_of_each_patch(patches: Patches) -> None:
    grid = np.arange(8, dtype=np.float32).reshape(2, 4).repeat(100, axis=0).repeat(100, axis=1)
    grid[:100, :100] = np.nan
    explanation = Explanation(Method.RELEVANCE, "a", 1.0, map=grid)
    assert patches.relevance(explanation).tolist() == [-np.inf, 1, 2, 3, 4, 5, 6, 7]


def test_a_stretch_takes_the_words_it_touches(words: Words) -> None:
    start = TEXT.index("fracture")
    touched = words.within(Stretch(start + 2, start + 3))
    assert words.places(touched) == (Stretch(start, start + len("fracture")),)
    assert words.tokens(touched).sum() == 2  # frac ##ture
    assert not words.within(Box(0, 0, 9, 9)).any()


def test_special_tokens_are_never_taken(words: Words) -> None:
    marked = words.tokens(np.ones(words.count, bool))
    assert marked.sum() == marked.size - 2
    assert not marked[0, 0]
    assert not marked[0, -1]


def test_neighbouring_words_join(words: Words) -> None:
    chosen = np.zeros(words.count, bool)
    chosen[[0, 1, 4]] = True
    assert words.places(chosen) == (Stretch(0, len("the patient")), Stretch(18, 26))


def test_relevance_of_words(words: Words) -> None:
    explanation = Explanation(Method.RELEVANCE, "a", 1.0, spans=(Span(4, 11, 2.0),))
    read = words.relevance(explanation)
    assert read[1] == 2.0
    assert np.isneginf(np.delete(read, 1)).all()
