"""One database: its connections, its transactions, its migrations, and its faults told in words.

SQLite runs in write-ahead mode with a sync at each commit: what was acknowledged survives a killed process and a power
cut (https://www.sqlite.org/wal.html, section 2.2; PRAGMA synchronous=FULL). Writers take their lock at the beginning
(BEGIN IMMEDIATE; an advisory lock under PostgreSQL), so that no transaction fails half-way for want of it, and what a
writer reads is what stays until it commits. Who reads sees one moment from its first question to its last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InternalError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session

from engine.errors import StoreDamaged, StoreError, StoreUnavailable
from engine.store.folder import private_database
from engine.words import tr

_PATIENCE = 10  # seconds that a writer waits for another
_AGAIN = 0.05  # seconds
_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE = threading.Lock()
_WRITER = 7_221_305  # PostgreSQL's advisory lock of who writes: any number that nobody else takes


class Database:
    """A database brought to the newest schema; safe for many threads and many processes.

    Parameters
    ----------
    url : str
        As of SQLAlchemy: ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/NAME``.

    Raises
    ------
    StoreUnavailable
        If it cannot be reached, written to or brought to this version's schema.
    """

    def __init__(self, url: str) -> None:
        self._turn = threading.Lock()
        self._engine = _engine(_url(url))
        self._writer = self._engine.execution_options(writes=True)
        self._reader = self._engine
        if self.kind == "postgresql":
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        try:
            with told():
                self._upgrade()
        except BaseException:
            self.close()
            raise

    @property
    def kind(self) -> str:
        """What it is: ``sqlite``, ``postgresql``."""
        return self._engine.dialect.name

    @property
    def schema(self) -> str:
        """The version of its tables."""
        with told(), self._engine.connect() as connection:
            return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a transaction that changes nothing, and sees nothing of what others change meanwhile."""
        with told(), Session(self._reader) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction that is committed at the end, or leaves no trace; others who write wait for it.

        Raises
        ------
        StoreUnavailable
            If it could not be committed: nothing of it is kept.
        """
        with self._in_turn(), told(), Session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let the threads of this process write one after the other: SQLite's own waiting favours the newcomer."""
        if not self._turn.acquire(timeout=_PATIENCE):
            raise _unavailable("busy")
        try:
            yield
        finally:
            self._turn.release()

    def forget(self) -> None:
        """Take what was deleted out of SQLite's write-ahead log too; PostgreSQL does so in its own time (VACUUM).

        Raises
        ------
        StoreUnavailable
            If another program reads for so long that the log must be left as it is.
        """
        if self.kind != "sqlite":
            return
        deadline = time.monotonic() + _PATIENCE
        while self._log_is_in_use():  # SQLite itself does not wait for another who empties the log
            if time.monotonic() < deadline:
                time.sleep(_AGAIN)
                continue
            raise StoreUnavailable(tr("Another program reads the database all the time."), tr("End it, and try again."))

    def _log_is_in_use(self) -> bool:
        """Empty SQLite's log; True where somebody else uses it."""
        with told(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return bool(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0])

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def _upgrade(self) -> None:
        """Bring the schema to this version's; processes that start together do so one after the other."""
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with _UPGRADE, self._writer.begin() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as exc:
                raise StoreUnavailable(
                    tr("The store was written by a newer version of Attending."),
                    tr("Use that version; nothing was changed."),
                ) from exc


@contextmanager
def told() -> Iterator[None]:
    """Translate what the database driver says; its own words may quote content and stay out."""
    try:
        yield
    except (OperationalError, InternalError) as exc:
        raise _unavailable(str(exc.orig)) from exc
    except DBAPIError as exc:
        if exc.connection_invalidated:
            raise _unavailable("") from exc
        if "not a database" in str(exc.orig) or "malformed" in str(exc.orig):
            raise StoreDamaged(tr("The store's database is damaged."), tr("Restore it from a backup.")) from exc
        raise StoreError(
            tr("The store refused: {name}.", name=type(exc.orig).__name__),
            tr("Run `attending doctor`; nothing was changed."),
        ) from exc
    except JSONDecodeError as exc:
        raise StoreDamaged(tr("A kept record cannot be read."), tr("Restore the store from a backup.")) from exc


def _unavailable(said: str) -> StoreUnavailable:
    said = said.lower()
    if "locked" in said or "busy" in said or "lock timeout" in said:
        return StoreUnavailable(tr("The store is busy with another writer."), tr("Try again; nothing was changed."))
    if "readonly" in said or "read-only" in said:
        return StoreUnavailable(
            tr("The store cannot be written to."),
            tr("Give this user the right to write to its folder; nothing was changed."),
        )
    if "full" in said or "no space" in said:
        return StoreUnavailable(
            tr("The disk of the store is full."), tr("Make room and try again; nothing was changed.")
        )
    if "i/o error" in said:
        return StoreUnavailable(
            tr("The disk of the store fails, or has no room."),
            tr("Look at the disk and try again; nothing was changed."),
        )
    if "unable to open" in said:
        return StoreUnavailable(tr("The store's file cannot be opened."), tr("Look at ATTENDING_HOME and its rights."))
    return StoreUnavailable(
        tr("The database does not answer."),
        tr("See that it runs and that ATTENDING_DATABASE_URL is right; then try again."),
    )


def _url(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as exc:
        raise StoreUnavailable(
            tr("ATTENDING_DATABASE_URL is no database URL."),
            tr("Write it as postgresql+psycopg://USER:PASSWORD@HOST/NAME."),
        ) from exc


def _engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
            event.listen(engine, "begin", _begin_postgresql)
            return engine
        if url.database and url.database != ":memory:":
            private_database(Path(url.database))
        engine = create_engine(url, connect_args={"timeout": _PATIENCE}, hide_parameters=True)
    except (ModuleNotFoundError, NoSuchModuleError) as exc:
        raise StoreUnavailable(
            tr("The driver of this database is not installed."), tr("Run `pip install 'attending[scale]'`.")
        ) from exc
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Leave transactions to us, keep to the rules above, and know capitals beyond ASCII when searching."""
    connection.isolation_level = None
    connection.create_function("lower", 1, lambda text: None if text is None else str(text).lower(), deterministic=True)
    for rule in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {rule}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        patience = f"SET LOCAL lock_timeout = {int(1000 * _PATIENCE)}"  # milliseconds
        connection.exec_driver_sql(f"{patience}; SELECT pg_advisory_xact_lock({_WRITER})")
