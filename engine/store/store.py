"""The store: kept cases, answers and reviews over one database and one folder, and the chain of events over all."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.store.answers import Answers
from engine.store.audit import audit, event_of
from engine.store.blobs import Blobs, read_key
from engine.store.cases import Cases
from engine.store.chain import Action, ChainReport, Event, append
from engine.store.database import Database
from engine.store.folder import data_folder, installation_secret
from engine.store.reviews import Reviews
from engine.store.schema import EventRow


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
            return tuple(map(event_of, rows))

    def verify(self, *, files: bool = True) -> ChainReport:
        """Check the chain, that cases, answers and reviews are the ones it tells of, and that files are what they were.

        Parameters
        ----------
        files : bool
            Read and check every kept file as well.
        """
        return audit(self._database, self._blobs if files else None)


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
