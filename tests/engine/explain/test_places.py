"""From places to the parts of a case and back: patches by their area, words by their characters."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer

from engine.case import Box, Course, Note, Period, Stretch
from engine.explain.places import Cells, Patches, Words, parts_of
from engine.preprocess.course import prepare_course
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


@pytest.fixture
def cells() -> Cells:
    """Heart rates in hours 0, 0, 2 and 5, a pH in hour 2, an age."""
    names = ("HR", "HR", "pH", "HR", "HR")
    course = Course(np.array([0.2, 0.7, 2.1, 2.5, 5.0]), names, np.arange(5.0), "d", static={"Age": 60.0})
    made = parts_of(prepare_course(course)[1])
    assert isinstance(made, Cells)
    return made


def test_a_period_takes_the_cells_of_which_it_holds_an_observation(cells: Cells) -> None:
    assert cells.count == 4
    assert cells.within(Period(0, 48)).all()
    assert cells.within(Period(0, 48, "pH")).sum() == 1
    assert cells.within(Period(0.5, 2.5)).sum() == 2
    assert not cells.within(Period(0.8, 2.1)).any()
    assert not cells.within(Stretch(0, 10)).any()


def test_the_weight_of_the_course_goes_with_the_cell_that_it_came_from() -> None:
    course = Course(np.array([0.2, 3.5, 9.0]), ("HR", "Weight", "Weight"), np.array([80.0, 70.0, 72.0]), "d",
                    static={"Age": 60.0, "Weight": 70.0})  # fmt: skip
    made = parts_of(prepare_course(course)[1])
    assert made.tokens(made.within(Period(0, 48, "Weight"))).tolist() == [[False, True, True, False, True]]
    assert made.tokens(made.within(Period(3, 4, "Weight"))).tolist() == [[False, True, False, False, True]]
    assert made.tokens(made.within(Period(9, 10, "Weight"))).tolist() == [[False, False, True, False, False]]
    assert made.tokens(made.within(Period(0, 48, "HR"))).tolist() == [[True, False, False, False, False]]


def test_cells_of_one_variable_that_follow_one_another_join(cells: Cells) -> None:
    assert cells.places(np.ones(4, bool)) == (Period(0, 6, "HR"), Period(2, 3, "pH"))
    first = cells.within(Period(0, 1))
    assert cells.places(first) == (Period(0, 1, "HR"),)
    assert cells.tokens(first).tolist() == [[True, False, False, False, False]]


def test_a_cell_weighs_what_its_observations_weigh(cells: Cells) -> None:
    observed = np.array([1, 2, 4, 8, 16], np.float32)
    relevance = cells.relevance(Explanation(Method.RELEVANCE, None, 1.0, observed=observed))
    assert sorted(relevance) == [3, 4, 8, 16]
    with pytest.raises(ValueError, match="course"):
        cells.relevance(Explanation(Method.RELEVANCE, None, 1.0))
