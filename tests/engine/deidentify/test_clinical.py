"""Drugs and allergens stay in a note that is made anonymous; people who are called like one do not."""

from __future__ import annotations

import pytest

from engine.case import Case, Note
from engine.deidentify.clinical import is_drug
from engine.deidentify.find import find_identifiers
from engine.deidentify.identifiers import Identifier, IdentifierKind
from engine.tasks.treatment import note_cautions

ALLERGIC = (
    "Patient: Philippa Abernathy    MRN: 00123456\n\nCHIEF COMPLAINT: Shortness of breath.\n"
    "ALLERGIES: Penicillin (hives and swelling of the lips). Sulfa drugs (rash).\n"
    "MEDICATIONS: Coumadin 5 mg daily, Keppra 500 mg b.i.d., Flagyl, Zofran, Tylenol.\n"
)


def test_no_drug_and_no_allergy_of_a_note_is_replaced() -> None:
    found = {ALLERGIC[one.start : one.end] for one in find_identifiers(ALLERGIC)}
    assert found >= {"Philippa Abernathy", "00123456"}
    assert not found & {"Penicillin", "Sulfa", "Coumadin", "Keppra", "Flagyl", "Zofran", "Tylenol"}


def test_the_conditions_that_a_note_states_are_the_same_without_what_was_found() -> None:
    left = list(ALLERGIC)
    for one in find_identifiers(ALLERGIC):
        left[one.start : one.end] = "x" * (one.end - one.start)
    stated = [
        {caution.condition for caution in cautions.found}
        for text in (ALLERGIC, "".join(left))
        if (cautions := note_cautions(Case("c", "c", note=Note(text, "0" * 64))))
    ]
    assert stated[0] == stated[1]
    assert "allergy to sulfa" in stated[0]


@pytest.mark.parametrize(
    ("words", "finder", "drug"),
    [
        ("Coumadin", "model", True),
        ("latex", "model", True),
        ("Coumadin Smith", "model", False),
        ("Allegra", "model", False),
        ("Cefalo", "model", False),
        ("Cefazolin", "model", True),
        ("Foley", "model", False),
        ("Coumadin", "reader", False),
        ("Coumadin", "pattern", False),
    ],
)
def test_only_what_the_tagger_found_and_is_nothing_but_a_drug_is_spared(words: str, finder: str, drug: bool) -> None:
    assert is_drug(words, Identifier(0, len(words), IdentifierKind.NAME, finder=finder)) is drug
