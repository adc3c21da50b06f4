"""A real PostgreSQL for the tests: Debian's server as a plain process, on a socket of its own, without a network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

INSTALL = "apt-get install postgresql"
_QUICK = "-c fsync=off -c full_page_writes=off"  # databases of one test need not outlive a power cut


class Server:
    """One server; `start` after `stop` finds its databases again."""

    def __init__(self, *, quick: bool = True) -> None:
        self._bin = _programs()
        self._folder = Path(tempfile.mkdtemp(prefix="attending-postgres-"))  # not below pytest's: root's alone
        self._options = f"-c listen_addresses='' -c unix_socket_directories={self._folder} {_QUICK if quick else ''}"
        self._made = 0
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run(
            "pg_ctl", "start", "--wait", "--silent", f"--log={self._folder / 'log'}", f"--options={self._options}"
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop it: ``fast`` ends all sessions, ``immediate`` is a crash."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def close(self) -> None:
        """Stop it and take its folder away."""
        self.stop("immediate")
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """Make an empty schema, which costs less than a database; return its URL as SQLAlchemy reads it."""
        self._made += 1
        with psycopg.connect(f"host={self._folder} user=postgres") as connection:
            connection.execute(f"CREATE SCHEMA test_{self._made}".encode())
        return f"postgresql+psycopg://postgres@/postgres?host={self._folder}&options=-csearch_path%3Dtest_{self._made}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), f"--pgdata={self._folder / 'data'}", *arguments]
        if os.getuid() == 0:  # the server refuses to run as root
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", *command]
        done = subprocess.run(command, cwd=self._folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            pytest.fail(f"{program} of PostgreSQL failed:\n{done.stdout}\n{done.stderr}")


def _programs() -> Path:
    """Where the server's programs lie; a failure under CI and a loud skip elsewhere when they are missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if found or on_path:
        return found[-1].parent if found else Path(str(on_path)).parent
    missing = f"PostgreSQL is missing: {INSTALL}"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(missing)
    pytest.skip(missing)
