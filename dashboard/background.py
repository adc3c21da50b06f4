"""Work behind the reader's back: in a thread, with progress, and given up when nobody waits for it any more.

Two pieces of work at a time for the whole process, in the order of asking: the pages of all readers stay quick, and one
long note does not hold up every other reader.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cache
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from engine import AttendingError

_T = TypeVar("_T")
_WORKERS = 2
_PAUSE = 0.6  # seconds before work begins: the page that asks for it is drawn first

Progress = Callable[[float], None]


class _GivenUp(Exception):
    """Nobody waits for the result."""


class Job(Generic[_T]):
    """A piece of work; it calls ``progress(share)`` now and then, which ends it when it was given up.

    Parameters
    ----------
    work : callable
        ``progress -> result``; called in another thread, where Streamlit must not be used.

    Attributes
    ----------
    share : float
        How much is done, in [0, 1].
    result : object or None
        None until it is done, and where it failed.
    failed : str
        What went wrong, for the reader; empty where nothing did.
    """

    def __init__(self, work: Callable[[Progress], _T]) -> None:
        self.share = 0.0
        self.result: _T | None = None
        self.failed = ""
        self._work: Callable[[Progress], _T] | None = work
        self._begins = time.monotonic() + _PAUSE
        self._given_up = threading.Event()
        self._ended = threading.Event()
        _queue().put(self)

    @property
    def ended(self) -> bool:
        """True when there is a result, or there will be none."""
        return self._ended.is_set()

    def give_up(self) -> None:
        """End the work at its next call of progress."""
        self._given_up.set()

    def wait(self, seconds: float) -> bool:
        """Wait until the work has ended; False where it has not in so many seconds."""
        return self._ended.wait(seconds)

    def run(self) -> None:
        """Do the work, in the thread that calls."""
        work, self._work = self._work, None  # what it holds is freed when it ends
        try:
            self._given_up.wait(self._begins - time.monotonic())
            self._progress(0.0)
            if work:
                self.result = work(self._progress)
        except _GivenUp:
            pass
        except AttendingError as error:
            self.failed = str(error)
        except Exception as error:  # told by its kind alone: its words may quote a patient's file
            self.failed = f"This is our fault, not yours: {type(error).__name__} in the program."
        finally:
            self._ended.set()

    def _progress(self, share: float) -> None:
        if self._given_up.is_set():
            raise _GivenUp
        self.share = share


@cache
def _queue() -> SimpleQueue[Job[Any]]:
    """Start the threads that take one job after the other, once a process."""
    jobs: SimpleQueue[Job[Any]] = SimpleQueue()

    def work() -> None:
        while True:
            jobs.get().run()

    for _ in range(_WORKERS):
        threading.Thread(target=work, name="background", daemon=True).start()
    return jobs
