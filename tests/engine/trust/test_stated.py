from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.case import Image
from engine.models.card import DataFacts
from engine.trust.stated import stated_reasons

FILM = Image(pixels=np.zeros((1, 64, 64), dtype=np.uint8), digest="")
FACTS = DataFacts("", "", 0, "", "", (1, 5), ("CHEST", "LUNG"), ("L", "F"))
NOTHING = DataFacts("", "", 0, "", "")


@pytest.mark.parametrize(
    ("age", "inside"), [("003Y", True), ("018M", True), ("005Y", True), ("054Y", False), ("002W", False), ("", True)]
)
def test_an_age_that_the_model_does_not_know_is_refused(age: str, inside: bool) -> None:
    film = replace(FILM, tags={"PatientAge": age})
    assert (stated_reasons(film, FACTS) == []) is inside
    assert stated_reasons(film, NOTHING) == []


@pytest.mark.parametrize(("view", "inside"), [("AP", True), ("", True), ("LL", False), ("lateral", False)])
def test_a_view_from_the_side_is_refused(view: str, inside: bool) -> None:
    assert (stated_reasons(replace(FILM, view=view), FACTS) == []) is inside


@pytest.mark.parametrize("part", ["HAND", "hand", "LSPINE", "Left Foot", "HAND_PA", "BREAST"])
def test_another_part_of_the_body_is_refused_by_name(part: str) -> None:
    film = replace(FILM, tags={"BodyPartExamined": part})
    (reason,) = stated_reasons(film, FACTS)
    assert "another part of the body" in reason
    assert stated_reasons(film, NOTHING) == []


@pytest.mark.parametrize("part", ["", "CHEST", "Chest PA", "LUNG", "CHESTABDOMEN", "CHEST TO PELVIS", "XYZ", "UNKNOWN"])
def test_the_same_part_and_one_that_is_not_known_are_no_reason(part: str) -> None:
    assert stated_reasons(replace(FILM, tags={"BodyPartExamined": part}), FACTS) == []


@pytest.mark.parametrize(
    ("orientation", "said"),
    [
        (("R", "F"), "mirrored"),
        (("RP", "F"), "mirrored"),
        (("R", "H"), "upside down"),
        (("L", "H"), "upside down"),
        (("F", "R"), "turned on its side"),
        (("P", "F"), "from the side"),
        (("L", "P"), "slice across"),
    ],
)
def test_an_image_that_lies_otherwise_by_its_own_word_is_refused(orientation: tuple[str, str], said: str) -> None:
    film = replace(FILM, orientation=orientation)
    (reason,) = stated_reasons(film, FACTS)
    assert said in reason
    assert stated_reasons(film, NOTHING) == []


@pytest.mark.parametrize("orientation", [None, ("L", "F"), ("LA", "FP")])
def test_the_usual_direction_and_none_are_no_reason(orientation: tuple[str, str] | None) -> None:
    assert stated_reasons(replace(FILM, orientation=orientation), FACTS) == []
