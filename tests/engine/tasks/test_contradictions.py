"""Contradictions: found with their words, not where they are denied or told of the family, and about real labels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.tasks.contradictions import CONDITIONS, SEARCHED, find_contradictions
from engine.tasks.treatment_lexicon import TREATMENTS


@pytest.mark.parametrize(
    ("text", "condition", "against"),
    [
        ("ALLERGIES: Penicillin (hives).", "allergy to penicillin", "penicillin"),
        ("HISTORY: She is allergic to codeine.", "allergy to opioid", "opioid"),
        ("ALLERGIES: Sulfa.", "allergy to sulfa", "diuretic"),
        ("ALLERGIES: IV contrast.", "allergy to contrast or iodine", "coronary angiography or intervention"),
        ("HISTORY: She is 20 weeks pregnant.", "pregnancy", "ACE inhibitor or ARB"),
        ("HISTORY: Asthma since childhood.", "asthma", "beta-blocker"),
        ("LABORATORY DATA: Creatinine was 2.4 today.", "creatinine of 2 or more", "NSAID"),
        ("LABORATORY DATA: Platelets 32,000.", "platelets under 50", "anticoagulant"),
        ("LABORATORY DATA: Platelet count 32.", "platelets under 50", "antiplatelet"),
        ("HISTORY: End-stage renal disease on dialysis.", "kidney failure", "NSAID"),
        ("MEDICATIONS: Coumadin.", "anticoagulation", "NSAID"),
    ],
)
def test_a_condition_is_found_with_its_words(text: str, condition: str, against: str) -> None:
    (found,) = [caution for caution in find_contradictions(text).found if caution.condition == condition]
    assert against in {objection.label for objection in found.against}
    assert found.quote in text
    assert text[found.start : found.end].strip()
    assert found.start >= text.index(found.quote[:8])


@pytest.mark.parametrize(
    "text",
    [
        "ALLERGIES: No known drug allergies.",
        "ALLERGIES: NKDA.",
        "ALLERGIES: None. HISTORY: She takes penicillin well.",
        "HISTORY: No asthma. She denies pregnancy.",
        "FAMILY HISTORY: Mother with kidney failure and asthma.",
        "LABORATORY DATA: Creatinine 1.1, platelets 236,000, potassium 4.1.",
        "MEDICATIONS: Potassium 10 mEq daily.",
        "HISTORY: Well.",
    ],
)
def test_what_is_denied_or_somebody_elses_or_normal_is_no_contradiction(text: str) -> None:
    assert find_contradictions(text).found == ()


@pytest.mark.parametrize(
    "text",
    [
        "ALLERGIES: Sulfa antibiotics cause a rash. She has taken furosemide in the past without difficulty.",
        "ALLERGIES: Sulfa, but she can tolerate furosemide.",
        "ALLERGIES: Sulfa; tolerates furosemide.",
    ],
)
def test_a_drug_that_was_taken_without_harm_is_no_allergy_though_it_stands_among_them(text: str) -> None:
    found = {caution.condition for caution in find_contradictions(text).found}
    assert "allergy to sulfa" in found
    assert "allergy to diuretic" not in found


@pytest.mark.parametrize(
    "text",
    [
        "ALLERGIES: Furosemide not tolerated.",
        "ALLERGIES: Unable to tolerate furosemide.",
        "HISTORY: She cannot tolerate furosemide.",
        "HISTORY: He has not tolerated furosemide.",
        "ALLERGIES: Furosemide tolerated poorly.",
        "ALLERGIES: Tolerated furosemide at first, then developed hives.",
        "ALLERGIES: Furosemide (rash), but tolerates thiazides.",
    ],
)
def test_a_drug_that_was_not_tolerated_stays_an_allergy(text: str) -> None:
    assert "allergy to diuretic" in {caution.condition for caution in find_contradictions(text).found}


def test_a_long_sentence_is_quoted_from_the_beginning_of_a_word() -> None:
    drugs = ", ".join(f"medicine{number} {number} mg daily" for number in range(20))
    (found,) = find_contradictions(f"MEDICATIONS: {drugs}, and warfarin.").found
    assert found.quote.endswith("warfarin.") or found.quote.endswith("warfarin")
    assert f" {found.quote.split()[0]} " in f" {drugs} "


def test_a_long_sentence_is_quoted_to_the_end_of_a_word() -> None:
    said = f"Heart failure with {'global hypokinesis of the moderately dilated left ventricle, ' * 5}as it was before."
    (found,) = find_contradictions(said).found
    assert len(found.quote) < len(said)
    assert set(found.quote.split()) <= set(said.split())


def test_what_is_only_thought_of_is_called_possible() -> None:
    (found,) = find_contradictions("ASSESSMENT: Possible pregnancy. Return if she has hives.").found
    assert found.possible


def test_every_objection_is_about_a_treatment_and_every_condition_has_one() -> None:
    known = {treatment.name for treatment in TREATMENTS}
    assert all(condition.against and set(condition.against) <= known for condition in CONDITIONS)
    assert len(set(SEARCHED)) == len(SEARCHED)


@given(st.text())
@settings(deadline=None)
def test_any_text_is_searched(text: str) -> None:
    for caution in find_contradictions(text).found:
        assert 0 <= caution.start < caution.end <= len(text)
