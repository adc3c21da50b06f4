"""The store: kept cases, answers and reviews over one database and one folder, and the chain of events over all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.errors import StoreDamaged
from engine.store.answers import Answers
from engine.store.audit import audit, event_of, links
from engine.store.backup import restore_backup, write_backup
from engine.store.blobs import Blobs, read_key
from engine.store.cases import Cases
from engine.store.chain import Action, ChainReport, Event, append
from engine.store.database import Database
from engine.store.export import write_csv, write_json_lines
from engine.store.folder import FILES, data_folder, database_url, installation_secret, new_file
from engine.store.names import name_of
from engine.store.reviews import Reviews
from engine.store.schema import CaseRow, EventRow


@dataclass(frozen=True)
class StoreFacts:
    """The kind of database, how many cases and files there are, how many are encrypted, and whether they open."""

    database: str
    cases: int
    files: int
    sealed: int
    opens: bool


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

    def reader_name(self, person: str, wanted: str) -> str:
        """Return the name under which a person who signs in reads here, for good: theirs alone, told to the chain.

        Parameters
        ----------
        person : str
            Whatever identifies them for good, 64 letters at most.
        wanted : str
            What the provider calls them now; where somebody else has that name they get another.
        """
        return name_of(self._database, person, wanted)

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

    def export_events(self, out: Path, *, actor: str) -> int:
        """Write the whole chain, one link a line, as CSV where the name says so, else as JSON; return how many.

        The chain is told afterwards: what is written ends before that.

        Raises
        ------
        StoreUnavailable
            If `out` is there already or cannot be written.
        """
        with (
            new_file(out) as unfinished,
            unfinished.open("w", encoding="utf-8", newline="") as file,
            self._database.reading() as session,
        ):
            write = write_csv if out.suffix.lower() == ".csv" else write_json_lines
            end = write(links(session), file)
        self.record(actor, Action.AUDIT_EXPORTED, "store", links=end.links, digest=end.digest)
        return end.links

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
        sealed = [blob for blob in kept if self._blobs.sealed(blob)]
        return StoreFacts(self._database.kind, len(blobs), len(kept), len(sealed), self._opens(sealed[:1] or kept[:1]))

    def _opens(self, sample: list[str]) -> bool:
        """Whether some files can be read with the key at hand."""
        try:
            return all(self._blobs.get(blob) is not None for blob in sample)
        except StoreDamaged:
            return False


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
