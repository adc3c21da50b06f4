"""What an installation asks of its machine, for `attending doctor`: versions, room, rights, a log, a sign-in provider.

Each check gives a line where all is well, and raises what is wrong with what to do about it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import tempfile
import urllib.request
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.errors import AttendingError
from engine.logs import LOG_FILE, LOGS, log_file
from engine.sign_in import SECRETS, sign_in_settings
from engine.store.folder import DATABASE, FILES, SECRET, data_folder

_ROOM = 10**9  # bytes
_NAMED = 3  # packages in a line
_PATIENCE = 5  # seconds for the provider
_CALLBACK = "/oauth2callback"  # where Streamlit waits for the provider's answer


def check_versions() -> str:
    """Compare what is installed with what this version asks for, and with what it was tested with."""
    wrong = [
        f"{asked.name} {_installed(asked.name) or 'is missing'} ({asked.specifier})"
        for asked in map(Requirement, requires("attending") or ())
        if (asked.marker is None or asked.marker.evaluate({"extra": ""}))
        and not asked.specifier.contains(_installed(asked.name) or "0", prereleases=True)
    ]
    if wrong:
        raise AttendingError(
            f"Packages do not fit: {', '.join(wrong)}.", "Run `pip install -c constraints.txt attending` again."
        )
    others = [f"{name} {_installed(name)} ({pin})" for name, pin in _pins() if _installed(name) not in (None, pin)]
    if not others:
        return "as tested"
    more = "" if len(others) <= _NAMED else f" and {len(others) - _NAMED} more"
    return f"they fit; others than tested: {', '.join(others[:_NAMED])}{more}"


def check_room() -> str:
    """Look whether the disk of the data folder has room."""
    free = shutil.disk_usage(_nearest(data_folder())).free
    if free < _ROOM:
        raise AttendingError(
            f"The disk of {data_folder()} has only {free / 1e6:.0f} MB left.",
            "Make room, or set ATTENDING_HOME to a folder on another disk.",
        )
    return f"{free / 1e9:.0f} GB free"


def check_rights() -> str:
    """Look whether this user alone may use the data folder, and may write to it; one that is not there is not made."""
    folder = data_folder()
    if not folder.exists():
        if not os.access(_nearest(folder), os.W_OK | os.X_OK):
            raise AttendingError(
                f"{folder} cannot be made.", "Make it for this user, or set ATTENDING_HOME to another."
            )
        return f"{folder} is made at first use"
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"a line")
            probe.flush()
    except OSError as exc:
        raise AttendingError(
            f"{folder} cannot be written to: {exc.strerror}.", "Give this user the right to, or set ATTENDING_HOME."
        ) from exc
    locked = [part for part in (DATABASE, FILES, SECRET) if not _usable(folder / part)]
    if locked:
        raise AttendingError(
            f"This user may not read and write {', '.join(locked)} in {folder}.",
            f"Run `chown -R {_user()} {folder}` as the administrator.",
        )
    for path, mode in ((folder, 0o700), (folder / SECRET, 0o600), (folder / SECRETS, 0o600)):
        if os.name == "posix" and path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise AttendingError(f"Other users of this machine can look into {path}.", f"Run `chmod {mode:o} {path}`.")
    return f"{folder}, this user's alone"


def check_log() -> str:
    """Look whether the log can be written."""
    folder = data_folder()
    if not folder.exists():
        return "none yet"
    try:
        log_file(folder).close()
    except OSError as exc:
        raise AttendingError(
            f"The log cannot be written: {exc.strerror}.", f"Give this user the right to write to {folder / LOGS}."
        ) from exc
    return str(folder / LOGS / LOG_FILE)


def check_sign_in() -> str:
    """Look whether the settings are whole, and whether the provider answers as they say."""
    asked = sign_in_settings()
    if asked is None:
        return "nobody signs in: this machine only"
    back = asked.provider["redirect_uri"]
    if not back.endswith(_CALLBACK):
        raise AttendingError(f"The redirect_uri does not end with {_CALLBACK}.", "Mend it here and at the provider.")
    try:
        with urllib.request.urlopen(asked.provider["server_metadata_url"], timeout=_PATIENCE) as answer:  # noqa: S310
            told = json.loads(answer.read())
    except (OSError, ValueError) as exc:
        raise AttendingError(
            "The provider of sign-in does not answer with its metadata.", "Look at server_metadata_url and the network."
        ) from exc
    if not isinstance(told, dict) or "authorization_endpoint" not in told:
        raise AttendingError(
            "The server_metadata_url leads to no provider.", "Give the one that ends with openid-configuration."
        )
    return f"{told.get('issuer')}, roles from {asked.role_claim}, for {asked.session_hours:g} h"


def _installed(name: str) -> str | None:
    try:
        return version(name).partition("+")[0]  # 2.13.0+cpu is 2.13.0
    except PackageNotFoundError:
        return None


def _pins() -> Iterator[tuple[str, str]]:
    """The versions that the tests ran with: the wheel brings them, a checkout has them at its top."""
    here = Path(__file__).parent
    for path in (here / "constraints.txt", here.parent / "constraints.txt"):
        if path.is_file():
            for name, pin in re.findall(r"^([\w.-]+)==([\w.]+)", path.read_text("utf-8"), re.MULTILINE):
                yield canonicalize_name(name), pin
            return


def _nearest(folder: Path) -> Path:
    """The folder, or the first above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def _usable(path: Path) -> bool:
    needed = os.R_OK | os.W_OK | (os.X_OK if path.is_dir() else 0)
    return not path.exists() or os.access(path, needed)


def _user() -> str:
    import getpass

    return getpass.getuser()
