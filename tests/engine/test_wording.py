"""Findings are said in words that never exceed the model's own calls."""

from __future__ import annotations

import itertools

import pytest

from engine.case import PixelSpacing, SpacingSource
from engine.measured import Steadiness
from engine.results import Call, Drawn, Finding
from engine.wording import drawn_in_words, likelihood, steadiness_in_words, sum_up


def test_words_follow_the_probability() -> None:
    words = [likelihood(p / 100) for p in range(101)]
    order = ["very unlikely", "unlikely", "about as likely as not", "more likely than not", "likely", "very likely"]
    assert [word for word, _ in itertools.groupby(words)] == order


@pytest.mark.parametrize(
    ("calls", "start"),
    [
        ((Call.RULED_IN, Call.RULED_OUT), "Ruled in: a 0.60"),
        ((Call.UNCERTAIN, Call.UNCERTAIN), "No firm answer. Possible: a 0.60, b 0.40"),
        ((Call.RULED_OUT, Call.RULED_OUT), "Every label is ruled out"),
    ],
)
def test_the_sentence_says_what_was_called(calls: tuple[Call, Call], start: str) -> None:
    findings = (Finding("a", 0.6, calls[0]), Finding("b", 0.4, calls[1]))
    assert sum_up(findings).startswith(start)


def test_many_labels_are_counted() -> None:
    said = sum_up([Finding(f"label {i}", 0.9, Call.RULED_IN) for i in range(5)])
    assert said.endswith("and 2 more.")


def test_drawn_lesions_are_in_mm_only_where_the_file_knows_them() -> None:
    drawn = Drawn(((20, 50, 40, 80),), (0.8,), share=0.03, agreement=0.9)
    assert drawn_in_words(drawn, None).startswith(
        "One lesion drawn: 30 × 20 pixels, mean probability inside 0.80; 3.0%"
    )
    spacing = PixelSpacing(row=0.5, column=0.1, source=SpacingSource.REGION)
    assert "3 × 10 mm" in drawn_in_words(drawn, spacing)


def test_shifts_and_mirror_images_are_counted_without_the_picture_itself() -> None:
    alone, mirrored = Steadiness("benign", 9, 1.0, 0.7, 0.8), Steadiness("benign", 18, 17 / 18, 0.4, 0.8, mirrored=True)
    assert steadiness_in_words(alone) == "The answer held in 8 of 8 small shifts (benign 0.70 to 0.80)."
    assert "held in 16 of 17 small shifts and mirror images" in steadiness_in_words(mirrored)


def test_an_outline_that_the_mirror_image_contradicts_is_called_unsteady() -> None:
    boxes = ((20, 50, 40, 80), (0, 0, 10, 10))
    steady, unsteady = (drawn_in_words(Drawn(boxes, (0.8, 0.6), 0.03, overlap), None) for overlap in (0.9, 0.4))
    assert "2 lesions drawn: 30 × 20 pixels" in steady
    assert "Unsteady" not in steady
    assert "Unsteady" in unsteady
    assert drawn_in_words(Drawn((), (), 0.0, 1.0), None) == "No lesion was drawn."
