"""Made-up words are the same for the same words, and tell nothing of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.deidentify.identifiers import Identifier, IdentifierKind
from engine.deidentify.surrogates import Surrogates

SECRET = b"s" * 32


@pytest.fixture
def surrogates() -> Surrogates:
    return Surrogates(SECRET, "one patient")


def test_a_name_stays_the_same_other_name_in_whatever_order_and_case(surrogates: Surrogates) -> None:
    first, last = surrogates.instead_of("Maria Lopez", IdentifierKind.NAME).split()
    assert {first, last}.isdisjoint({"Maria", "Lopez"})
    assert surrogates.instead_of("LOPEZ, MARIA", IdentifierKind.NAME) == f"{last.upper()}, {first.upper()}"
    assert surrogates.instead_of("M. Lopez", IdentifierKind.NAME) == f"{first[0]}. {last}"
    assert surrogates.instead_of("Lopez Clinic", IdentifierKind.ORGANISATION) == f"{last} Clinic"


def test_two_people_stay_two_people(surrogates: Surrogates) -> None:
    names = ["Adams", "Allen", "Anderson", "Armstrong", "Arnold", "Austin", "Avery", "Ayers", "Acosta", "Abbott"]
    assert len({surrogates.instead_of(name, IdentifierKind.NAME) for name in names}) == len(names)


def test_another_patient_or_installation_gets_other_words_and_days() -> None:
    written = "Maria Lopez", "03/05/2019", "MRN 0012345"
    kinds = IdentifierKind.NAME, IdentifierKind.DATE, IdentifierKind.ID
    made = [
        tuple(made.instead_of(words, kind) for words, kind in zip(written, kinds, strict=True))
        for made in (
            Surrogates(SECRET, "a"),
            Surrogates(SECRET, "b"),
            Surrogates(b"t" * 32, "a"),
            Surrogates(SECRET, "a"),
        )
    ]
    assert made[0] == made[3]
    assert len({words for one in made for words in one}) == 9


@given(
    st.from_regex(re.compile(r"[A-Z0-9-]{4,14}", re.ASCII), fullmatch=True).filter(lambda text: re.search(r"\w", text))
)
def test_a_number_keeps_its_shape_and_no_figure(written: str) -> None:
    made = Surrogates(SECRET, "x").instead_of(written, IdentifierKind.ID)
    assert [sign.isdigit() for sign in made] == [sign.isdigit() for sign in written]
    assert all(new != old for new, old in zip(made, written, strict=True) if old.isdigit())


def test_separators_do_not_make_another_number(surrogates: Surrogates) -> None:
    plain = surrogates.instead_of("1234567", IdentifierKind.ID)
    assert surrogates.instead_of("12-345-67", IdentifierKind.ID).replace("-", "") == plain


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("(617) 236-8890 ext. 3", r"\([2-9]\d\d\) 555-01\d\d ext\. \d"),
        ("+44 20 7946 1234", r"\+\d\d \d\d \d{4} \d{4}"),
        ("maria.lopez@clinic.com", r"[a-z]+\d\d@example\.org"),
        ("https://clinic.com/p/7", r"www\.example\.org/\d{6}"),
        ("10.20.30.40", r"192\.0\.2\.\d{1,3}"),
    ],
)
def test_a_contact_reaches_nobody(surrogates: Surrogates, written: str, shape: str) -> None:
    made = surrogates.instead_of(written, IdentifierKind.CONTACT)
    assert re.fullmatch(shape, made), made
    assert "lopez" not in made


def test_ages_and_addresses(surrogates: Surrogates) -> None:
    assert surrogates.instead_of("93", IdentifierKind.AGE) == "over 89"
    made = surrogates.instead_of("12 Maple Street, Apt 4, Springfield, IL 62701", IdentifierKind.PLACE)
    assert re.fullmatch(r"\d\d \w+ Street, Apt \d, [A-Z].+, IL \d{5}", made), made
    assert "Maple" not in made
    assert "Springfield" not in made
    assert surrogates.instead_of("General Hospital", IdentifierKind.ORGANISATION) != "General Hospital"


@given(st.text(max_size=30), st.sampled_from(IdentifierKind))
def test_any_words_are_answered(words: str, kind: IdentifierKind) -> None:
    assert isinstance(Surrogates(SECRET, "x").instead_of(words, kind), str)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_characters="·¦"), max_size=12), st.sampled_from([None, *IdentifierKind])
        ),
        max_size=8,
    )
)
def test_what_is_no_identifier_stays_letter_for_letter(parts: list[tuple[str, IdentifierKind | None]]) -> None:
    text, found, kept = "", [], []
    for words, kind in parts:
        if kind is not None and words.strip():
            found.append(Identifier(len(text), len(text) + len(words), kind))
            text += words + "·"
            kept.append("·")
        else:
            text += f"¦{words}¦"
            kept.append(f"¦{words}¦")
    made = Surrogates(SECRET, "x").replace(text, found)
    at = 0
    for words in kept:
        at = made.index(words, at) + len(words)
    assert at == len(made)
