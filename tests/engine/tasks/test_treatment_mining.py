"""What a plan states, what is withheld, and that nothing withheld is left."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tasks.treatment_lexicon import TREATMENTS
from engine.tasks.treatment_mining import mined_treatments, states_treatment, withheld, without

PARTS = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(["PLAN: ", "\nMEDICATIONS: ", "Start aspirin. ", "no lasix", "HISTORY: ", "\n", ". "]),
    ),
    max_size=10,
).map("".join)


@pytest.mark.parametrize(
    ("text", "treatments"),
    [
        ("PLAN: Start aspirin and lisinopril.", ("ACE inhibitor or ARB", "antiplatelet")),
        ("PLAN: Stop ibuprofen. No antibiotics. Consider colonoscopy.", ("colonoscopy",)),
        ("MEDICATIONS: Lantus. History of colonoscopy.", ("insulin",)),
        ("PROCEDURE PERFORMED: Right total knee arthroplasty.", ("joint replacement",)),
        ("DESCRIPTION OF PROCEDURE: A biopsy was taken.", ()),
        ("HISTORY: Takes lasix. ALLERGIES: Penicillin.", ()),
        ("HOSPITAL COURSE: She was given heparin.", ()),
    ],
)
def test_treatments_are_mined_from_the_sections_that_state_them(text: str, treatments: tuple[str, ...]) -> None:
    assert mined_treatments(text) == treatments


def test_a_note_without_a_plan_states_nothing() -> None:
    assert not states_treatment("HISTORY: Cough. PLAN:")
    assert states_treatment("PLAN: Rest.")


@given(PARTS)
@settings(deadline=None)
def test_what_is_withheld_lies_apart_and_in_order(text: str) -> None:
    parts = withheld(text)
    assert all(one.end <= other.start for one, other in pairwise(parts))
    left = without(text, parts)
    assert len(left) == len(text)
    assert all(letter in (" ", original) for letter, original in zip(left, text, strict=True))


@given(PARTS)
@settings(deadline=None)
def test_no_word_of_the_lexicon_is_left(text: str) -> None:
    left = without(text, withheld(text))
    assert not any(next(treatment.mentions(left), None) for treatment in TREATMENTS)


def test_names_are_different_and_no_pattern_is_empty() -> None:
    assert len({treatment.name for treatment in TREATMENTS}) == len(TREATMENTS)
    assert not any(treatment.pattern.fullmatch("") for treatment in TREATMENTS)
    assert not any("|" in treatment.name for treatment in TREATMENTS)
