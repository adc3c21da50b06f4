"""Where an installation keeps its data: ATTENDING_HOME, else the user's own data folder (platform conventions)."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from platformdirs import user_data_path

from engine.errors import StoreUnavailable
from engine.words import tr

DATABASE = "attending.sqlite"
FILES = "files"
SECRET = "secret"  # noqa: S105 - the name of a file


def data_folder() -> Path:
    """Return the folder, whether or not it is there yet."""
    asked = os.environ.get("ATTENDING_HOME")
    return Path(asked) if asked else user_data_path("attending", appauthor=False)


def database_url(folder: Path) -> str:
    """Return the URL of the database that lies in a folder."""
    return f"sqlite:///{folder / DATABASE}"


def installation_secret(folder: Path) -> bytes:
    """Return the 32 random bytes under which this installation hashes patients; made at the first call.

    Raises
    ------
    StoreUnavailable
        If the folder cannot be made, read or written to.
    """
    path = folder / SECRET
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as exc:
        raise StoreUnavailable(
            tr("The store's folder cannot be used."),
            tr("Give this user the right to read and write it, or set ATTENDING_HOME to another folder."),
        ) from exc


def put_secret(folder: Path, secret: bytes) -> None:
    """Take over the secret of the installation that a backup comes from."""
    path = folder / SECRET
    unfinished = _unfinished(path)
    _write(unfinished, secret)
    unfinished.replace(path)


def private_database(path: Path) -> None:
    """See that SQLite's file and those beside it are for this user's eyes only, whatever the umask says.

    SQLite gives its log and its index of it the rights of the file itself. What cannot be changed is left as it is:
    whether the database can be used is told when it is opened.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        with suppress(OSError):
            file = path.with_name(name)
            file.chmod(stat.S_IMODE(file.stat().st_mode) & 0o700)  # what its owner may do is the owner's to say


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all, for this user's eyes only: gives the name to write to.

    Raises
    ------
    StoreUnavailable
        If it is there already, or cannot be written.
    """
    unfinished = _unfinished(path)
    try:
        if path.exists():
            raise FileExistsError
        _write(unfinished, b"")
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError as exc:
        raise StoreUnavailable(
            tr("{name} is there already.", name=path.name), tr("Give another name: nothing is replaced.")
        ) from exc
    except OSError as exc:
        raise StoreUnavailable(
            tr("{name} cannot be written: {reason}.", name=path.name, reason=exc.strerror),
            tr("Give another folder, or make room."),
        ) from exc
    finally:
        unfinished.unlink(missing_ok=True)


def _make(path: Path) -> None:
    """Write the secret whole; where two processes do so at once, the first one's stays."""
    unfinished = _unfinished(path)
    try:
        _write(unfinished, secrets.token_bytes(32))
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink(missing_ok=True)


def _unfinished(path: Path) -> Path:
    return path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
