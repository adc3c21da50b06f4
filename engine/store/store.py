"""The store: kept cases, answers and reviews over one database and one folder, and the chain of events over all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import StoreError
from engine.store.answers import Answers
from engine.store.blobs import Blobs, read_key
from engine.store.cases import Cases
from engine.store.chain import Action, ChainReport, Event, append, check, content_digest
from engine.store.database import Database
from engine.store.folder import data_folder, installation_secret
from engine.store.reviews import Reviews
from engine.store.schema import AnswerRow, CaseRow, EventRow, HeadRow, ReviewRow


class Store:
    """Everything that is kept; safe for many threads, and for many processes on one database.

    Parameters
    ----------
    folder : pathlib.Path
        Where files and, without a URL, the database lie.
    url : str or None
        Of the database; None is SQLite in the folder.
    key : bytes or None
        32 bytes with which files are encrypted; None leaves them as they are.

    Raises
    ------
    StoreUnavailable
        If the database or the folder cannot be used.
    """

    def __init__(self, folder: Path, url: str | None = None, key: bytes | None = None) -> None:
        secret = installation_secret(folder)
        self._blobs = Blobs(folder / "files", key)
        self._database = Database(url or f"sqlite:///{folder / 'attending.sqlite'}")
        self.cases = Cases(self._database, self._blobs, secret)
        self.answers = Answers(self._database)
        self.reviews = Reviews(self._database)

    def close(self) -> None:
        """Give all connections back."""
        self._database.close()

    def record(self, actor: str, action: Action, subject: str, **detail: Any) -> None:
        """Put an event into the chain that changes nothing else: a case was opened, a report taken away."""
        with self._database.writing() as session:
            append(session, actor, action, subject, **detail)

    def events(self, *, latest: int = 200) -> tuple[Event, ...]:
        """Read the last events, newest first."""
        with self._database.reading() as session:
            rows = session.scalars(select(EventRow).order_by(EventRow.place.desc()).limit(latest))
            return tuple(map(_event, rows))

    def verify(self, *, files: bool = True) -> ChainReport:
        """Check the chain, that reviews and answers are the ones it tells of, and that files are what they were.

        Parameters
        ----------
        files : bool
            Read and check every kept file as well.
        """
        with self._database.reading() as session:
            head = session.scalars(select(HeadRow)).one()
            links = session.scalars(select(EventRow).order_by(EventRow.place).execution_options(yield_per=1000))
            report = check(map(_event, links), head.place, head.digest)
            faults = [*report.faults, *_unvouched(session)]
            blobs = list(session.scalars(select(CaseRow.blob).where(CaseRow.blob.is_not(None)))) if files else []
        return ChainReport(report.links, report.digest, (*faults, *self._damaged(blobs)))

    def _damaged(self, blobs: list[str | None]) -> Iterator[str]:
        for blob in blobs:
            try:
                self._blobs.get(blob or "")
            except StoreError as error:
                yield f"File {(blob or '')[:12]}: {error.happened}"


@cache
def open_store() -> Store:
    """Open this installation's store, once a process, as ATTENDING_HOME, _DATABASE_URL and _KEY say.

    Raises
    ------
    StoreError
        If it cannot be used; the next call tries again.
    """
    key = os.environ.get("ATTENDING_KEY")
    return Store(data_folder(), os.environ.get("ATTENDING_DATABASE_URL"), read_key(key) if key else None)


def _event(row: EventRow) -> Event:
    return Event(row.place, row.at, row.actor, row.action, row.subject, row.detail, row.before, row.digest)


def _unvouched(session: Session) -> Iterator[str]:
    """What is kept, but not as the chain says it was written."""
    told = set(session.scalars(select(EventRow.detail["content"].as_string())))
    for table in (ReviewRow, AnswerRow):
        for case_id, content in session.execute(select(table.case_id, table.content)):
            if content_digest(content) not in told:
                yield f"One of the {table.__tablename__} of case {case_id[:16]} is not as it was written."
    cases = select(CaseRow.case_id, CaseRow.blob).where(CaseRow.blob.is_not(None))
    added = select(EventRow.subject, EventRow.detail["blob"].as_string()).where(
        EventRow.action == Action.CASE_ADDED.value
    )
    vouched = {tuple(pair) for pair in session.execute(added)}
    for case_id, blob in session.execute(cases):
        if (case_id, blob) not in vouched:
            yield f"Case {case_id[:16]} is not the one that was added."
