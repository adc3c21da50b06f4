"""What the dashboard keeps for good: the store of this installation, and who reads in which order in this session.

Where the store cannot be used the dashboard goes on without it, and says so: nothing is then kept beyond the session.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

import engine
from dashboard import access, cache
from dashboard.access import Account, Role
from dashboard.lines import kept_line, sample_line
from dashboard.turns import readers
from engine import (
    Action,
    Analysis,
    AttendingError,
    Case,
    Line,
    Order,
    Page,
    Query,
    ReadingOrder,
    Review,
    Store,
    Task,
)

_READER, _ORDER, _REFUSED = "reader", "reading-order", "store-refused"
_ASIDE = 30.0  # seconds that a waiting case stands back for readers, at most
_AGAIN = 3.0  # seconds until a store that could not be used is tried again: a page asks for it many times
_LATER = 15.0  # seconds until it is tried again where no reader waits
SOMEBODY = "reader"
"""Who reads where nobody has given a name."""


@dataclass(frozen=True)
class Unusable:
    """Why nothing can be kept, and when that was found, in seconds of the monotonic clock."""

    error: AttendingError
    at: float


def store() -> Store | None:
    """Return this installation's store; None where it cannot be used."""
    found = _opened()
    return found if isinstance(found, Store) else None


def trouble() -> AttendingError | None:
    """Why nothing can be kept; None where all is well."""
    found = _opened()
    return found.error if isinstance(found, Unusable) else None


def reader() -> str:
    """Who reads in this session: who has signed in, under a name that nobody else has, else the name that was given."""
    known = access.account()
    return _name_of(known) if known.person else str(st.session_state.get(_READER) or SOMEBODY)


def _name_of(known: Account) -> str:
    """The store gives the name; as long as it cannot, part of what identifies its bearer stands beside it."""
    kept = store()
    if kept is not None:
        with suppress(AttendingError):
            return _kept_name(kept, known.person, known.name)
    return f"{known.name} · {known.person[:12]}"


@functools.lru_cache(maxsize=1024)
def _kept_name(kept: Store, person: str, wanted: str) -> str:
    return kept.reader_name(person, wanted)


def reading_order() -> ReadingOrder:
    """Who speaks first in this session, as the person who runs it has chosen."""
    return ReadingOrder(st.session_state.get(_ORDER, ReadingOrder.MODEL_FIRST))


def everything() -> Query:
    """All cases as the reader may see them before their own word: the order by priority would tell the model's."""
    blind = reading_order() is ReadingOrder.READ_FIRST
    return Query(reader=reader(), order=Order.NEWEST if blind else Order.PRIORITY, blind=blind)


def set_session(name: str, order: ReadingOrder) -> None:
    """Say who reads, and who speaks first."""
    st.session_state[_READER] = name.strip()
    st.session_state[_ORDER] = order


def keep(case: Case, *, names: str | None = None, pixels: Mapping[str, str | int] | None = None) -> bool:
    """Keep an opened case; False where it was kept before, or nothing can be kept.

    Parameters
    ----------
    names : str or None
        What became of the names in its note.
    pixels : mapping or None
        What the reader decided about text that is burned into its pixels.
    """
    kept = store()
    return kept is not None and kept.cases.add(case, kept_line(case), actor=reader(), names=names, pixels=pixels)


def known_here(case: Case) -> Case:
    """The case under this installation's keys of patient and study, so that opened and kept cases know each other."""
    kept = store()
    return kept.cases.known_here(case) if kept is not None else case


def page(query: Query) -> Page:
    """One page of what is kept; the samples alone where nothing can be kept."""
    kept = store()
    if kept is not None:
        return kept.cases.page(query)
    lines = _samples()
    return Page(lines[query.first : query.first + query.size], len(lines), 0)


def order(query: Query) -> tuple[str, ...]:
    """The ids of all cases of a query in their order."""
    kept = store()
    return kept.cases.order(query) if kept is not None else tuple(line.case_id for line in _samples())


def line(case_id: str) -> Line | None:
    """The line of a kept case; None where there is none."""
    kept = store()
    if kept is not None:
        return kept.cases.line(case_id, reader())
    return next((line for line in _samples() if line.case_id == case_id), None)


def waiting() -> int:
    """How many kept cases wait for the models."""
    kept = store()
    return kept.cases.waiting() if kept is not None else 0


def kept_case(case_id: str) -> Case | None:
    """Read a kept case back; None where its content is not in the store, as with samples.

    Raises
    ------
    AttendingError
        If it was kept and cannot be read.
    """
    kept = store()
    if kept is None:
        return None
    with suppress(engine.NotKept):
        return kept.cases.read(case_id)
    return None


def review_of(case_id: str) -> Review:
    """The reader's newest review of a case; a fresh one where there is none, in this session's order of reading."""
    kept = store()
    found = kept.reviews.latest(case_id, reader()) if kept is not None else None
    return found or Review(case_id, reader(), order=reading_order())


def keep_answer(analysis: Analysis, task: Task) -> None:
    """Keep what a model said of a kept case; nothing happens where the case belongs to the session alone.

    Raises
    ------
    AttendingError
        If it cannot be kept.
    """
    kept = store()
    if kept is not None:
        with suppress(engine.NotKept):
            engine.keep_answer(kept, engine.answer_of(analysis), task, actor=reader())


def events(latest: int) -> tuple[engine.Event, ...]:
    """The last events, newest first."""
    access.require(Role.ADMIN)
    kept = store()
    return kept.events(latest=latest) if kept is not None else ()


def verify() -> engine.ChainReport:
    """Check the chain and everything that is kept.

    Raises
    ------
    AttendingError
        If nothing can be kept.
    """
    access.require(Role.ADMIN)
    return engine.open_store().verify()


def same_patient(case_id: str) -> tuple[str, ...]:
    """The ids of the other kept cases of the same patient."""
    kept = store()
    return kept.cases.same_patient(case_id) if kept is not None else ()


def recorded(make: Callable[[], bytes | str], action: Action, subject: str, **detail: str) -> Callable[[], bytes | str]:
    """Make something to take away that is put into the chain when it is taken, by whoever reads now."""
    kept, actor, spoken = store(), reader(), engine.language()

    def taken() -> bytes | str:
        with engine.speaking(spoken):  # it is made when the reader takes it, in a thread of its own
            content = make()
        if kept is not None:
            kept.record(actor, action, subject, **detail)
        return content

    return taken


def whether_kept(*case_ids: str) -> Callable[[], bool]:
    """What tells outside a session too whether cases are kept; where nothing can be kept now, nothing was removed."""
    kept = store()
    return lambda: kept is None or all(kept.cases.line(case_id) is not None for case_id in case_ids)


def remove(case_id: str) -> None:
    """Take a kept case away for good."""
    access.require(Role.ADMIN)
    kept = store()
    if kept is not None:
        kept.cases.remove(case_id, actor=reader())


def remove_patient_of(case_id: str) -> int:
    """Take every kept case of the same patient away for good; return how many they were."""
    access.require(Role.ADMIN)
    kept = store()
    return kept.cases.remove_patient_of(case_id, actor=reader()) if kept is not None else 0


def kept_reviews() -> tuple[Review, ...]:
    """Every version of every review."""
    access.require(Role.LEAD)
    kept = store()
    return kept.reviews.all() if kept is not None else ()


def kept_answers() -> tuple[engine.Answer, ...]:
    """Everything that models said."""
    access.require(Role.LEAD)
    kept = store()
    return kept.answers.all() if kept is not None else ()


@functools.cache
def begin_reading() -> threading.Event:
    """Ask the models about kept cases behind the readers' backs, once a process; returns what ends it."""
    stop = threading.Event()
    threading.Thread(target=_read_waiting, args=(stop,), name="analyst", daemon=True).start()
    return stop


def _read_waiting(stop: threading.Event) -> None:
    """Readers first: their models are loaded before waiting cases are read, and what they look at goes before each."""
    kept = _opened_at_last(stop)
    if kept is None:
        return
    retention = engine.Retention(kept, engine.keep_days())
    retention.look()
    cache.warm_up().join()
    engine.read_waiting(kept, stop, retention=retention, room=lambda: readers().room(_ASIDE))


def _opened_at_last(stop: threading.Event) -> Store | None:
    """Open the store, however long it takes until it can be used; None where `stop` is set before."""
    while not stop.is_set():
        try:
            return _open()
        except AttendingError as error:  # a database may start after this server
            engine.log_error(__name__, "The store cannot be opened: retention and the analyst wait.", error)
            stop.wait(_LATER)
    return None


def _open() -> Store:
    """Open the store, with the samples on its worklist."""
    found = engine.open_store()
    _offer_samples(found)
    return found


def _opened() -> Store | Unusable:
    """Open the store; one that cannot be opened is tried again after a while."""
    refused: Unusable | None = st.session_state.get(_REFUSED)
    if refused is not None and time.monotonic() - refused.at < _AGAIN:
        return refused
    try:
        return _open()
    except AttendingError as error:
        refused = st.session_state[_REFUSED] = Unusable(error, time.monotonic())
        return refused


@functools.cache
def _offer_samples(found: Store) -> None:
    found.cases.add_samples(_samples())


@functools.cache
def _samples() -> tuple[Line, ...]:
    return tuple(map(sample_line, engine.sample_index()))
