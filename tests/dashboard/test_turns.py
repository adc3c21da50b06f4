"""Readers compute in the order of asking, a few at once, and know how long they wait; the background comes later."""

from __future__ import annotations

import threading
import time
from itertools import pairwise

import pytest

from dashboard import turns
from dashboard.background import Job, Progress
from dashboard.turns import Durations, Place, Turns, foreseen

PATIENCE = 30.0


def hold(line: Turns, kind: str, until: threading.Event, said: list[object]) -> threading.Thread:
    """Hold a place in another thread, which is begun when this returns."""
    begun = threading.Event()

    def work() -> None:
        with line.taken(kind, lambda place: (said.append(place), begun.set())):
            begun.set()
            said.append("in")
            until.wait(PATIENCE)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(PATIENCE)
    return thread


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_TELL_EVERY", 0.01)


def test_so_many_at_once_and_the_others_in_the_order_of_asking() -> None:
    line, order, done = Turns(2), list[int](), threading.Event()
    busy = [hold(line, "map", done, []) for _ in range(2)]

    def come(number: int, told: threading.Event) -> None:
        with line.taken("map", lambda _: told.set()):
            order.append(number)

    waiting = []
    for number in range(5):
        told = threading.Event()
        waiting.append(threading.Thread(target=come, args=(number, told)))
        waiting[-1].start()
        assert told.wait(PATIENCE)
    assert order == []
    done.set()
    for thread in (*busy, *waiting):
        thread.join(PATIENCE)
    assert sorted(order) == [0, 1, 2, 3, 4]
    assert order[0] in {0, 1}


def test_who_waits_is_told_how_many_come_first() -> None:
    line, done = Turns(1), threading.Event()
    said: list[list[object]] = [[], [], []]
    threads = [hold(line, "map", done, heard) for heard in said]
    time.sleep(0.05)
    done.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert said[0] == ["in"]
    assert said[1][0] == Place(0, None)
    assert said[2][0] == Place(1, None)
    assert said[2][-1] == "in"


def test_who_holds_a_place_needs_no_second_one() -> None:
    line = Turns(1)
    with line.taken("reply"), line.taken("analysis"):
        assert not line.room(0.0)
    assert line.room(0.0)


def test_one_who_goes_away_while_waiting_leaves_the_line() -> None:
    line, done = Turns(1), threading.Event()
    busy = hold(line, "map", done, [])

    def away(_: Place) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError), line.taken("map", away):
        pass
    done.set()
    busy.join(PATIENCE)
    assert line.room(PATIENCE)


def test_a_failure_gives_the_place_back() -> None:
    line = Turns(1)
    with pytest.raises(ValueError), line.taken("map"):
        raise ValueError
    assert line.room(0.0)


def test_what_comes_is_foreseen_from_what_was_measured() -> None:
    durations = Durations()
    assert foreseen(durations, ["map"], (), servers=2) == Place(1, None)
    for seconds in (1.0, 9.0, 2.0):
        durations.add("map", seconds)
    began = time.monotonic() - 0.5
    place = foreseen(durations, ["map", "map"], [("map", began), ("map", began - 100.0)], servers=2)
    assert place.before == 2
    assert place.seconds == pytest.approx((2.0 + 2.0 + 1.5) / 2, abs=0.2)


@pytest.mark.usefixtures("work_at_once")
def test_work_in_the_background_steps_aside_for_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A badge never holds up an answer, and goes on slowly where readers never end."""
    line = Turns(1)
    monkeypatch.setattr("dashboard.background.readers", lambda: line)
    monkeypatch.setattr("dashboard.background._ASIDE", 0.2)
    steps: list[float] = []

    def badge(progress: Progress) -> str:
        for _ in range(3):
            progress(0.5)
            steps.append(time.monotonic())
        return "done"

    with line.taken("analysis"):
        job = Job(badge)
        assert job.wait(PATIENCE)
    assert job.result == "done"
    assert min(later - sooner for sooner, later in pairwise(steps)) > 0.1
