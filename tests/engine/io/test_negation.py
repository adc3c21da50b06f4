"""Denied, thought of, affirmed: the cues of NegEx, their reach, and what they leave alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.io.negation import Assertion, assertion_of

AFFIRMED, NEGATED, POSSIBLE, ENDED = Assertion


@pytest.mark.parametrize(
    ("sentence", "word", "expected"),
    [
        ("No known drug allergies.", "allergies", NEGATED),
        ("She denies fever, chills, cough or pregnancy.", "pregnancy", NEGATED),
        (
            "He denied any recent fever, dyspnea, cough, emesis, diarrhea, hemoptysis, melena, or rash.",
            "melena",
            NEGATED,
        ),
        ("She is not pregnant.", "pregnant", NEGATED),
        ("Pregnancy test was negative.", "Pregnancy", NEGATED),
        ("Asthma: denied.", "Asthma", NEGATED),
        ("Pulmonary embolism was ruled out.", "embolism", NEGATED),
        ("Stop ibuprofen.", "ibuprofen", ENDED),
        ("Metformin was discontinued.", "Metformin", ENDED),
        ("She is allergic to penicillin.", "penicillin", ENDED),
        ("Penicillin allergy.", "Penicillin", ENDED),
        ("She is not allergic to penicillin.", "penicillin", NEGATED),
        ("She is 20 weeks pregnant.", "pregnant", AFFIRMED),
        ("No fever, but asthma since childhood.", "asthma", AFFIRMED),
        ("Not only asthma.", "asthma", AFFIRMED),
        ("No change of her renal failure.", "renal failure", AFFIRMED),
        ("Without difficulty on aspirin.", "aspirin", AFFIRMED),
        ("Possible renal failure.", "renal failure", POSSIBLE),
        ("Rule out pregnancy.", "pregnancy", POSSIBLE),
        ("Consider a statin.", "statin", POSSIBLE),
    ],
)
def test_a_cue_speaks_for_what_stands_near_it(sentence: str, word: str, expected: Assertion) -> None:
    start = sentence.index(word)
    assert assertion_of(sentence, start, start + len(word)) is expected


@given(st.text(), st.integers(0, 50), st.integers(0, 50))
def test_any_text_gets_an_answer(text: str, start: int, length: int) -> None:
    assert assertion_of(text, start, start + length) in Assertion


def test_a_letter_that_grows_in_small_letters_moves_nothing() -> None:
    text = "İİİİ no asthma, but gout."
    at = text.index("gout")
    assert assertion_of(text, at, at + 4) is AFFIRMED
