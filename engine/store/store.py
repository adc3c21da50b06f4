"""The store: kept cases, answers and reviews over one database and one folder, and the chain of events over all."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.store.answers import Answers
from engine.store.audit import audit, event_of, links
from engine.store.backup import restore_backup, write_backup
from engine.store.blobs import Blobs, read_key
from engine.store.cases import Cases
from engine.store.chain import Action, ChainReport, Event, append
from engine.store.database import Database
from engine.store.folder import FILES, data_folder, database_url, installation_secret, new_file
from engine.store.reviews import Reviews
from engine.store.schema import CaseRow, EventRow


@dataclass(frozen=True)
class StoreFacts:
    """The kind of database, how many cases and files there are, and how many of the files are encrypted."""

    database: str
    cases: int
    files: int
    sealed: int


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
        self._secret = installation_secret(folder)
        self._blobs = Blobs(folder / FILES, key)
        self._database = Database(url or database_url(folder))
        self.cases = Cases(self._database, self._blobs, self._secret)
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

    def export_events(self, out: Path) -> int:
        """Write the whole chain, one link a line, as JSON; return how many links that were.

        Raises
        ------
        StoreUnavailable
            If `out` is there already or cannot be written.
        """
        with (
            new_file(out) as unfinished,
            unfinished.open("w", encoding="utf-8") as file,
            self._database.reading() as session,
        ):
            lines = (json.dumps(asdict(link), ensure_ascii=False) + "\n" for link in links(session))
            return sum(1 for line in lines if file.write(line))

    def backup(self, out: Path, *, actor: str) -> ChainReport:
        """Copy everything into one archive, while others go on writing; see `engine.store.backup`.

        Raises
        ------
        StoreDamaged
            If the store is not whole.
        StoreUnavailable
            If `out` is there already or cannot be written.
        """
        report = write_backup(self._database, self._blobs, self._secret, out)
        self.record(actor, Action.BACKUP_MADE, "store", links=report.links, digest=report.digest)
        return report

    def facts(self) -> StoreFacts:
        """Count what is kept."""
        with self._database.reading() as session:
            blobs = session.scalars(select(CaseRow.blob)).all()
        kept = [blob for blob in blobs if blob]
        return StoreFacts(self._database.kind, len(blobs), len(kept), sum(map(self._blobs.sealed, kept)))


@cache
def open_store() -> Store:
    """Open this installation's store, once a process, as ATTENDING_HOME, _DATABASE_URL and _KEY say.

    Raises
    ------
    StoreError
        If it cannot be used; the next call tries again.
    """
    return Store(*_asked())


def restore(source: Path, *, actor: str) -> ChainReport:
    """Fill this installation's store, which must be empty, from a backup.

    Raises
    ------
    StoreError
        If the backup is not whole, the store is not empty, or it cannot be used.
    """
    return restore_backup(source, *_asked(), actor=actor)


def _asked() -> tuple[Path, str | None, bytes | None]:
    """Folder, URL and key, as the environment says."""
    key = os.environ.get("ATTENDING_KEY")
    return data_folder(), os.environ.get("ATTENDING_DATABASE_URL"), read_key(key) if key else None
