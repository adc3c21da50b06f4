"""What is sent to the browser of heads: what is asked for, on one scale, and nothing larger."""

from __future__ import annotations

import base64

import numpy as np
import pytest
import streamlit as st

from dashboard.components.head_browser import Asked, _sent, _stage, facts_of, unit_of
from engine import Case, Heads, Span


def heads(tokens: int = 4, *, note: bool = False) -> Heads:
    attention = np.full((2, 3, tokens, tokens), 1 / tokens, np.float32)
    places = np.stack([np.zeros(tokens), np.arange(tokens)], axis=1).astype(np.float32)
    pieces = (None, *(Span(rank, rank + 1, 0.0) for rank in range(tokens - 1))) if note else ()
    return Heads(attention, np.full(tokens, 1 / tokens, np.float32), places, pieces)


def test_attention_travels_in_multiples_of_even_attention() -> None:
    sent = np.frombuffer(base64.b64decode(_sent(np.array([[0.0, 0.25, 1.0, 0.5]], np.float32))), np.uint8)
    assert sent.tolist() == [0, 32, 128, 64]
    top = np.frombuffer(base64.b64decode(_sent(np.eye(16, dtype=np.float32))), np.uint8)
    assert set(top.tolist()) == {0, 255}


@pytest.mark.parametrize("note", [False, True])
def test_facts_name_their_unit(note: bool) -> None:
    told = facts_of(heads(note=note), "word pieces" if note else "patches")
    assert len(told) == 6
    assert told[0] == f"2.0 bits, 1.2 {'word pieces' if note else 'patches'} away"


def test_a_question_about_another_part_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {"k": {"asked": {"query": 3, "layer": 0, "head": 2}}})
    assert Asked.of("k", heads(4)) == Asked(3, 0, 2)
    assert Asked.of("k", heads(3)) == Asked(None, 1, 0)
    assert Asked.of("other", heads(4)) == Asked(None, 1, 0)


def test_the_values_of_a_course_are_named_with_their_hours() -> None:
    course = Heads(
        np.full((1, 2, 2, 2), 0.5, np.float32),
        np.full(2, 0.5, np.float32),
        np.array([[0, 3], [0, 40]], np.float32),
        (),
        names=("HR", "Lactate"),
    )
    case = Case("c", "a course")
    sent = _stage(case, course, ["#000000", "#ffffff"], 0, 0)
    assert sent["pieces"] == ["HR at 3 h", "Lactate at 40 h"]
    assert sent["joined"] == [False, False]
    assert "image" not in sent
    assert facts_of(course, unit_of(case, course))[0] == "1.0 bits, 18.5 hours away"
