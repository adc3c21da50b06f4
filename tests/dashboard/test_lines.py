"""Lines of the worklist say what a case is; a line that is kept says nothing that came with its file's name."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.lines import kept_line, kind, line_of, sample_line
from engine import Case, Course, Image, Note, Sequence, sample_index

NAME = "Doe_Jane"
ID = "abcdef0123456789"


def _image(modality: str = "", frames: int = 1) -> Image:
    return Image(np.zeros((frames, 4, 5), np.uint8), ID, name=f"{NAME}.png", modality=modality)


def _course() -> Course:
    return Course(np.array([0.0]), ("HR",), np.array([80.0]), ID, name=f"{NAME}.csv")


NOTE = Note("Chest pain.", ID, name=f"{NAME}.txt")


@pytest.mark.parametrize(
    ("case", "made_of", "modality", "kept"),
    [
        (Case(ID, f"{NAME}.png", ((_image(),),)), "image", "", "Image · abcdef"),
        (Case(ID, "Chest, AP", ((_image("DX"),),)), "image", "DX", "Chest, AP · abcdef"),
        (Case(ID, "Angio", ((_image("XA", 3), _image("CT")),)), "4 images", "CT, XA", "Angio · abcdef"),
        (Case(ID, f"{NAME}.txt", note=NOTE), "note", "", "Note · abcdef"),
        (Case(ID, "Chest, AP", ((_image("DX"),),), note=NOTE), "image + note", "DX", "Chest, AP · abcdef"),
        (Case(ID, "Course, 1 h", course=_course()), "course", "", "Course, 1 h · abcdef"),
        (
            Case(ID, f"{NAME}.fa", sequence=Sequence("ACGT" * 300, ID)),
            "sequence, 1,200 bases",
            "DNA",
            "Sequence · abcdef",
        ),
    ],
    ids=["picture", "film", "two modalities", "note", "pair", "course", "sequence"],
)
def test_a_line_says_what_a_case_is_and_the_kept_one_nothing_of_its_file(
    case: Case, made_of: str, modality: str, kept: str
) -> None:
    opened = line_of(case)
    assert (opened.title, opened.kind, opened.modality) == (case.title, made_of, modality)
    line = kept_line(case)
    assert (line.case_id, line.title, line.kind, line.modality) == (ID, kept, made_of, modality)
    assert NAME not in str(line)


def test_equal_cases_are_told_apart_by_their_ids() -> None:
    one, other = (Case(case_id, "x.txt", note=NOTE) for case_id in ("aaaaaa11", "bbbbbb11"))
    assert kept_line(one).title != kept_line(other).title


def test_every_sample_has_a_line_that_tells_it_is_one() -> None:
    lines = [sample_line(entry) for entry in sample_index()]
    assert all(line.synthetic and line.kind and line.title for line in lines)
    kinds = {line.kind.split(",")[0] for line in lines}
    assert {"image", "note", "course", "sequence", "image + note"} <= kinds


@pytest.mark.parametrize(
    ("images", "note", "words"),
    [(1, False, "image"), (24, False, "24 images"), (0, True, "note"), (2, True, "2 images + note"), (0, False, "")],
)
def test_a_kind_is_put_into_words(images: int, note: bool, words: str) -> None:
    assert kind(images, note) == words
