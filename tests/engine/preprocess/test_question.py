"""An image and its question become tokens, and every token leads back to a patch or a word."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer

from engine.case import Box, Image, Stretch
from engine.errors import CaseError
from engine.explain.places import parts_of
from engine.explain.source_map import on_source, players_of
from engine.preprocess.question import QuestionGeometry, prepare_question, read_question
from engine.results import Explanation, Method

QUESTION = "Has the left knee a fracture?"


def film(rows: int = 100, columns: int = 60) -> Image:
    pixels = np.random.default_rng(0).integers(0, 255, (1, rows, columns), dtype=np.uint8)
    return Image(pixels=pixels, digest="0" * 64)


def prepared(tokenizer: Tokenizer) -> tuple[object, QuestionGeometry]:
    return prepare_question(film(), QUESTION, tokenizer, size=64, patch=16, longest=16)


def test_patches_come_first_and_words_behind_them(tokenizer: Tokenizer) -> None:
    inputs, geometry = prepare_question(film(), QUESTION, tokenizer, size=64, patch=16, longest=16)
    assert geometry.patches == 16
    assert inputs.words is not None
    assert inputs.presence.shape == (1, 16 + inputs.words.shape[1])
    assert int(inputs.presence[0, :16].sum()) == 4 * 2  # the letterbox's margins are absent
    assert inputs.presence[0, 16:].all()


def test_a_map_leads_back_to_pixels_and_words_in_one_unit(tokenizer: Tokenizer) -> None:
    _, geometry = prepared(tokenizer)
    relevance = np.zeros((1, 16 + geometry.words.words.shape[1]), np.float32)
    relevance[0, 16 + 1] = 3.0  # the first word, behind the opening token
    relevance[0, np.flatnonzero(geometry.image.presence)[0]] = 1.0
    found = on_source(relevance, geometry)
    assert found.pixels is not None
    assert found.pixels.shape == (100, 60)
    assert found.pixels[0, 0] == pytest.approx(1.0)
    assert found.spans[0].relevance == pytest.approx(3.0)
    assert QUESTION[found.spans[0].start : found.spans[0].end] == "Has"


def test_a_box_takes_patches_and_a_stretch_takes_words(tokenizer: Tokenizer) -> None:
    inputs, geometry = prepare_question(film(), QUESTION, tokenizer, size=64, patch=16, longest=16)
    parts = parts_of(geometry)
    players = players_of(geometry, inputs.presence)
    assert parts.count == len(players)
    boxed, struck = parts.within(Box(0, 0, 50, 60)), parts.within(Stretch(8, 17))
    assert boxed.sum() == 4
    assert struck.sum() == 2
    assert not (boxed & struck).any()
    both = boxed | struck
    assert parts.tokens(both)[0, :16].sum() == 4
    kinds = {type(place) for place in parts.places(both)}
    assert kinds == {Box, Stretch}
    assert any(
        isinstance(place, Stretch) and QUESTION[place.start : place.end] == "left knee" for place in parts.places(both)
    )


def test_relevance_is_read_where_it_was_drawn(tokenizer: Tokenizer) -> None:
    _, geometry = prepared(tokenizer)
    relevance = np.random.default_rng(1).normal(size=(1, 16 + geometry.words.words.shape[1])).astype(np.float32)
    found = on_source(relevance, geometry)
    explanation = Explanation(Method.ATTCAT, "yes", 2.0, found.pixels, found.spans)
    read = parts_of(geometry).relevance(explanation)
    np.testing.assert_allclose(read[:8], relevance[0, :16][geometry.image.presence], rtol=0.35, atol=0.2)
    assert read[8] == pytest.approx(relevance[0, 17])


@pytest.mark.parametrize("question", ["", "   "])
def test_nothing_asked_is_refused(tokenizer: Tokenizer, question: str) -> None:
    with pytest.raises(CaseError, match="Nothing is asked"):
        read_question(question, tokenizer, longest=16)


def test_a_question_that_is_too_long_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(CaseError, match="longer than 14"):
        read_question("heart " * 15, tokenizer, longest=16)
