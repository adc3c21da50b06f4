"""Where an installation keeps its data: ATTENDING_HOME, else the user's own data folder (platform conventions)."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from engine.errors import StoreUnavailable

_SECRET = "secret"  # noqa: S105 - the name of a file


def data_folder() -> Path:
    """Return the folder, whether or not it is there yet."""
    asked = os.environ.get("ATTENDING_HOME")
    if asked:
        return Path(asked)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "attending"


def installation_secret(folder: Path) -> bytes:
    """Return the 32 random bytes under which this installation hashes patients; made at the first call.

    Raises
    ------
    StoreUnavailable
        If the folder cannot be made, read or written to.
    """
    path = folder / _SECRET
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        return path.read_bytes()
    except OSError as exc:
        raise StoreUnavailable(
            "The store's folder cannot be used.",
            "Give this user the right to read and write it, or set ATTENDING_HOME to another folder.",
        ) from exc


def _make(path: Path) -> None:
    """Write the secret whole; where two processes do so at once, the first one's stays."""
    unfinished = path.with_name(f"{_SECRET}.{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink(missing_ok=True)
