"""The pack has all items of DECIDE-AI, fills in what the records know, and speaks of readers by number."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest

from engine.interop.study_pack import CHECKLIST, SECTIONS, study_pack
from engine.models.card import Card
from engine.review import Judgement, Stance
from tests.engine.evaluation.readers import ENDPOINT, TASK, YES, drawn_study

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@pytest.fixture
def packed(card: Card) -> dict[str, bytes]:
    """The files of a pack whose readers have names."""
    reviews, answers, reference = drawn_study()
    named = [replace(one, reader=f"Dr {one.reader}, MEIER") for one in reviews]
    named[0] = replace(named[0], judgements=(Judgement(TASK, YES, Stance.REJECT, 0.5),))
    traits = {case_id: {"modality": "DX"} for case_id in reference}
    data = study_pack(named, answers, reference, [ENDPOINT], {TASK: card}, traits)
    assert data == study_pack(named, answers, reference, [ENDPOINT], {TASK: card}, traits)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_all_seventeen_and_ten_items_are_there_once() -> None:
    numbers = [item.number for items in SECTIONS.values() for item in items]
    assert sorted(int(number) for number in numbers if number.isdigit()) == list(range(1, 18))
    assert [number for number in numbers if not number.isdigit()] == list(ROMAN)


def test_the_pack_has_its_files_and_names_nobody(packed: dict[str, bytes]) -> None:
    assert set(packed) == {CHECKLIST, "reviews.csv", "reviews.json", "figures.csv", f"cards/{TASK}.json"}
    for data in packed.values():
        assert b"MEIER" not in data
    assert len(json.loads(packed["reviews.json"])["reviews"]) == 120


def test_the_checklist_is_filled_in_from_the_records(packed: dict[str, bytes], card: Card) -> None:
    text = packed[CHECKLIST].decode()
    for items in SECTIONS.values():
        for item in items:
            assert f"### {item.number}. {item.theme}" in text
    for said in (
        card.intended_use,
        "120 signed reviews of 40 cases by 3 readers.",
        f"SHA-256 {'f' * 64}, 40 answers.",
        "sensitivity, reader alone: 0.",
        "where the model was wrong:",
        "kappa (Fleiss), all readers",
        "modality: DX, right calls alone",
        "median",
    ):
        assert said in text, said
    assert text.count("_To be written by the investigators:_") == 27
