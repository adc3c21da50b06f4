"""A case whose names are replaced leads back to nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from engine.case import Case, Note
from engine.deidentify.cases import surrogates_of, with_names_replaced
from engine.deidentify.identifiers import Identifier, IdentifierKind


def _case(text: str, name: str = "Lopez.txt") -> Case:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Case(digest[:16], name, note=Note(text, digest, name=name))


def test_key_digest_title_and_name_follow_from_the_new_words() -> None:
    case = _case("Lopez has a cough.")
    made = with_names_replaced(case, [Identifier(0, 5, IdentifierKind.NAME)], surrogates_of([case]))
    assert made.note is not None
    assert made.note.text.endswith(" has a cough.")
    assert "Lopez" not in repr(made)
    assert made.case_id != case.case_id
    assert made.note.digest == hashlib.sha256(made.note.text.encode()).hexdigest()


def test_what_was_not_read_of_a_note_is_still_said_without_its_names() -> None:
    case = _case("Lopez has a cough.")
    case = replace(case, note=replace(case.note, warnings=("Page 2 was not read.",)))
    made = with_names_replaced(case, [Identifier(0, 5, IdentifierKind.NAME)], surrogates_of([case]))
    assert made.note is not None
    assert made.note.warnings == ("Page 2 was not read.",)


def test_notes_that_are_opened_together_share_their_names_and_again_the_same_ones() -> None:
    cases = [_case("Lopez coughs."), _case("Seen: Lopez.")]
    places = [Identifier(0, 5, IdentifierKind.NAME)], [Identifier(6, 11, IdentifierKind.NAME)]
    made = []
    for order in (cases, cases[::-1]):
        surrogates = surrogates_of(order)
        made.append(
            [with_names_replaced(case, found, surrogates).note for case, found in zip(cases, places, strict=True)]
        )
    assert made[0] == made[1]
    first, second = (note.text for note in made[0] if note is not None)
    assert first.split()[0] == second.split()[1].rstrip(".")


def test_a_case_without_a_note_has_nothing_to_replace() -> None:
    with pytest.raises(ValueError, match="no note"):
        with_names_replaced(Case("1", "x"), [], surrogates_of([_case("a")]))
