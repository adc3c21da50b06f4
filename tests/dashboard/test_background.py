"""Work in the background: progress, results, failures told, and an end when nobody waits."""

from __future__ import annotations

import threading
import time
import weakref

import pytest

from dashboard import background
from dashboard.background import Job, Progress
from engine import CaseError, log_number, numbered

PATIENCE = 30.0
pytestmark = pytest.mark.usefixtures("work_at_once")


def test_a_result_comes_with_progress() -> None:
    def work(progress: Progress) -> str:
        progress(0.5)
        return "done"

    job = Job(work)
    assert job.wait(PATIENCE)
    assert (job.ended, job.result, job.share, job.failed) == (True, "done", 0.5, "")


def test_work_is_given_up_at_its_next_call() -> None:
    begun, go_on = threading.Event(), threading.Event()
    reached: list[str] = []

    def work(progress: Progress) -> str:
        begun.set()
        go_on.wait(PATIENCE)
        progress(0.5)
        reached.append("beyond")
        return "done"

    job = Job(work)
    assert begun.wait(PATIENCE)
    job.give_up()
    go_on.set()
    assert job.wait(PATIENCE)
    assert job.result is None
    assert reached == []


def test_work_that_nobody_wants_any_more_is_not_begun() -> None:
    hold = threading.Event()
    before = [Job(lambda _: hold.wait(PATIENCE)) for _ in range(background._WORKERS)]
    called: list[int] = []
    second = Job(lambda _: called.append(1))
    second.give_up()
    hold.set()
    assert all(job.wait(PATIENCE) for job in before)
    assert second.wait(PATIENCE)
    assert called == []


def test_no_more_at_once_than_there_are_workers() -> None:
    working, seen = threading.Semaphore(background._WORKERS), []

    def work() -> None:
        seen.append(working.acquire(blocking=False))
        time.sleep(0.01)
        working.release()

    jobs = [Job(lambda _: work()) for _ in range(6)]
    assert all(job.wait(PATIENCE) for job in jobs)
    assert seen == [True] * 6


def test_our_own_errors_are_told_and_others_by_their_kind_alone() -> None:
    def ours(_: Progress) -> None:
        raise CaseError("The note has no words.", "Give a note with text.")

    def foreign(_: Progress) -> None:
        raise ValueError("Jane Doe")

    told = []
    for work in (ours, foreign):
        job = Job(work)
        assert job.wait(PATIENCE)
        told.append(job.failed)
    assert told[0] == "The note has no words. Give a note with text."
    assert "ValueError" in told[1]
    assert "Jane" not in told[1]


def test_one_session_with_ten_jobs_does_not_hold_up_another() -> None:
    go_on, order = threading.Event(), list[str]()
    busy = [Job(lambda _: go_on.wait(PATIENCE), owner=object()) for _ in range(background._WORKERS)]
    while any(job.place for job in busy):
        time.sleep(0.01)
    many, one = object(), object()
    jobs = [Job(lambda _, name=name: order.append(name), owner=many) for name in "abcdefghij"]
    jobs.append(Job(lambda _: order.append("the other's"), owner=one))
    place = jobs[-1].place
    assert place is not None
    assert place.before == 1
    jobs[0].give_up()
    place = jobs[-1].place
    assert place is not None
    assert place.before == 0
    go_on.set()
    assert all(job.wait(PATIENCE) for job in (*busy, *jobs))
    assert "a" not in order
    assert order.index("the other's") <= 2
    assert jobs[-1].place is None


def test_work_that_is_given_up_lets_go_of_what_it_holds_at_once() -> None:
    class Pixels:
        pass

    go_on, pixels = threading.Event(), Pixels()
    busy = [Job(lambda _: go_on.wait(PATIENCE)) for _ in range(background._WORKERS)]
    job = Job(lambda _, held=pixels: held)
    gone = weakref.ref(pixels)
    del pixels
    job.give_up()
    assert gone() is None
    go_on.set()
    assert all(waiting.wait(PATIENCE) for waiting in (*busy, job))


def test_a_failure_is_found_in_the_log_under_the_number_of_the_page(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    def work(progress: Progress) -> None:
        seen.append(log_number())
        raise RuntimeError("JANE^DOE")

    with numbered("ABCD-1234"):
        job = Job(work)
    assert job.wait(PATIENCE)
    assert seen == ["ABCD-1234"]
    assert job.failed.endswith("RuntimeError in the program. Say the number ABCD-1234 when you report it.")
    assert [(record.message, record.kind) for record in caplog.records] == [  # type: ignore[attr-defined]
        ("Work in the background failed.", "RuntimeError")
    ]
