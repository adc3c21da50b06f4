"""Work behind the reader's back: in a thread, with progress, and given up when nobody waits for it any more.

Two pieces of work at a time for the whole process, each session's in its turn: the pages of all readers stay quick, and
one who asks for much does not hold up the others. It steps aside as long as readers wait for what they look at.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, Generic, TypeVar

from dashboard.fair_queue import FairQueue
from dashboard.turns import Durations, Place, foreseen, readers
from engine import AttendingError, language, log_error, log_number, numbered, speaking, tr

_T = TypeVar("_T")
_WORKERS = 2
_PAUSE = 0.6  # seconds before work begins: the page that asks for it is drawn first
_ASIDE = 0.5  # seconds that work steps aside at each call of progress, at most: it is slowed down, never stopped

Progress = Callable[[float], None]


class _GivenUp(Exception):
    """Nobody waits for the result."""


class Job(Generic[_T]):
    """A piece of work; it calls ``progress(share)`` now and then, which ends it when it was given up.

    Parameters
    ----------
    work : callable
        ``progress -> result``; called in another thread, where Streamlit must not be used.
    owner : hashable
        The session that asks: sessions are served in turns.
    kind : str
        Of the work, by which its duration is foreseen.
    patient : bool
        Whether it begins only when no other work waits: nobody has asked for it yet.

    Attributes
    ----------
    share : float
        How much is done, in [0, 1].
    result : object or None
        None until it is done, and where it failed.
    failed : str
        What went wrong, for the reader; empty where nothing did.
    """

    def __init__(
        self, work: Callable[[Progress], _T], *, owner: Hashable = None, kind: str = "", patient: bool = False
    ) -> None:
        self.share = 0.0
        self.result: _T | None = None
        self.failed = ""
        self.kind = kind
        self.patient = patient
        self._work: Callable[[Progress], _T] | None = work
        self._language = language()  # of who asks
        self._number = log_number()  # of the page that asks: errors are found under it
        self._begins = time.monotonic() + _PAUSE
        self._beside = 0
        self._given_up = threading.Event()
        self._ended = threading.Event()
        _office().take(owner, self)

    @property
    def ended(self) -> bool:
        """True when there is a result, or there will be none."""
        return self._ended.is_set()

    @property
    def place(self) -> Place | None:
        """Where it stands in the line; None where it has begun."""
        return _office().place(self)

    def give_up(self) -> None:
        """End the work at its next call of progress, or before it has begun."""
        self._given_up.set()
        self._work = None  # what it holds is freed although it still stands in line

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for it."""
        return not self._given_up.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the work has ended; False where it has not in so many seconds."""
        return self._ended.wait(seconds)

    def run(self, beside: int = 0) -> bool:
        """Do the work, in the thread that calls; True where it came to its end.

        Parameters
        ----------
        beside : int
            How many other workers it leaves room for besides the readers.
        """
        with numbered(self._number) as number:
            return self._run(number, beside)

    def _run(self, number: str, beside: int) -> bool:
        work, self._work = self._work, None  # what it holds is freed when it ends
        self._beside = beside
        try:
            self._given_up.wait(self._begins - time.monotonic())
            self._progress(0.0)
            if work:
                with speaking(self._language):
                    self.result = work(self._progress)
            return True
        except _GivenUp:
            pass
        except AttendingError as error:
            self.failed = str(error)
        except Exception as error:  # told by its kind alone: its words may quote a patient's file
            log_error(__name__, "Work in the background failed.", error)
            with speaking(self._language):
                self.failed = tr(
                    "This is our fault, not yours: {name} in the program. Say the number {number} when you report it.",
                    name=type(error).__name__,
                    number=number,
                )
        finally:
            self._ended.set()
        return False

    def _progress(self, share: float) -> None:
        readers().room(_ASIDE, beside=self._beside)
        if self._given_up.is_set():
            raise _GivenUp
        self.share = share


class Office:
    """Where jobs wait for the workers.

    Parameters
    ----------
    workers : int
        How many threads work; with none jobs only wait.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._line: FairQueue[Job[Any]] = FairQueue()
        self._working: dict[int, tuple[str, float]] = {}
        self._durations = Durations()
        for number in range(workers):
            threading.Thread(target=self._serve, args=(number,), name="background", daemon=True).start()

    def take(self, owner: Hashable, job: Job[Any]) -> None:
        """Let a job wait for its owner's turn."""
        self._line.put(owner, job, patient=job.patient)

    def place(self, job: Job[Any]) -> Place | None:
        """Where a job stands in the line; None where it has begun."""
        ahead = self._line.before(job)
        if ahead is None:
            return None
        working = tuple(self._working.values())
        return foreseen(
            self._durations, [other.kind for other in ahead if other.wanted], working, servers=max(self._workers, 1)
        )

    def _serve(self, number: int) -> None:
        while True:
            job = self._line.get()
            began = time.monotonic()
            self._working[number] = job.kind, began
            if job.run(beside=number):
                self._durations.add(job.kind, time.monotonic() - began)
            del self._working[number], job  # nothing of a patient stays with a thread that waits


@cache
def _office() -> Office:
    """Start the threads that take one job after the other, once a process."""
    return Office(_WORKERS)
