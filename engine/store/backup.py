"""Backup and restore: one ZIP archive of JSON lines and files, the same for every database, checked on both ways.

The archive holds each table as ``tables/NAME.jsonl``, each file as it lies in the store (encrypted where it is), the
installation's secret, and last ``manifest.json``: an archive without one is not whole. What the database holds in
clear stands there in clear: it is to be guarded as the store itself.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Table, delete, func, insert, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from engine.errors import StoreDamaged, StoreError, StoreUnavailable
from engine.store.audit import audit_session
from engine.store.blobs import Blobs
from engine.store.chain import Action, ChainReport, append
from engine.store.database import Database
from engine.store.folder import FILES, database_url, installation_secret, new_file, put_secret
from engine.store.schema import Base, CaseRow, HeadRow, Utc
from engine.words import tr

_FORMAT = "attending-backup-1"
_TRIES = 5
_BATCH = 500  # rows
_NOT_WHOLE = (
    BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
    StatementError,
)


class _Moved(Exception):
    """A case was removed while its file was about to be copied."""


def write_backup(database: Database, blobs: Blobs, secret: bytes, out: Path) -> ChainReport:
    """Copy everything as it is at one moment, while others go on writing.

    Raises
    ------
    StoreDamaged
        If the store is not whole, or the archive cannot be read back: nothing is written.
    StoreUnavailable
        If `out` is there already or cannot be written.
    """
    for _ in range(_TRIES):
        try:
            with new_file(out) as unfinished:
                with ZipFile(unfinished, "w") as archive, database.reading() as session:
                    report = _copy(session, database, blobs, archive)
                    archive.writestr("secret", secret)
                    manifest = {"format": _FORMAT, "schema": database.schema, "digest": report.digest}
                    archive.writestr("manifest.json", json.dumps(manifest))
                _read_back(unfinished)
            return report
        except _Moved:
            continue
    raise StoreUnavailable(tr("Cases were removed all the time while the backup was written."), tr("Try again later."))


def restore_backup(source: Path, folder: Path, url: str | None, key: bytes | None, *, actor: str) -> ChainReport:
    """Fill an empty store from a backup; files are encrypted anew where a key is given.

    Raises
    ------
    StoreDamaged
        If the archive is not whole, or its files were encrypted with another key: nothing is kept of it.
    StoreUnavailable
        If the store is not empty, is of another version, or cannot be written.
    """
    installation_secret(folder)
    database, blobs = Database(url or database_url(folder)), Blobs(folder / FILES, key)
    placed: list[str] = []
    try:
        with _whole(), ZipFile(source) as archive, database.writing() as session:
            _admit(session, json.loads(archive.read("manifest.json")), database.schema)
            for table in Base.metadata.sorted_tables:
                _fill(session, table, archive)
            for digest in filter(None, session.scalars(select(CaseRow.blob))):
                content = blobs.open(archive.read(f"{FILES}/{digest}"), digest)
                if not blobs.has(digest):
                    placed.append(digest)
                blobs.put(content)
            report = _checked(session)
            append(session, actor, Action.STORE_RESTORED, "store", links=report.links, digest=report.digest)
            put_secret(folder, archive.read("secret"))
    except BaseException:
        for digest in placed:
            blobs.remove(digest)
        raise
    finally:
        database.close()
    return report


def _copy(session: Session, database: Database, blobs: Blobs, archive: ZipFile) -> ChainReport:
    report = _checked(session)
    for table in Base.metadata.sorted_tables:
        with archive.open(_name(table), "w", force_zip64=True) as member:
            for row in session.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_BATCH)):
                member.write(json.dumps(_plain(table, row._mapping)).encode() + b"\n")
    for digest in filter(None, session.scalars(select(CaseRow.blob).order_by(CaseRow.blob)).all()):
        archive.writestr(f"{FILES}/{digest}", _file(database, blobs, digest))
    return report


def _file(database: Database, blobs: Blobs, digest: str) -> bytes:
    """A file as it lies on the disk, after a look that its content is the one that was kept."""
    try:
        raw = blobs.raw(digest)
        blobs.open(raw, digest)
    except StoreError as error:
        with database.reading() as session:
            if session.scalar(select(CaseRow.case_id).where(CaseRow.blob == digest)) is None:
                raise _Moved from error
        raise
    return raw


def _checked(session: Session) -> ChainReport:
    report = audit_session(session)
    if report.faults:
        raise StoreDamaged(
            tr("The store is not whole: {fault}", fault=report.faults[0]),
            tr("`attending audit verify` tells everything."),
        )
    return report


def _plain(table: Table, row: Any) -> dict[str, Any]:
    """A row as JSON, without the numbers that databases give by themselves: nothing refers to them."""
    values = {column.name: row[column] for column in table.columns if column is not table.autoincrement_column}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _fill(session: Session, table: Table, archive: ZipFile) -> None:
    times = [column.name for column in table.columns if isinstance(column.type, Utc)]
    session.execute(delete(table))  # the head of the empty chain
    with archive.open(_name(table)) as member:
        for batch in _batches(io.TextIOWrapper(member, "utf-8")):
            for row in batch:
                row.update({name: datetime.fromisoformat(row[name]) for name in times if row[name] is not None})
            session.execute(insert(table), batch)


def _batches(lines: Iterator[str]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for line in lines:
        batch.append(json.loads(line))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _admit(session: Session, manifest: Any, schema: str) -> None:
    if manifest["format"] != _FORMAT or manifest["schema"] != schema:
        raise StoreUnavailable(
            tr("The backup was made by another version of Attending."), tr("Restore it with that version, then update.")
        )
    tables = [table for table in Base.metadata.sorted_tables if table is not HeadRow.__table__]
    if any(session.scalar(select(func.count()).select_from(table)) for table in tables):
        raise StoreUnavailable(
            tr("The store is not empty, and a backup replaces nothing."),
            tr("Set ATTENDING_HOME, and ATTENDING_DATABASE_URL if you use it, to empty ones."),
        )


def _read_back(path: Path) -> None:
    with _whole(), ZipFile(path) as archive:
        if archive.testzip() is not None:
            raise BadZipFile


@contextmanager
def _whole() -> Iterator[None]:
    """Translate what an archive that is not whole gives rise to."""
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(tr("The backup cannot be read."), tr("Look at its name and its rights.")) from exc
    except _NOT_WHOLE as exc:
        raise StoreDamaged(
            tr("This is no whole backup of Attending."), tr("Give a file that `attending store backup` wrote.")
        ) from exc


def _name(table: Table) -> str:
    return f"tables/{table.name}.jsonl"
