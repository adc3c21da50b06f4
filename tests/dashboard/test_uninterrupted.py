"""A newer request of the browser breaks off what runs at any touch of the session's state; nothing said is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, RerunException, StopException

from dashboard import keeping, reviewing
from dashboard.components import verdict
from dashboard.uninterrupted import uninterrupted
from engine import ReadingOrder, sample_index

CASE = sample_index()[0].case_id


class Interrupted(dict[str, Any]):
    """A session's state whose touches of the given ranks raise, as Streamlit's do while another request waits."""

    def __init__(self) -> None:
        super().__init__()
        self.ranks: set[int] = set()
        self.touched = 0
        self.request: BaseException = RerunException(RerunData())

    def _touch(self) -> None:
        rank, self.touched = self.touched, self.touched + 1
        if rank in self.ranks:
            raise self.request

    def __getitem__(self, key: str) -> Any:
        self._touch()
        return super().__getitem__(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._touch()
        super().__setitem__(key, value)

    def __contains__(self, key: object) -> bool:
        self._touch()
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._touch()
        return super().get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self._touch()
        return super().setdefault(key, default)

    def begin(self, *ranks: int) -> None:
        self.ranks, self.touched = set(ranks), 0


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Interrupted:
    made = Interrupted()
    monkeypatch.setattr(st, "session_state", made)
    keeping.set_session("Dr Ada", ReadingOrder.MODEL_FIRST)
    return made


def say_and_sign(comment: str) -> None:
    reviewing.change(CASE, lambda review: replace(review, comment=comment))
    reviewing.sign(CASE)


def touches(state: Interrupted, act: Callable[[], object]) -> int:
    state.begin()
    act()
    return state.touched


def test_a_signature_is_kept_wherever_it_is_broken_off(state: Interrupted) -> None:
    say_and_sign("begun")
    reviewing.amend(CASE)
    for rank in range(touches(state, lambda: say_and_sign("counted"))):
        reviewing.amend(CASE)
        state.begin(rank)
        with pytest.raises(RerunException):
            uninterrupted(say_and_sign)(f"clear {rank}")
        state.begin()
        store = keeping.store()
        assert store is not None
        kept = store.reviews.latest(CASE, "Dr Ada")
        assert kept is not None
        assert kept.signed
        assert kept.comment == f"clear {rank}"
        assert reviewing.current(CASE) == kept


def test_what_the_session_holds_is_what_the_store_has_wherever_a_page_is_broken_off(state: Interrupted) -> None:
    """A page that was broken off between the two told its reader of another window that was not there."""
    reviewing.change(CASE, lambda review: replace(review, comment="begun"))
    say = reviewing.change
    for rank in range(touches(state, lambda: say(CASE, lambda review: replace(review, comment="counted")))):
        state.begin(rank)
        with pytest.raises(RerunException):
            say(CASE, lambda review, rank=rank: replace(review, comment=f"broken off {rank}"))
        state.begin()
        say(CASE, lambda review, rank=rank: replace(review, comment=f"after {rank}"))
        assert reviewing.current(CASE).comment == f"after {rank}"


def test_a_session_that_has_ended_is_not_tried_again(state: Interrupted) -> None:
    """Streamlit raises at every touch from then on."""
    state.request = StopException()
    state.begin(*range(10_000))
    with pytest.raises(StopException):
        uninterrupted(say_and_sign)("clear")
    assert state.touched == 1


def test_an_amendment_that_is_broken_off_is_made_once(state: Interrupted) -> None:
    """One that was done again after its end was told to have been changed in another window."""
    say_and_sign("begun")
    amend = partial(verdict._do_and_redraw, reviewing.amend, CASE)
    for rank in range(touches(state, amend)):
        reviewing.sign(CASE)
        before = reviewing.current(CASE).version
        state.begin(rank)
        with pytest.raises(RerunException):
            amend()
        state.begin()
        assert reviewing.current(CASE).version == before + 1
        assert not state.get("verdict-problems")


def test_what_is_not_broken_off_is_done_once(state: Interrupted) -> None:
    done: list[str] = []
    uninterrupted(done.append)("once")
    assert done == ["once"]
