"""The desk keeps cases in order, computes once, and forgets the oldest maps."""

from __future__ import annotations

import gc
import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from dashboard import keeping
from dashboard.background import Progress
from dashboard.edits import Edits
from dashboard.lines import kept_line, kind
from dashboard.state import Desk, Question, View
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
    Line,
    Method,
    Note,
    Period,
    Review,
    StoreUnavailable,
    Stretch,
    Substitution,
    sample_case,
    sample_index,
)

NOTE = Case("n", "A note", note=Note("Chest pain.", "0"))
FILM = Case("f", "A film", ((Image(np.zeros((3, 4, 5), np.uint8), "1", modality="XA"),),))


def analysis(*, inside: bool = True) -> Analysis:
    return Analysis("chest-xray", "f", (Finding("normal", 0.812, Call.RULED_IN),), Domain(inside), "ab", "cpu")


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})


def here(case: Case) -> bool:
    """Keep nothing beyond the session."""
    return False


def for_good(case: Case) -> bool:
    return True


def desk() -> Desk:
    made = Desk()
    made.refresh()
    return made


def samples() -> list[str]:
    return [entry.case_id for entry in sample_index()]


def test_uploads_go_on_top_in_their_order() -> None:
    made = desk()
    made.add([NOTE, FILM], keep=here)
    assert list(made.order) == ["n", "f", *samples()]
    assert made.line("f") == Line("f", "A film", "3 images", "XA")


def test_an_upload_that_comes_again_replaces_the_first() -> None:
    made = desk()
    made.add([NOTE, FILM], keep=here)
    made.add([NOTE], keep=here)
    assert list(made.order) == ["n", "f", *samples()]


def test_what_is_kept_is_there_in_the_next_session_without_the_name_of_its_file() -> None:
    made = desk()
    made.add([NOTE, FILM], keep=for_good)
    assert made.mine == {}
    later = desk()
    assert list(later.order) == ["n", "f", *samples()]
    assert later.line("n").title == "Note · n"
    later.open("f")
    assert np.array_equal(later.case().images[0].pixels, FILM.images[0].pixels)


def test_what_belongs_to_a_session_alone_is_not_there_in_the_next() -> None:
    made = desk()
    made.add([NOTE], keep=here)
    assert desk().line("n") is None


def test_a_title_that_comes_from_a_file_is_not_kept() -> None:
    assert kept_line(NOTE).title == "Note · n"
    assert kept_line(FILM).title == "A film · f"
    assert kept_line(Case("abcdef99", "Doe_Jane.png", ((Image(np.zeros((1, 4, 5), np.uint8), "1"),),))).title == (
        "Image · abcdef"
    )


def test_neighbours_end_at_the_ends() -> None:
    made, order = desk(), samples()
    assert made.neighbour(1) is None
    made.open(order[0])
    assert made.neighbour(-1) is None
    assert made.neighbour(1) == order[1]
    made.open(order[-1])
    assert made.neighbour(1) is None


def test_only_cases_of_the_worklist_open() -> None:
    with pytest.raises(ValueError, match="worklist"):
        desk().open("elsewhere")


def test_next_unseen() -> None:
    made, order = desk(), samples()
    assert made.next_unseen() == order[0]
    made.add([NOTE], keep=here)
    assert made.next_unseen() == "n"
    made.seen |= {"n"}
    assert made.next_unseen() == order[0]
    keeping.store().reviews.save(Review(order[0], keeping.SOMEBODY))
    assert made.next_unseen() == order[1]


def test_an_opened_case_comes_back_whole() -> None:
    made = desk()
    assert made.case() is None
    made.add([FILM], keep=here)
    made.open("f")
    assert made.case() is FILM


def test_a_session_of_many_uploads_does_not_hold_all_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    films = [replace(FILM, case_id=f"film-{n}", title=f"Jane {n}") for n in range(9)]
    made.add(films, keep=here)
    assert len(made.opened) == 3
    for film in films:
        made.open(film.case_id)
        back = made.case()
        assert back.title == film.title
        assert np.array_equal(back.images[0].pixels, film.images[0].pixels)
    assert len(made.opened) == 3
    made.let_go()
    assert "film-8" not in made.away
    monkeypatch.setattr(made.away, "put", refuse)
    made.add([replace(FILM, case_id=f"more-{n}") for n in range(5)], keep=here)
    assert {f"more-{n}" for n in range(5)} <= made.opened.keys()  # no room on the disk: nothing is lost


def test_what_was_kept_before_is_held_and_not_what_was_opened() -> None:
    desk().add([FILM], keep=for_good)
    again = replace(FILM, series=((replace(FILM.images[0], pixels=FILM.images[0].pixels + 9),),))
    made = desk()
    made.add([again], keep=here)
    made.analysis(View("f", "chest-xray"), analysis)
    made.add([again], keep=for_good)
    assert made.kept_before == {"f"}
    assert made.mine == {}
    assert made.analyses == {}, "it was of other pixels"
    assert made.held("f").images[0].pixels.max() == 0
    made.open("f")
    made.let_go()
    assert made.kept_before == set()


def test_what_cannot_be_kept_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    made.add([NOTE], keep=here, names="replaced")
    made.analysis(View("n", "clinical-note"), analysis)
    monkeypatch.setattr(keeping, "keep", lambda case, **_: refuse(case))
    with pytest.raises(StoreUnavailable):
        made.add([NOTE], keep=for_good)
    assert made.held("n") is NOTE
    assert list(made.mine) == ["n"]
    assert made.named == {"n": "replaced"}
    assert len(made.analyses) == 1


def test_what_no_store_takes_belongs_to_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    made = desk()
    monkeypatch.setattr(keeping, "store", lambda: None)
    made.add([NOTE], keep=for_good)
    assert list(made.mine) == ["n"]
    assert made.kept_before == set()


def test_what_was_asked_of_a_removed_case_goes_with_it() -> None:
    made = desk()
    made.add([FILM], keep=here)
    made.open("f")
    assert made.reply(("f", (0, 0), "Is there pneumonia?"), lambda: "no") == "no"
    made.let_go()
    assert not made.replies


def refuse(_: Case) -> None:
    raise StoreUnavailable("The disk is full.")


def test_the_oldest_kept_cases_make_room() -> None:
    made = desk()
    films = [Case(f"film-{n}", "A film", FILM.series) for n in range(9)]
    made.add(films, keep=for_good)
    assert len(made.opened) < 9
    made.open("film-8")
    assert made.case().case_id == "film-8"


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


def test_every_sample_has_a_line_of_its_own() -> None:
    made = opened_desk()
    assert list(made.order) == samples()
    for case_id in made.order:
        case, line = sample_case(case_id), made.line(case_id)
        assert line.kind.endswith("note") is (case.note is not None)
        assert (line.kind == "course") is (case.course is not None)
        assert line.kind.startswith("note") is (case.note is not None and not case.images)
        assert line.kind.startswith("sequence") is (case.sequence is not None)
        assert {image.modality for image in case.images if image.modality} <= set(line.modality.split(", "))


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


def test_a_base_is_either_struck_or_another() -> None:
    edits = Edits()
    edits.take(Stretch(5, 6))
    edits.take(Substitution(5, "A"))
    assert edits.places == (Substitution(5, "A"),)
    edits.take(Substitution(5, "C"))
    edits.take(Substitution(6, "C"))
    assert edits.places == (Substitution(5, "C"), Substitution(6, "C"))
    edits.take(Stretch(6, 7))
    edits.take(Substitution(5, "C"))
    assert edits.places == (Stretch(6, 7),)


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
    made.open(samples()[0])
    assert made.in_background("badge", "one", lambda _: 1).wait(30)

    def forever(progress: Progress) -> None:
        begun.set()
        while True:
            progress(0.5)

    running = made.in_background("smallest", "one", forever)
    assert begun.wait(30)
    made.open(samples()[1])
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


def test_a_box_is_taken_elsewhere_instead_and_the_way_back_is_kept() -> None:
    edits, box, moved = Edits(), Box(0, 0, 4, 4), Box(1, 0, 5, 4)
    edits.take(box)
    edits.take(Box(9, 9, 10, 10))
    edits.change(box, moved)
    assert edits.places == (moved, Box(9, 9, 10, 10))
    edits.change(box, None)
    assert edits.places == (moved, Box(9, 9, 10, 10)), "it is no longer there"
    edits.change(moved, None)
    assert edits.places == (Box(9, 9, 10, 10),)
    edits.undo()
    edits.undo()
    assert edits.places == (box, Box(9, 9, 10, 10))
