"""A review is saved at every change, never over another window's words, and never after its signature."""

from __future__ import annotations

from dataclasses import replace

import pytest
import streamlit as st

from dashboard import keeping, reviewing
from engine import (
    Box,
    Case,
    KeyImage,
    Mark,
    Note,
    ReadingOrder,
    Review,
    ReviewConflict,
    ReviewLocked,
    Step,
    sample_index,
)

CASE = sample_index()[0].case_id
ELSEWHERE = "of-this-session"
HERE = Box(1, 2, 3, 4)


class Windows:
    """Several browser windows; `show` brings one of them to the front."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._held: dict[str, dict[str, object]] = {}

    def show(self, name: str, reader: str = "Dr Ada") -> None:
        self._patch.setattr(st, "session_state", self._held.setdefault(name, {}))
        keeping.set_session(reader, ReadingOrder.MODEL_FIRST)


@pytest.fixture(autouse=True)
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    made = Windows(monkeypatch)
    made.show("first")
    return made


def say(comment: str, case_id: str = CASE) -> Review:
    return reviewing.change(case_id, lambda review: replace(review, comment=comment))


def kept() -> Review | None:
    store = keeping.store()
    assert store is not None
    return store.reviews.latest(CASE, keeping.reader())


def test_every_change_is_kept_at_once() -> None:
    assert kept() is None
    assert say("clear").revision == 1
    assert say("not clear").revision == 2
    assert kept() == reviewing.current(CASE)


def test_what_changes_nothing_is_not_saved_again() -> None:
    say("clear")
    assert say("clear").revision == 1


def test_a_draft_is_there_in_the_next_session(windows: Windows) -> None:
    say("clear")
    windows.show("later")
    assert reviewing.current(CASE).comment == "clear"


def test_two_readers_never_write_over_each_other(windows: Windows) -> None:
    say("clear")
    windows.show("second", "Dr Bo")
    assert reviewing.current(CASE).comment == ""
    say("a nodule")
    windows.show("first")
    say("clear indeed")
    windows.show("second", "Dr Bo")
    assert kept().comment == "a nodule"
    assert reviewing.current(CASE).comment == "a nodule"


def test_of_two_windows_of_one_reader_the_later_is_told_and_reads_again(windows: Windows) -> None:
    say("clear")
    windows.show("second")
    assert reviewing.current(CASE).comment == "clear"
    windows.show("first")
    say("a nodule")
    windows.show("second")
    before = reviewing.loads()
    with pytest.raises(ReviewConflict):
        say("no nodule")
    assert reviewing.current(CASE).comment == "a nodule"
    assert reviewing.loads() == before + 1  # what still stands on the page is no word on what was read now
    assert say("no nodule").revision == 3


def test_a_review_that_was_signed_in_another_window_is_shown_signed(windows: Windows) -> None:
    say("clear")
    windows.show("second")
    reviewing.current(CASE)
    windows.show("first")
    reviewing.sign(CASE)
    windows.show("second")
    with pytest.raises(ReviewLocked):
        say("no nodule")
    assert reviewing.current(CASE).signed
    assert reviewing.current(CASE).comment == "clear"


def test_an_amendment_that_was_begun_in_another_window_is_shown(windows: Windows) -> None:
    say("clear")
    reviewing.sign(CASE)
    windows.show("second")
    reviewing.current(CASE)
    windows.show("first")
    reviewing.amend(CASE)
    say("a nodule")
    windows.show("second")
    with pytest.raises(ReviewLocked):
        reviewing.amend(CASE)
    assert reviewing.current(CASE).comment == "a nodule"


def test_what_was_signed_never_changes() -> None:
    say("clear")
    signed = reviewing.sign(CASE)
    with pytest.raises(ReviewLocked):
        say("a nodule")
    with pytest.raises(ReviewLocked):
        reviewing.mark(CASE, HERE, Mark.HERE, (0, 0))
    assert reviewing.took(CASE, Step.MAPPED) == signed
    amended = reviewing.amend(CASE)
    assert (amended.version, amended.comment, amended.signed) == (2, "clear", False)
    say("a nodule")
    store = keeping.store()
    assert store is not None
    assert [review.comment for review in store.reviews.of(CASE)] == ["clear", "a nodule"]
    assert store.reviews.of(CASE)[0] == signed


def test_steps_keep_their_first_time() -> None:
    first = reviewing.took(CASE, Step.OPENED, Step.ANSWERED)
    assert reviewing.took(CASE, Step.ANSWERED) == first
    assert [timed.step for timed in first.steps] == [Step.OPENED, Step.ANSWERED]


def test_marks_come_and_go_with_their_place() -> None:
    reviewing.mark(CASE, HERE, Mark.NOT_THERE, (1, 2))
    (region,) = kept().regions
    assert (region.box, region.mark, region.image_index, region.frame) == (HERE, Mark.NOT_THERE, 1, 2)
    reviewing.unmark(CASE, region)
    assert kept().regions == ()


def test_what_is_said_of_a_case_of_this_session_stays_in_it(windows: Windows) -> None:
    assert not reviewing.can_be_kept(ELSEWHERE)
    say("clear", ELSEWHERE)
    assert reviewing.current(ELSEWHERE).comment == "clear"
    assert keeping.kept_reviews() == ()
    windows.show("second")
    assert reviewing.current(ELSEWHERE).comment == ""


def test_a_case_that_was_removed_in_another_window_loses_no_word_of_this_one(windows: Windows) -> None:
    keeping.keep(Case("n", "Note", note=Note("Chest pain.", "0")))
    say("clear", "n")
    windows.show("second")
    keeping.remove("n")
    windows.show("first")
    assert say("still clear", "n").comment == "still clear"
    assert keeping.kept_reviews() == ()


def test_a_mark_is_moved_and_removed_where_it_stands() -> None:
    for box in (HERE, Box(5, 6, 7, 8)):
        reviewing.mark(CASE, box, Mark.HERE, (0, 0))
    first = reviewing.current(CASE).regions[0]
    moved = Box(2, 3, 4, 5)
    reviewing.change_mark(CASE, first, moved)
    assert [region.box for region in reviewing.current(CASE).regions] == [moved, Box(5, 6, 7, 8)]
    reviewing.change_mark(CASE, first, HERE)
    assert reviewing.current(CASE).regions[0].box == moved, "what is no longer there is not moved"
    reviewing.change_mark(CASE, reviewing.current(CASE).regions[0], None)
    assert [region.box for region in reviewing.current(CASE).regions] == [Box(5, 6, 7, 8)]


def test_key_images_are_kept_with_the_review() -> None:
    reviewing.keyed(CASE, {0, 1}, (KeyImage(1, 4), KeyImage(0, 2)))
    reviewing.keyed(CASE, {2}, (KeyImage(2, 0),))
    reviewing.keyed(CASE, {0, 1}, (KeyImage(1, 3),))
    held = kept()
    assert held is not None
    assert held.key_images == (KeyImage(1, 3), KeyImage(2, 0))
