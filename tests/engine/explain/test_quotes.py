"""Quotations of a note: whole sentences, in its order, never more than all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.explain.quotes import key_sentences
from engine.results import Span

NOTE = "He is well. His knee locks at night. No fever. The meniscus is torn."


def _spans(**words: float) -> list[Span]:
    return [Span(NOTE.index(word), NOTE.index(word) + len(word), value) for word, value in words.items()]


def test_the_strongest_sentences_come_in_the_order_of_the_note() -> None:
    found = key_sentences(NOTE, _spans(well=0.2, knee=1.0, meniscus=2.0, fever=0.3), most=2)
    assert [NOTE[quote.start : quote.end] for quote in found] == ["His knee locks at night.", "The meniscus is torn."]
    assert [round(quote.share, 2) for quote in found] == [0.29, 0.57]


def test_a_sentence_that_speaks_against_the_answer_is_not_quoted() -> None:
    assert key_sentences(NOTE, _spans(well=-1.0, fever=-0.5)) == ()
    (found,) = key_sentences(NOTE, _spans(knee=1.0, locks=-0.4, well=-1.0))
    assert found.share == 1.0


@given(st.text("ab. \n", max_size=60), st.lists(st.tuples(st.integers(0, 59), st.floats(-3, 3)), max_size=8))
def test_shares_are_of_one_whole(text: str, given_: list[tuple[int, float]]) -> None:
    found = key_sentences(text, [Span(start, start + 1, value) for start, value in given_ if start < len(text)])
    assert len(found) <= 3
    assert sum(quote.share for quote in found) <= 1 + 1e-9
    assert all(text[quote.start : quote.end].strip() for quote in found)


def test_what_a_note_says_twice_is_quoted_once() -> None:
    text = "The meniscus is torn. He rests.\nTHE MENISCUS is torn. He skis."
    spans = [Span(4, 12, 2.0), Span(22, 24, 0.5), Span(36, 44, 3.0), Span(54, 56, 0.1)]
    found = key_sentences(text, spans)
    assert [text[quote.start : quote.end] for quote in found] == ["He rests.", "THE MENISCUS is torn.", "He skis."]
