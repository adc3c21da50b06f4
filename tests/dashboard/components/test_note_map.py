"""The note's map keeps every character, in colours that can be read."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.note_map import contrast, ink, palette, pieces, title
from engine import Explanation, Method, Span


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
    assert all(contrast(color, ink(color)) >= 4.5 for color in palette())


def test_the_scale_rises_in_brightness() -> None:
    against_black = [contrast(color, "#000000") for color in palette()]
    assert all(later > earlier for earlier, later in pairwise(against_black))


def test_titles_name_method_label_and_head() -> None:
    assert title(Explanation(Method.RELEVANCE, "normal", 4.0)) == "Relevance for normal"
    assert title(Explanation(Method.ATTENTION, None, 4.0, head=0)) == "Attention, head 1"
    assert title(Explanation(Method.ROLLOUT, None, 4.0)) == "Rollout"
