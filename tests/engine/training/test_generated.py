"""Questions made from labels: answered by nothing but the label, and never by both yes and no."""

from __future__ import annotations

import pytest

from engine.training.generated import Facts, questions_on

FILM = Facts("x-ray", "chest", "pa", "viral pneumonia")


def answers(facts: Facts) -> dict[str, str]:
    return {asked.question: asked.answer for asked in questions_on(facts)}


def test_a_film_is_asked_what_it_is() -> None:
    said = answers(FILM)
    assert said["What modality is this?"] == "x-ray"
    assert said["Is this a chest or a brain?"] == said["Is this a brain or a chest?"] == "chest"
    assert said["Is this an MRI?"] == "no"
    assert said["What plane is this?"] == "pa"
    assert said["Is there pneumonia?"] == "yes"
    assert said["Is this film normal?"] == "no"
    assert said["Is the pneumonia bacterial or viral?"] == "viral"


def test_another_picture_gets_other_answers() -> None:
    scan = answers(Facts("ultrasound", "breast", "", "benign"))
    film = answers(FILM)
    assert scan["What modality is this?"] != film["What modality is this?"]
    assert scan["Is the mass benign or malignant?"] == "benign"
    assert "Is there pneumonia?" not in scan


@pytest.mark.parametrize("facts", [Facts(), Facts(plane="axial"), Facts("ct", "brain"), FILM, Facts(finding="normal")])
def test_what_is_not_known_is_not_asked(facts: Facts) -> None:
    asked = questions_on(facts)
    assert len({one.question for one in asked}) == len(asked)
    assert all(one.answer for one in asked)
    assert {one.about for one in asked} <= {
        name for name, known in {
            "modality": facts.modality, "part": facts.part, "plane": facts.plane, "finding": facts.finding,
        }.items() if known
    }  # fmt: skip


def test_a_normal_film_is_not_asked_for_its_pneumonia() -> None:
    said = answers(Facts("x-ray", "chest", "pa", "normal"))
    assert said["Are the lungs clear?"] == "yes"
    assert "What kind of pneumonia is this?" not in said
