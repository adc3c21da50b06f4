"""What many readers do at once, how long each step takes them, and whether each sees their own answer."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from dashboard.load.films import TASK, Film
from dashboard.load.session import LoadError, ReaderSession, reading

_THINK = (1.0, 5.0)  # seconds between steps
_TURNS = 2  # cases that a reader turns to


@dataclass
class Tally:
    """Seconds of each step, and what went wrong; written to by all readers."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    visits: int = 0
    unfinished: int = 0

    def timed(self, step: str, work: Any, *given: Any) -> Any:
        """Do one step and keep how long it took."""
        began = time.monotonic()
        result = work(*given)
        self.seconds[step].append(time.monotonic() - began)
        return result


@dataclass(frozen=True)
class Pace:
    """How readers behave.

    Parameters
    ----------
    thinking : bool
        Whether they look at what they see for some seconds before the next step.
    """

    thinking: bool = True

    def think(self, chance: random.Random) -> None:
        """Look at the page."""
        if self.thinking:
            time.sleep(chance.uniform(*_THINK))


def read_together(address: str, films: Sequence[Film], *, seconds: float, pace: Pace) -> Tally:
    """Let one reader for each film come again and again for so many seconds.

    A step that was begun then is ended, but for checks of maps, which may take longer and are counted as not there yet.
    """
    tally, ends = Tally(), time.monotonic() + seconds
    stop = threading.Event()

    def come(number: int) -> None:
        chance = random.Random(number)
        pace.think(chance)
        for _ in count():
            if time.monotonic() > ends or stop.is_set():
                return
            visit(address, films[number], tally, pace, chance, ends)

    with ThreadPoolExecutor(len(films)) as threads:
        for done in [threads.submit(come, number) for number in range(len(films))]:
            try:
                done.result()
            except BaseException:
                stop.set()
                raise
    return tally


def visit(address: str, film: Film, tally: Tally, pace: Pace, chance: random.Random, ends: float) -> None:
    """Open the worklist, upload a film, ask for another map, wait for its badge, turn to other cases, and leave."""
    try:
        with reading(address) as session:
            pace.think(chance)
            tally.timed("a page", session.go_to, "open_case")
            pace.think(chance)
            tally.timed("upload to answer", session.upload, "-upload-files-", "film.png", film.content)
            _check(session, film)
            pace.think(chance)
            tally.timed("another map", session.choose, f"-{TASK}-0-0-label", film.labels[1])
            _check(session, film)
            _await_badge(session, tally, max(ends - time.monotonic(), 1.0))
            for _ in range(_TURNS):
                if time.monotonic() < ends:
                    pace.think(chance)
                    tally.timed("next case", session.press, "-next-case")
            tally.visits += 1
    except (LoadError, OSError, TimeoutError) as error:
        tally.wrong.append(f"{type(error).__name__}: {error}")


def _await_badge(session: ReaderSession, tally: Tally, patience: float) -> None:
    began = time.monotonic()
    if session.settle(lambda words: "data-verdict" in words, patience):
        tally.seconds["its badge"].append(time.monotonic() - began)
    else:
        tally.unfinished += 1


def _check(session: ReaderSession, film: Film) -> None:
    """Whether the answer on the page is that of the film that this session has uploaded."""
    words = " ".join(session.words)
    table = words[words.index("at-findings") :] if 'class="at-findings' in words else ""
    if not all(f">{number}<" in table for number in film.said):
        raise LoadError("an answer is not that of the session's own film")
