"""Words stand where they say, in any text."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from engine.models.tagger import GAPS, LETTERS, SHAPES
from engine.preprocess.letters import split_words


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=60))
def test_words_are_runs_of_the_text_in_order_and_cover_all_but_blanks(text: str, tokenizer: Tokenizer) -> None:
    words = split_words(text, tokenizer)
    places = [tuple(place) for place in words.offsets]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(places))
    covered = {at for start, end in places for at in range(start, end)}
    assert {at for at, sign in enumerate(text) if not sign.isspace()} == covered
    assert ((words.letters >= 0) & (words.letters < LETTERS)).all()


def test_case_and_gap_are_told(tokenizer: Tokenizer) -> None:
    words = split_words("Dr. O'BRIEN saw\n\nx 12", tokenizer)
    assert [SHAPES[shape] for shape in words.shapes] == [
        "title", "sign", "initial", "sign", "upper", "lower", "lower", "digits",
    ]  # fmt: skip
    assert [GAPS[gap] for gap in words.gaps] == [
        "paragraph", "none", "blank", "none", "none", "blank", "paragraph", "blank",
    ]  # fmt: skip
