"""Planted identifiers stand where the record says, and the two halves share no template and no shape."""

from __future__ import annotations

import numpy as np
import pytest

from engine.deidentify import templates
from engine.deidentify.forge import FIELDS, Forge
from engine.deidentify.identifiers import IdentifierKind
from engine.deidentify.plant import bare, plant

NOTE = (
    "CHIEF COMPLAINT: Chest pain.\nThe patient was referred by Dr. X on 03/12/2007. She was seen at ABCD Hospital.\n"
    "The patient is a 93-year-old woman. She was well until November of 2006. The patient denies fever.\n"
    "PLAN: She will return to the clinic and take aspirin. The patient agrees with the plan as stated above.\n"
)


@pytest.mark.parametrize("held", [False, True])
def test_the_places_hold_what_was_planted(held: bool) -> None:
    forge = Forge(np.random.default_rng(3), held=held)
    kinds = set()
    for _ in range(40):
        seeded = plant(NOTE, forge, templates.MEASURED if held else templates.TRAINING, sentences=8)
        words = [seeded.text[one.start : one.end] for one in seeded.identifiers]
        assert all(word == word.strip() and word for word in words)
        assert all(a.end <= b.start for a, b in zip(seeded.identifiers, seeded.identifiers[1:], strict=False))
        assert "Dr. X " not in seeded.text
        assert "03/12/2007" not in seeded.text
        kinds |= {one.kind for one in seeded.identifiers}
    assert kinds == set(IdentifierKind)


def test_the_same_seed_plants_the_same() -> None:
    made = [plant(NOTE, Forge(np.random.default_rng(5))) for _ in range(2)]
    assert made[0] == made[1]


def test_a_bare_note_says_where_something_may_have_stood() -> None:
    plain = bare(NOTE)
    assert plain.text == NOTE
    assert [NOTE[a:b] for a, b in plain.unknown] == ["X", "03/12/2007", "ABCD Hospital", "93", "November of 2006"]


def test_no_template_is_in_two_parts_and_every_field_is_known() -> None:
    parts = (templates.TRAINING, templates.WATCHED, templates.MEASURED)
    forge = Forge(np.random.default_rng(0))
    for use in ("headers", "signatures", "sentences"):
        every = [template for part in parts for template in getattr(part, use)]
        assert len(set(every)) == len(every)
        for template in every:
            assert template.format_map({field: forge.make(field)[0] for field in FIELDS})
