"""Long sequences that are searched behind the reader's back, and what was found so far of each.

A search belongs to its session: it goes on while the reader looks at other cases, and what it has found is kept.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from typing import TypeAlias

import streamlit as st

from dashboard.background import Job, Progress
from engine import Case, LoadedModel, Scan, scan

_KEY = "searches"
_KEPT = 2_000  # every sequence of the largest upload, and as many again
_Place: TypeAlias = tuple[str, str]  # case and model


class Search:
    """One sequence being searched, on both strands.

    Attributes
    ----------
    job : Job of Scan
        The work.
    so_far : Scan or None
        What was found in the part that is done; None before the first report.
    """

    def __init__(self, case: Case, model: LoadedModel, owner: object) -> None:
        self.so_far: Scan | None = None
        self._began = 0.0
        self._stopped = threading.Event()
        self.job: Job[Scan] = Job(lambda progress: self._work(case, model, progress), owner=owner, kind="scan")

    @property
    def found(self) -> Scan | None:
        """What is known: all, or what was found so far."""
        return self.job.result or self.so_far

    @property
    def left(self) -> float | None:
        """Seconds until it is done, as foreseen from its pace; None where that cannot be told yet."""
        share = self.job.share
        return (time.monotonic() - self._began) * (1 - share) / share if share and self._began else None

    @property
    def stopped(self) -> bool:
        """Whether somebody has ended it."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End the search; what it has found until then is its result."""
        self._stopped.set()

    def _work(self, case: Case, model: LoadedModel, progress: Progress) -> Scan:
        self._began = time.monotonic()
        return scan(case, model, progress=progress, found=self._tell, stop=self._stopped.is_set)

    def _tell(self, found: Scan) -> None:
        self.so_far = found


class Searches:
    """The searches of one session, and which sequences were opened together."""

    def __init__(self) -> None:
        self._owner = object()
        self._held: OrderedDict[_Place, Search] = OrderedDict()
        self._together: tuple[Case, ...] = ()
        weakref.finalize(self, _give_up, self._held)

    def of(self, case: Case, model: LoadedModel) -> Search:
        """Return the search of a case, begun when it is first asked for."""
        place = (case.case_id, model.digest)
        if place not in self._held:
            self._held[place] = Search(case, model, self._owner)
        while len(self._held) > _KEPT:
            self._held.popitem(last=False)[1].job.give_up()
        return self._held[place]

    def anew(self, case: Case, model: LoadedModel) -> None:
        """Begin the search of a case once more, as of one that was stopped."""
        before = self._held.pop((case.case_id, model.digest), None)
        if before is not None:
            before.job.give_up()
        self.of(case, model)

    def forget(self, case_id: str) -> None:
        """Give up and forget what concerns a case that was removed."""
        for place in [place for place in self._held if place[0] == case_id]:
            self._held.pop(place).job.give_up()
        self._together = tuple(case for case in self._together if case.case_id != case_id)

    def opened(self, cases: Sequence[Case]) -> None:
        """Note the sequences of one upload; the latest upload's are held."""
        self._together = tuple(case for case in cases if case.sequence is not None)

    def beside(self, case: Case) -> tuple[Case, ...]:
        """Return all sequences that were opened with a case, and itself; empty where it came alone."""
        here = any(one.case_id == case.case_id for one in self._together)
        return self._together if here and len(self._together) > 1 else ()


def searches() -> Searches:
    """Return this session's searches."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Searches()
    held: Searches = st.session_state[_KEY]
    return held


def _give_up(held: OrderedDict[_Place, Search]) -> None:
    """End what still runs: the session has ended."""
    for search in held.values():
        search.job.give_up()
