"""Work in the background: progress, results, failures told, and an end when nobody waits."""

from __future__ import annotations

import threading
import time

import pytest

from dashboard import background
from dashboard.background import Job, Progress
from engine import CaseError

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
