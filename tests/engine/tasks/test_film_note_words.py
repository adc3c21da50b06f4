"""What of a note is withheld beside a film: conclusions, wherever they stand, and nothing else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import Note
from engine.errors import CaseError
from engine.tasks.film_note_words import conclusions, signs_of


def read(text: str) -> str:
    note, _ = signs_of(Note(text, "digest"))
    assert len(note.text) == len(text)
    return " ".join(note.text.split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("HISTORY: Cough. ASSESSMENT: Pneumonia. PLAN: Amoxicillin.", "HISTORY: Cough."),
        ("Fever and cough. Film shows an infiltrate. RR 44.", "Fever and cough. RR 44."),
        ("Fever. Likely viral. Wheeze.", "Fever. Wheeze."),
        ("Never had the pneumococcal vaccine. Virus season.", "Never had the pneumococcal vaccine. Virus season."),
    ],
)
def test_conclusions_go_and_signs_stay(text: str, left: str) -> None:
    assert read(text) == left


def test_a_note_of_conclusions_alone_is_refused() -> None:
    with pytest.raises(CaseError, match="Without its conclusions"):
        signs_of(Note("ASSESSMENT: Bacterial pneumonia.", "digest"))


@given(st.text(alphabet="aAP:. \npneumoniaLN", max_size=80))
def test_parts_are_in_order_and_apart(text: str) -> None:
    parts = conclusions(text)
    assert all(part.start < part.end <= len(text) for part in parts)
    assert all(one.end <= other.start for one, other in pairwise(parts))
