"""Overlaps become one identifier, and what a reader marks is found wherever it stands."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from engine.deidentify.identifiers import Identifier, IdentifierKind, marked_words, without_overlaps

PLACES = st.builds(
    lambda start, length, kind, score: Identifier(start, start + length, kind, score),
    st.integers(0, 60), st.integers(1, 20), st.sampled_from(IdentifierKind), st.floats(0.1, 1.0),
)  # fmt: skip


@given(st.lists(PLACES, max_size=12))
def test_joined_identifiers_cover_the_same_characters_and_do_not_overlap(found: list[Identifier]) -> None:
    joined = without_overlaps(found)
    assert {at for one in joined for at in range(one.start, one.end)} == {
        at for one in found for at in range(one.start, one.end)
    }
    assert all(one.end <= other.start for one, other in itertools.pairwise(joined))


def test_each_kind_has_a_letter_of_its_own() -> None:
    assert len({kind.letter for kind in IdentifierKind}) == len(IdentifierKind)


def test_marked_words_are_whole_words_in_any_case_and_no_pattern() -> None:
    assert [one.start for one in marked_words("J. (Ann) ann Anna", "(Ann)", IdentifierKind.NAME)] == [3]
    assert [one.start for one in marked_words("J. (Ann) ann Anna", " ann ", IdentifierKind.NAME)] == [4, 9]
    assert marked_words("abc", "  ", IdentifierKind.NAME) == ()
