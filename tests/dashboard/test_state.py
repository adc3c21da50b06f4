"""The desk keeps cases in order, computes once, and forgets the oldest maps."""

from __future__ import annotations

import gc
import math
import threading

import numpy as np
import pytest
import streamlit as st

from dashboard.background import Progress
from dashboard.state import Desk, Edits, Question, Row, View, kind
from dashboard.state import desk as opened_desk
from engine import (
    Analysis,
    Box,
    Call,
    Case,
    Domain,
    Explanation,
    Finding,
    Image,
    Method,
    Note,
    Period,
    Stretch,
    sample_case,
    sample_index,
)

NOTE = Case("n", "A note", note=Note("Chest pain.", "0"))
FILM = Case("f", "A film", ((Image(np.zeros((3, 4, 5), np.uint8), "1", modality="XA"),),))


def analysis(*, inside: bool = True) -> Analysis:
    return Analysis("chest-xray", "f", (Finding("normal", 0.812, Call.RULED_IN),), Domain(inside), "ab", "cpu")


def desk() -> Desk:
    return Desk(rows={name: Row(name, name, "image", "DX", synthetic=True) for name in ("a", "b")})


def test_uploads_go_on_top_in_their_order() -> None:
    made = desk()
    made.add([NOTE, FILM])
    assert list(made.rows) == ["n", "f", "a", "b"]
    assert made.rows["f"] == Row("f", "A film", "3 images", "XA")


def test_an_upload_that_comes_again_replaces_the_first() -> None:
    made = desk()
    made.add([NOTE, FILM])
    made.add([NOTE])
    assert list(made.rows) == ["n", "f", "a", "b"]


def test_neighbours_end_at_the_ends() -> None:
    made = desk()
    assert made.neighbour(1) is None
    made.open("a")
    assert made.neighbour(-1) is None
    assert made.neighbour(1) == "b"
    made.open("b")
    assert made.neighbour(1) is None


def test_only_cases_of_the_worklist_open() -> None:
    with pytest.raises(ValueError, match="worklist"):
        desk().open("elsewhere")


def test_next_unseen() -> None:
    made = desk()
    assert made.next_unseen() == "a"
    made.seen |= {"a"}
    assert made.next_unseen() == "b"
    made.seen |= {"b"}
    assert made.next_unseen() is None


def test_an_uploaded_case_comes_back_whole() -> None:
    made = desk()
    assert made.case() is None
    made.add([FILM])
    made.open("f")
    assert made.case() is FILM


def test_an_analysis_is_computed_once() -> None:
    made, calls = desk(), []
    for _ in range(3):
        made.analysis(View("f", "chest-xray"), lambda: calls.append(1) or analysis())
    assert len(calls) == 1
    made.analysis(View("f", "chest-xray", 0, 1), lambda: calls.append(1) or analysis())
    assert len(calls) == 2


def test_the_oldest_maps_are_forgotten() -> None:
    made, calls = desk(), []

    def ask(head: int) -> None:
        question = Question(Method.ATTENTION, None, head)
        made.explanation(
            View("f", "t"), question, lambda: calls.append(head) or Explanation(Method.ATTENTION, None, 1.0)
        )

    for head in range(40):
        ask(head)
        ask(0)
    assert calls == list(range(40))
    assert len(made.explanations) < 40


def test_the_worklist_tells_the_finding_and_the_domain() -> None:
    made = desk()
    assert made.headline("f") == ""
    made.analysis(View("f", "chest-xray"), analysis)
    assert made.headline("f") == "normal 0.81"
    made.analyses.clear()
    made.analysis(View("f", "chest-xray"), lambda: analysis(inside=False))
    assert "outside" in made.headline("f")


def test_kinds_in_words() -> None:
    assert [kind(1, False), kind(0, True), kind(3, True)] == ["image", "note", "3 images + note"]


def test_every_sample_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    rows = opened_desk().rows
    assert list(rows) == [entry.case_id for entry in sample_index()]
    for case_id, row in rows.items():
        case = sample_case(case_id)
        assert row.kind.endswith("note") is (case.note is not None)
        assert (row.kind == "course") is (case.course is not None)
        assert row.kind.startswith("note") is (case.note is not None and not case.images)
        assert row.kind.startswith("sequence") is (case.sequence is not None)
        assert {image.modality for image in case.images if image.modality} <= set(row.modality.split(", "))


def test_a_sentence_takes_its_words_along_and_a_word_brings_its_sentence_back() -> None:
    edits = Edits()
    edits.take(Stretch(5, 9))
    edits.take(Stretch(0, 20))
    assert edits.places == (Stretch(0, 20),)
    edits.take(Stretch(10, 12))
    assert edits.places == ()
    edits.take(Box(0, 0, 9, 9))
    edits.take(Box(2, 2, 4, 4))
    assert len(edits.places) == 2


def test_a_variable_takes_its_values_along_and_a_value_brings_its_variable_back() -> None:
    edits, value = Edits(), Period(10.4, 10.5, "HR")
    edits.take(value)
    edits.take(Period(10.4, 10.5, "MAP"))
    edits.take(Period(0.0, math.inf, "HR"))
    assert edits.places == (Period(10.4, 10.5, "MAP"), Period(0.0, math.inf, "HR"))
    edits.take(value)
    assert edits.places == (Period(10.4, 10.5, "MAP"),)
    edits.take(Period(0.0, 24.0))
    assert edits.places == (Period(0.0, 24.0),)


def test_edits_go_back_and_forth() -> None:
    edits = Edits()
    box, word = Box(0, 0, 5, 5), Stretch(0, 4)
    assert not edits.can_undo
    edits.take(box)
    edits.take(word)
    assert edits.places == (box, word)
    edits.undo()
    assert edits.places == (box,)
    edits.redo()
    edits.take(box)
    assert edits.places == (word,)
    edits.clear()
    assert edits.places == ()
    edits.undo()
    assert edits.places == (word,)
    edits.take(box)
    assert not edits.can_redo
    for _ in range(9):
        edits.undo()
    assert edits.places == ()


@pytest.mark.usefixtures("work_at_once")
def test_another_question_gives_up_the_work_on_the_one_before() -> None:
    made, begun, hold = desk(), threading.Event(), threading.Event()

    def forever(progress: Progress) -> None:
        begun.set()
        while not hold.wait(0.01):
            progress(0.5)

    first = made.in_background("badge", "one", forever)
    assert made.in_background("badge", "one", forever) is first
    assert begun.wait(30)
    second = made.in_background("badge", "two", lambda _: 7)
    assert first.wait(30)
    assert second.wait(30)
    assert made.done("badge", "two") == 7
    assert made.done("badge", "one") is None


@pytest.mark.usefixtures("work_at_once")
def test_another_case_gives_up_all_work_and_keeps_what_is_done() -> None:
    made, begun = desk(), threading.Event()
    made.open("a")
    assert made.in_background("badge", "one", lambda _: 1).wait(30)

    def forever(progress: Progress) -> None:
        begun.set()
        while True:
            progress(0.5)

    running = made.in_background("smallest", "one", forever)
    assert begun.wait(30)
    made.open("b")
    assert running.wait(30)
    assert made.done("badge", "one") == 1
    assert made.done("smallest", "one") is None


@pytest.mark.usefixtures("work_at_once")
def test_work_ends_with_its_session() -> None:
    made, begun = desk(), threading.Event()

    def forever(progress: Progress) -> None:
        begun.set()
        while True:
            progress(0.5)

    running = made.in_background("badge", "one", forever)
    assert begun.wait(30)
    del made
    gc.collect()
    assert running.wait(30)
