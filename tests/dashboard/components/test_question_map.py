"""What is sent to the browser of a question: its pieces join to it, and maps travel on their fixed scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.components.asking import suggestions
from dashboard.components.question_map import at_patches, pieces, place_clicked
from engine import Box, Case, Explanation, Image, Method, Span, Stretch, WordRegions

QUESTION = "Is <b>it</b> a CT?"


def regions() -> WordRegions:
    words = (Span(0, 2, 0.0), Span(6, 8, 0.0), Span(15, 17, 0.0))
    return WordRegions(words, np.full((3, 2, 2), 0.1, np.float32))


def case() -> Case:
    """An image of 40 rows and 20 columns: each of the 2 x 2 patches has 20 rows and 10 columns."""
    return Case("asked", "asked", ((Image(np.zeros((1, 40, 20), np.uint8), "x"),),), question=QUESTION)


def test_a_click_on_a_word_means_its_stretch() -> None:
    assert place_clicked({"word": 1, "clicked": 7}, case(), regions(), []) == Stretch(6, 8)


def test_a_drawn_region_is_a_box_in_pixels() -> None:
    assert place_clicked({"patches": [0, 1, 2, 2]}, case(), regions(), []) == Box(0, 10, 40, 20)


def test_a_click_on_what_is_taken_away_means_its_box() -> None:
    taken = [Stretch(6, 8), Box(0, 10, 40, 20)]
    assert place_clicked({"patches": [1, 1, 2, 2]}, case(), regions(), taken) == Box(0, 10, 40, 20)
    assert place_clicked({"patches": [1, 0, 2, 1]}, case(), regions(), taken) == Box(20, 0, 40, 10)
    assert place_clicked({"patches": [0, 0, 2, 2]}, case(), regions(), taken) == Box(0, 0, 40, 20)


@pytest.mark.parametrize(
    "click",
    [
        None,
        {"word": 3},
        {"word": -1},
        {"word": "1"},
        {"patches": [0, 0, 3, 1]},
        {"patches": [1, 0, 1, 1]},
        {"patches": [0, 0, 1]},
        {"patches": [0.0, 0, 1, 1]},
        {"elsewhere": 1},
        "word",
    ],
)
def test_a_click_that_fits_nothing_takes_nothing_away(click: Any) -> None:
    assert place_clicked(click, case(), regions(), []) is None


def test_pieces_join_to_the_question_as_it_was_typed() -> None:
    cut = pieces(QUESTION, regions())
    assert "".join(text for text, _ in cut) == QUESTION
    assert [text for text, rank in cut if rank is not None] == ["Is", "it", "CT"]


def test_the_share_on_the_image_is_the_sum_over_its_patches() -> None:
    np.testing.assert_allclose(regions().on_image, 0.4, rtol=1e-6)


def test_a_map_is_read_at_the_middle_of_each_patch() -> None:
    grid = np.kron(np.array([[1.0, 2.0], [3.0, np.nan]], np.float32), np.ones((5, 5), np.float32))
    found = at_patches(Explanation(Method.ATTCAT, "ct", 1.0, grid), (2, 2))
    assert found.tolist() == [[1.0, 2.0], [3.0, 0.0]]
    with pytest.raises(ValueError, match="map of an image"):
        at_patches(Explanation(Method.ATTCAT, "ct", 1.0), (2, 2))


@pytest.mark.parametrize("modality", ["DX", "CT", "MR", "US", "", "XA"])
def test_every_kind_of_image_has_its_questions(modality: str) -> None:
    asked = suggestions(modality)
    assert 3 <= len(asked) <= 5
    assert all(question.endswith("?") for question in asked)
