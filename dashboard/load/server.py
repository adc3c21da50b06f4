"""A dashboard of its own for a measurement: another process, an empty store, a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dashboard.lines import sample_line
from dashboard.load.session import PATIENCE, LoadError
from engine import SERVER_ENVIRONMENT, Store, sample_index

_FORGET = 1  # seconds after which a closed session ends


@dataclass(frozen=True)
class Server:
    """Where it listens, and how much memory it holds."""

    address: str
    process: int

    def memory(self) -> float:
        """Megabytes that are resident; NaN where the system does not tell (it is read from /proc)."""
        try:
            lines = Path(f"/proc/{self.process}/status").read_text("ascii").splitlines()
        except OSError:
            return float("nan")
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def own_server() -> Iterator[Server]:
    """Start it, with samples that the models need not read any more, and end it."""
    with tempfile.TemporaryDirectory(prefix="attending-load-") as folder:
        _furnish(Path(folder))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        flags = [f"--server.port={port}", "--server.address=127.0.0.1", f"--server.disconnectedSessionTTL={_FORGET}"]
        environment = SERVER_ENVIRONMENT | os.environ | {"ATTENDING_HOME": folder}
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-m", "dashboard", *flags], env=environment, stdout=subprocess.DEVNULL
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _await(process, address)
            yield Server(address, process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _furnish(folder: Path) -> None:
    store = Store(folder)
    store.cases.add_samples([sample_line(entry) for entry in sample_index()])
    for entry in sample_index():
        store.cases.asked(entry.case_id, ())
    store.close()


def _await(process: subprocess.Popen[bytes], address: str) -> None:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310
                return
        except OSError:
            time.sleep(0.2)
    raise LoadError("the server did not start")
