"""Who computes when: readers who look at a page first, in the order of asking, and work in the background after them.

As many readers compute at once as there are cores. More at once would not be faster for anybody, would hold more in
memory, and would leave nobody a foreseeable wait.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from statistics import median

_REMEMBERED = 20  # durations of a kind
_TELL_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class Place:
    """Where somebody stands in a line.

    Parameters
    ----------
    before : int
        How many are served earlier.
    seconds : float or None
        Until it is their turn, as work of these kinds has taken lately; None where that was never measured.
    """

    before: int
    seconds: float | None


class Durations:
    """How long work of each kind has taken lately."""

    def __init__(self) -> None:
        self._taken: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def add(self, kind: str, seconds: float) -> None:
        """Note how long a piece of work took."""
        self._taken[kind].append(seconds)

    def usual(self, kind: str) -> float | None:
        """Return what such work usually takes, in seconds; None where none was measured."""
        taken = tuple(self._taken[kind])
        return median(taken) if taken else None


def foreseen(
    durations: Durations, ahead: Sequence[str], working: Iterable[tuple[str, float]], *, servers: int
) -> Place:
    """Tell a place in a line.

    Parameters
    ----------
    ahead : sequence of str
        The kinds of work that come first.
    working : iterable of (str, float)
        The kinds of work that are being done, and when each began, on the monotonic clock.
    servers : int
        How many are done at once.
    """
    usual = [durations.usual(kind) for kind in ahead]
    now = time.monotonic()
    left = [(durations.usual(kind), now - began) for kind, began in working]
    if any(seconds is None for seconds in (*usual, *(whole for whole, _ in left))):
        return Place(len(ahead), None)
    rest = sum(max((whole or 0.0) - spent, 0.0) for whole, spent in left)
    return Place(len(ahead), (sum(seconds or 0.0 for seconds in usual) + rest) / servers)


class Turns:
    """A line in front of a few places.

    Parameters
    ----------
    places : int
        How many work at once.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._changed = threading.Condition()
        self._line: dict[object, str] = {}  # tickets in the order of asking, and the kind of work
        self._working: dict[object, tuple[str, float]] = {}  # and when it began
        self._durations = Durations()
        self._mine = threading.local()

    @contextmanager
    def taken(self, kind: str, tell: Callable[[Place], object] = lambda _: None) -> Iterator[None]:
        """Wait for a place and hold it; whoever holds one already goes on at once.

        Parameters
        ----------
        kind : str
            Of the work, by which its duration is foreseen.
        tell : callable
            Told now and then where one stands as long as one has to wait.
        """
        if getattr(self._mine, "held", False):
            yield
            return
        ticket = object()
        self._wait(ticket, kind, tell)
        self._mine.held = True
        began = time.monotonic()
        try:
            yield
            self._durations.add(kind, time.monotonic() - began)
        finally:
            self._mine.held = False
            with self._changed:
                del self._working[ticket]
                self._changed.notify_all()

    def room(self, patience: float, *, beside: int = 0) -> bool:
        """Wait until nobody stands in line and more than so many places are free; False where they are not in time."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not self._line and len(self._working) + beside < self._places, patience
            )

    def _wait(self, ticket: object, kind: str, tell: Callable[[Place], object]) -> None:
        with self._changed:
            self._line[ticket] = kind
        try:
            while not self._admitted(ticket, kind):
                tell(self._place(ticket))
        except BaseException:  # Streamlit ends a script where it draws
            with self._changed:
                del self._line[ticket]
                self._changed.notify_all()
            raise

    def _admitted(self, ticket: object, kind: str) -> bool:
        """Go in where it is one's turn, waiting for it a little."""
        with self._changed:
            mine = self._changed.wait_for(lambda: self._is_next(ticket), _TELL_EVERY)
            if mine:
                del self._line[ticket]
                self._working[ticket] = kind, time.monotonic()
                self._changed.notify_all()  # there may be another place for who stands behind
            return mine

    def _is_next(self, ticket: object) -> bool:
        return len(self._working) < self._places and next(iter(self._line)) is ticket

    def _place(self, ticket: object) -> Place:
        with self._changed:
            ahead = list(takewhile(lambda other: other is not ticket, self._line))
            kinds = [self._line[other] for other in ahead]
            working = tuple(self._working.values())
        return foreseen(self._durations, kinds, working, servers=self._places)


@cache
def readers() -> Turns:
    """Return the line of this process in which readers wait for what they look at."""
    return Turns(os.cpu_count() or 2)
