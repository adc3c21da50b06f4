"""A map over the sections and sentences of a note: nothing is lost or counted twice, and length stands beside it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.explain.section_shares import note_sections, note_sentences, section_shares, sentence_sums
from engine.results import Span

TEXT = "CC: Cough. HPI: A week. PLAN: Rest at home."
HEADED = st.lists(
    st.one_of(st.text(max_size=30), st.sampled_from(["PLAN: ", "\nMeds:", "Allergies\n", ", HPI: ", ". CC:"])),
    max_size=12,
).map("".join)


def spans_of(text: str, *values: float) -> list[Span]:
    words, at = [], 0
    for word, value in zip(text.split(), values, strict=True):
        at = text.index(word, at)
        words.append(Span(at, at := at + len(word), value))
    return words


@given(HEADED)
def test_sections_hold_the_whole_note_and_neighbours_differ(text: str) -> None:
    found = note_sections(text)
    assert "".join(text[one.start : one.end] for one in found) == text
    assert all(one.kind is not other.kind for one, other in pairwise(found))


@given(HEADED)
def test_no_sentence_lies_in_two_sections(text: str) -> None:
    places = note_sentences(text)
    assert all(one.end <= other.start for one, other in pairwise(places))
    for section in note_sections(text):
        assert not [one for one in places if one.start < section.end < one.end]


def test_shares_of_all_sections_make_up_the_map_for_and_against() -> None:
    spans = spans_of(TEXT, 1, 3, 0, 1, 0, 0, -4, 0, 1)
    history, plan = section_shares(note_sections(TEXT), spans)
    assert (history.speaks_for, history.against, history.extent) == pytest.approx((0.5, 0.0, 5 / 9))
    assert (plan.speaks_for, plan.against, plan.extent) == pytest.approx((0.1, 0.4, 4 / 9))
    assert (history.net, plan.net) == pytest.approx((0.5, -0.3))


def test_a_long_section_is_told_from_a_dense_one() -> None:
    history, plan = section_shares(note_sections(TEXT), spans_of(TEXT, *[1] * 5, *[0, 0, 0, 5]))
    assert history.speaks_for == plan.speaks_for == 0.5
    assert (history.density, plan.density) == pytest.approx((0.9, 9 / 8))


def test_a_section_that_is_not_read_has_neither_words_nor_weight() -> None:
    sections = note_sections(TEXT)
    read = [span for span in spans_of(TEXT, *[1] * 9) if span.start < sections[0].end]
    plan = section_shares(sections, read)[1]
    assert (plan.net, plan.extent, plan.density) == (0.0, 0.0, 0.0)


def test_two_maps_can_be_shares_of_one_whole() -> None:
    strong, weak = ([*spans_of(TEXT, *[value] * 9)] for value in (2.0, 1.0))
    sections = note_sections(TEXT)
    halves = zip(section_shares(sections, strong, total=18), section_shares(sections, weak, total=18), strict=True)
    assert all(one.speaks_for == 2 * other.speaks_for for one, other in halves)


def test_sentences_weigh_what_their_words_do_together() -> None:
    sums = sentence_sums(note_sentences(TEXT), spans_of(TEXT, 1, 1, 1, 1, 1, -1, 0, 0, 0))
    assert sums == pytest.approx((1.0, 1.5, -0.5))


def test_a_sentence_that_is_not_read_has_no_weight() -> None:
    assert sentence_sums(note_sentences(TEXT), spans_of(TEXT, *[1] * 9)[:2]) == (1.0, None, None)
    assert sentence_sums(note_sentences(TEXT), []) == (None, None, None)
