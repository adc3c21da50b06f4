"""Shares, pointing game and energy on maps whose figures can be counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from engine.case import Box, Case, Image, Stretch
from engine.explain.where import box_mask, centred_blob, halves, localise, sections, share_of, truth_mask
from engine.results import Explanation, Method, Span


def image_map(values: list[list[float]]) -> Explanation:
    return Explanation(Method.RELEVANCE, "a", 1.0, map=np.array(values, np.float32))


def test_a_box_holds_its_share_of_what_was_seen() -> None:
    explanation = image_map([[1, 3, np.nan], [0, 4, np.nan]])
    share = share_of(explanation, Box(0, 1, 2, 3))
    assert share.relevance == pytest.approx(7 / 8)
    assert share.extent == pytest.approx(2 / 4)


def test_what_speaks_against_the_label_is_not_counted() -> None:
    share = share_of(image_map([[1, -3], [1, 2]]), np.array([[True, True], [False, False]]))
    assert share.relevance == pytest.approx(1 / 4)


def test_a_section_of_a_note_holds_its_words() -> None:
    spans = (Span(0, 4, 1.0), Span(5, 9, 2.0), Span(10, 12, 1.0), Span(13, 15, -1.0))
    share = share_of(Explanation(Method.RELEVANCE, "a", 1.0, spans=spans), Stretch(5, 11))
    assert share.relevance == pytest.approx(3 / 4)
    assert share.extent == pytest.approx(1 / 2)


def test_a_box_on_a_note_is_an_error() -> None:
    with pytest.raises(ValueError, match="image"):
        share_of(Explanation(Method.RELEVANCE, "a", 1.0), Box(0, 0, 1, 1))


def test_a_flat_map_of_nothing_has_no_share() -> None:
    assert share_of(image_map([[0, 0], [0, 0]]), Box(0, 0, 1, 1)).relevance == 0


def test_pointing_game_and_energy() -> None:
    mask = np.array([[False, True], [False, False]])
    found = localise(np.array([[1, 5], [2, -4]], np.float32), mask)
    assert (found.hit, found.energy, found.extent) == (True, pytest.approx(5 / 8), pytest.approx(1 / 4))
    missed = localise(np.array([[9, np.nan], [1, 0]], np.float32), mask)
    assert (missed.hit, missed.energy, missed.extent) == (False, 0.0, 0.0)


def test_the_blob_is_in_the_middle_and_knows_no_sides() -> None:
    blob = centred_blob((5, 9))
    assert np.unravel_index(blob.argmax(), blob.shape) == (2, 4)
    assert blob == pytest.approx(blob[::-1, ::-1])


def test_a_box_marks_the_pixels_whose_middle_it_holds() -> None:
    assert box_mask(Box(0.4, 1.6, 2, 4), (3, 4)).astype(int).tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("orientation", "left"),
    [
        (("L", "F"), "Image left (patient's right)"),
        (("R", "F"), "Image left (patient's left)"),
        (("P", "F"), "Image left"),
        (None, "Image left"),
    ],
)
def test_sides_of_the_patient_are_named_only_where_they_are_known(
    orientation: tuple[str, str] | None, left: str
) -> None:
    image = Image(np.zeros((1, 4, 6), np.uint8), "d", orientation=orientation)
    cut = halves(image)
    assert next(iter(cut)) == left
    assert list(cut.values()) == [Box(0, 0, 4, 3), Box(0, 3, 4, 6)]


def test_sections_cover_a_note_from_its_first_heading() -> None:
    text = "Dr. A.\nCHIEF COMPLAINT: Cough.\nPLAN: Rest. ALLERGIES: None.\nPLAN: More: rest."
    found = sections(text)
    assert list(found) == ["CHIEF COMPLAINT", "PLAN", "ALLERGIES", "PLAN (2)"]
    assert text[found["PLAN"].start : found["PLAN"].end] == "PLAN: Rest."
    assert text[found["PLAN (2)"].start : found["PLAN (2)"].end] == "PLAN: More: rest."
    assert sections("no headings here") == {}


def test_the_mask_of_a_sample_is_read(tmp_path: Path) -> None:
    drawn = np.zeros((3, 4), np.uint8)
    drawn[1, 2] = 255
    PIL.Image.fromarray(drawn).save(tmp_path / "mask.png")
    mask = truth_mask(Case("a", "a", truth={"mask": tmp_path / "mask.png"}))
    assert mask is not None
    assert np.argwhere(mask).tolist() == [[1, 2]]
    assert truth_mask(Case("b", "b")) is None
