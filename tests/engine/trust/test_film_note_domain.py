"""Whether a note is one for the model: the patient's age as notes state it, and the language."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from engine.case import Note
from engine.trust.film_note_domain import note_reasons, stated_years

AGES = (1.0, 5.0)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("This is a 3-year-old boy.", 3.0),
        ("18-month-old girl", 1.5),
        ("67 y/o male with cough", 67.0),
        ("4 yo F", 4.0),
        ("Age: 71. Smoker.", 71.0),
        ("A 63 year old woman whose 3-year-old grandson has a cold", 63.0),
        ("Cough for 3 days. Aged 10 months.", None),
        ("", None),
    ],
)
def test_the_first_age_that_is_stated(text: str, years: float | None) -> None:
    assert stated_years(text) == years


def test_an_adult_and_an_infant_are_outside_and_a_child_inside(tokenizer: Tokenizer) -> None:
    (reason,) = note_reasons(Note("67 y/o male. the patient has a rash", ""), tokenizer, AGES)
    assert "1 to 5 years" in reason
    assert note_reasons(Note("5-month-old. the patient has a rash", ""), tokenizer, AGES)
    assert note_reasons(Note("the patient has a rash", ""), tokenizer, AGES) == []
    assert note_reasons(Note("67 y/o: the patient has a skin rash of the left knee", ""), tokenizer, None) == []


def test_another_language_is_outside(tokenizer: Tokenizer) -> None:
    (reason,) = note_reasons(Note("Seit drei Tagen Husten und Fieber", ""), tokenizer, AGES)
    assert reason.endswith("it was taught in English.")
