"""The library on disk: abstracts in SQLite, and the key of each in one matrix of half precision (safetensors).

Search is exact. Among one million keys of 128 numbers (256 MB) a question took 0.7 s of processor time, and 2.2 s on a
clock of two cores that were busy with other work: an approximate index would gain nothing that a reader notices.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, create_engine, event, func, select
from sqlalchemy.dialects.sqlite import insert

from engine.errors import StoreDamaged, StoreUnavailable
from engine.literature.reading import digest_of
from engine.literature.records import Abstract, Added
from engine.store.database import told
from engine.store.folder import data_folder, private_database
from engine.words import tr

FOLDER = "literature"
DATABASE, KEYS = "library.sqlite", "keys.safetensors"
ROWS_AT_ONCE = 65_536  # keys that are compared at a time: 32 MB in single precision
TOGETHER = 500  # abstracts that are added in one transaction
_PATIENCE = 10  # seconds that a writer waits for another
_TURN = threading.Lock()  # the threads of this process change the keys one after the other, however long that takes

Floats = NDArray[np.floating[Any]]

_TABLES = MetaData()
_ABSTRACTS = Table(
    "abstracts",
    _TABLES,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("digest", String(64), unique=True, nullable=False),
    Column("identifier", String, nullable=False),
    Column("title", String, nullable=False),
    Column("text", String, nullable=False),
    Column("year", Integer),
    Column("source", String, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, so that no key speaks for another abstract
)


@dataclass(frozen=True, eq=False)
class Nearest:
    """Numbers of abstracts, the most similar first, with their cosines."""

    numbers: tuple[int, ...]
    similarities: tuple[float, ...]


class Library:
    """The abstracts of one installation; safe for several threads and processes.

    Parameters
    ----------
    folder : pathlib.Path or None
        None takes the room for literature in the installation's data folder. Kept as `folder`.

    Raises
    ------
    StoreUnavailable
        The folder cannot be made or written to.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_folder() / FOLDER
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as exc:
            raise StoreUnavailable(
                tr("The library's folder cannot be made."), tr("Give this user the right to, or set ATTENDING_HOME.")
            ) from exc
        private_database(self.folder / DATABASE)
        url = f"sqlite:///{self.folder / DATABASE}"
        self._engine = create_engine(url, connect_args={"timeout": _PATIENCE}, hide_parameters=True)
        event.listen(self._engine, "connect", _prepare)
        with self._open() as connection:
            _TABLES.create_all(connection)

    def __len__(self) -> int:
        """How many abstracts it holds."""
        with self._open() as connection:
            return int(connection.execute(select(func.count()).select_from(_ABSTRACTS)).scalar_one())

    def add(self, abstracts: Iterable[Abstract]) -> Added:
        """Add abstracts; one whose words are there already is counted and left out."""
        given = list(abstracts)
        new = 0
        for first in range(0, len(given), TOGETHER):
            rows = [_row(one) for one in given[first : first + TOGETHER]]
            with self._open() as connection:
                for row in rows:
                    new += connection.execute(insert(_ABSTRACTS).values(row).on_conflict_do_nothing()).rowcount
        return Added(new, len(given) - new)

    def get(self, numbers: Sequence[int]) -> dict[int, Abstract]:
        """Return some abstracts by their numbers; those that are gone are left out."""
        with self._open() as connection:
            rows = connection.execute(select(_ABSTRACTS).where(_ABSTRACTS.c.number.in_(numbers))).all()
        return {row.number: _abstract(row) for row in rows}

    def after(self, number: int, *, most: int) -> list[tuple[int, Abstract]]:
        """Return the next abstracts after a number, in the order of adding."""
        asked = select(_ABSTRACTS).where(_ABSTRACTS.c.number > number).order_by(_ABSTRACTS.c.number).limit(most)
        with self._open() as connection:
            return [(row.number, _abstract(row)) for row in connection.execute(asked)]

    def clear(self) -> int:
        """Take everything out, and say how many abstracts that were."""
        with self._alone() as connection:
            gone = connection.execute(_ABSTRACTS.delete()).rowcount
            (self.folder / KEYS).unlink(missing_ok=True)
        return gone

    def last_keyed(self, model_digest: str) -> int:
        """The number up to which abstracts have a key of this model; 0 where another model made the keys, or none."""
        with self._keys(model_digest) as file:
            return int(file.get_tensor("numbers").max(initial=0)) if file else 0

    def add_keys(self, numbers: Sequence[int], keys: Floats, model_digest: str) -> None:
        """Keep the keys ``(N, K)`` of abstracts, one of each; keys that another model made are given up."""
        unit = keys / np.linalg.norm(keys, axis=1, keepdims=True).clip(min=1e-9)  # (N, K)
        made = {"keys": unit.astype(np.float16), "numbers": np.asarray(numbers, np.int64)}
        with self._alone():
            with self._keys(model_digest) as file:
                if file:
                    made = {name: np.concatenate([file.get_tensor(name), value]) for name, value in made.items()}
            _, first = np.unique(made["numbers"], return_index=True)  # others may have read the same meanwhile
            self._put({name: value[first] for name, value in made.items()}, model_digest)

    def nearest(self, asked: Floats, model_digest: str, *, count: int) -> Nearest:
        """Find the abstracts whose keys point most nearly the way of `asked`, ``(K,)``: every key is compared."""
        unit = (asked / max(float(np.linalg.norm(asked)), 1e-9)).astype(np.float32)  # (K,)
        with self._keys(model_digest) as file:
            if not file:
                return Nearest((), ())
            keys, numbers = file.get_slice("keys"), file.get_tensor("numbers")
            alike = np.concatenate(
                [
                    keys[row : min(row + ROWS_AT_ONCE, len(numbers))].astype(np.float32) @ unit
                    for row in range(0, len(numbers), ROWS_AT_ONCE)
                ]
            )  # (N,)
        first = np.argpartition(-alike, min(count, len(alike)) - 1)[:count]  # (count,)
        order = first[np.argsort(-alike[first], kind="stable")]  # (count,)
        return Nearest(tuple(numbers[order].tolist()), tuple(alike[order].tolist()))

    @contextmanager
    def _keys(self, model_digest: str) -> Iterator[Any]:
        """The file of keys, open; None where there is none of this model."""
        path = self.folder / KEYS
        if not path.is_file():
            yield None
            return
        try:
            with safe_open(path, framework="np") as file:
                yield file if (file.metadata() or {}).get("model") == model_digest else None
        except SafetensorError as exc:
            raise StoreDamaged(
                tr("The library's keys are damaged."), tr("Delete keys.safetensors: it is made anew.")
            ) from exc

    def _put(self, made: dict[str, NDArray[Any]], model_digest: str) -> None:
        """Write the file of keys whole or not at all."""
        unfinished = self.folder / f"{KEYS}.{secrets.token_hex(8)}.part"
        try:
            save_file(made, unfinished, metadata={"model": model_digest})
            unfinished.replace(self.folder / KEYS)
        finally:
            unfinished.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A transaction beside which no other thread or process changes abstracts or keys: SQLite's own lock."""
        with _TURN, self._open() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        """A transaction, committed at its end."""
        with told(), self._engine.begin() as connection:
            yield connection


def _prepare(connection: Any, record: object) -> None:
    """What is deleted is overwritten; readers do not wait for writers."""
    for rule in ("journal_mode=WAL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {rule}")


def _row(one: Abstract) -> dict[str, Any]:
    return {
        "digest": digest_of(one),
        "identifier": one.identifier,
        "title": one.title,
        "text": one.text,
        "year": one.year,
        "source": one.source,
    }


def _abstract(row: Any) -> Abstract:
    return Abstract(row.identifier, row.title, row.text, row.year, row.source)
