"""The note's map keeps every character, in colours that can be read."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.note_map import (
    _asserted,
    _ranks,
    asserted_otherwise,
    contrast,
    ink,
    palette,
    pieces,
    sentence_at,
    title,
)
from engine import Explanation, Method, Span, Stretch


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 12)), max_size=8))
def test_pieces_join_to_the_note(text: str, starts: list[tuple[int, int]]) -> None:
    spans, end = [], 0
    for start, length in sorted(starts):
        if end <= start and start + length <= len(text):
            spans.append(Span(start, start + length, 1.0))
            end = start + length
    cut = pieces(text, spans)
    assert "".join(piece for piece, _ in cut) == text
    assert [piece for piece, value in cut if value is not None] == [text[s.start : s.end] for s in spans]


def test_characters_beyond_the_basic_plane_are_one_each() -> None:
    assert pieces("\U0001f600 pain", (Span(2, 6, 3.0),)) == [("\U0001f600 ", None), ("pain", 3.0)]


def test_every_colour_of_the_scale_can_be_read() -> None:
    assert all(contrast(color, ink(color)) >= 4.5 for color in [*palette(), *palette(signed=True)])


def test_the_scale_rises_in_brightness() -> None:
    against_black = [contrast(color, "#000000") for color in palette()]
    assert all(later > earlier for earlier, later in pairwise(against_black))


def test_a_signed_scale_is_darkest_amid_and_alike_at_its_ends() -> None:
    against_black = [contrast(color, "#000000") for color in palette(signed=True)]
    middle = len(against_black) // 2
    assert all(later < earlier for earlier, later in pairwise(against_black[: middle - 2]))
    assert all(later > earlier for earlier, later in pairwise(against_black[middle + 6 :]))
    assert abs(against_black[0] - against_black[-1]) < 2


def test_titles_name_method_label_and_head() -> None:
    assert title(Explanation(Method.RELEVANCE, "normal", 4.0)) == "Relevance for normal"
    assert title(Explanation(Method.ATTENTION, None, 4.0, head=0)) == "Attention, head 1"
    assert title(Explanation(Method.ROLLOUT, None, 4.0)) == "Rollout"
    assert title(Explanation(Method.ATTENTION, None, 4.0, head=0, layer=2)) == "Attention, layer 3, head 1"
    compared = Explanation(Method.RELEVANCE, "normal", 4.0, rather_than="viral pneumonia")
    assert title(compared) == "Relevance for normal rather than viral pneumonia"


def test_sentences_end_at_stops_and_lines() -> None:
    text = "HISTORY: He took 2.5 mg. No fever!\nPLAN: Rest"
    found = [sentence_at(text, at) for at in range(len(text))]
    assert [text[place.start : place.end] for place in dict.fromkeys(found) if place.start < place.end] == [
        "HISTORY: He took 2.5 mg.",
        "No fever!",
        "PLAN: Rest",
    ]


def test_pieces_are_found_by_their_characters() -> None:
    cut = pieces("Acute chest pain.", (Span(0, 5, 1.0), Span(6, 11, 2.5)))
    assert _ranks(cut, (Stretch(8, 9),)) == [2]
    assert _ranks(cut, (Stretch(0, 17),)) == [0, 1, 2, 3]
    assert _ranks(cut, ()) == []


def test_what_is_denied_or_possible_is_told_with_its_cue() -> None:
    text = "No fever. Possible sepsis. Stop aspirin."
    cues = asserted_otherwise(text)
    assert _asserted(text, cues, lambda start, end: (start, end)) == [
        {"kind": "possible", "cue": "Possible", "first": 19, "end": 25},
        {"kind": "denied", "cue": "No", "first": 3, "end": 8},
    ]


def test_nothing_is_marked_in_another_language() -> None:
    assert asserted_otherwise("Keine Pneumonie, kein Erguss und keine Stauung, no der die das ist nicht möglich.") == []
