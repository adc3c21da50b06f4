"""`attending serve`: Streamlit over the dashboard, on this machine only unless readers sign in or somebody insists."""

from __future__ import annotations

import argparse
import importlib.util
import ipaddress
import logging
import os
import subprocess
import sys
from pathlib import Path

from engine.errors import AttendingError, UsageError
from engine.sign_in import sign_in_settings
from engine.store.retention import keep_days

logger = logging.getLogger(__name__)

SERVER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # sessions share the cores: threads that wait for each other stall
    "MALLOC_ARENA_MAX": "2",  # glibc keeps freed memory for each thread, and pages are threads
}
"""What a dashboard's process is started with, unless the person who starts it says otherwise."""


def serve(options: argparse.Namespace) -> int:
    """Become the dashboard's server; returns only where it cannot start.

    Raises
    ------
    AttendingError
        If the address is open to others without sign-in or ``--insecure``, the settings of sign-in are not sound, or
        the dashboard is not installed.
    """
    keep_days()  # a period that is none stops here, not in a thread that nobody sees
    if sign_in_settings() is None and not _is_loopback(options.host):
        if not options.insecure:
            raise AttendingError(
                f"{options.host} is open to other machines, and nobody signs in here.",
                "Leave the address at 127.0.0.1, set sign-in up (README), or add --insecure if you mean it.",
            )
        logger.warning("Anyone who reaches %s:%d can open this dashboard.", options.host, options.port)
    logger.info("Attending opens on http://%s:%d (Ctrl+C ends it).", options.host, options.port)
    folder = dashboard_folder()
    sys.stderr.flush()
    for name, value in SERVER_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    os.environ["ATTENDING_RUNS"] = str(Path(os.environ.get("ATTENDING_RUNS", "runs")).resolve())
    os.chdir(folder)  # where Streamlit finds its configuration
    os.execv(sys.executable, _command(options.host, options.port))  # noqa: S606


def benchmark_load(options: argparse.Namespace) -> int:
    """Measure many readers beside one, on a dashboard of its own; gives that program's exit status.

    Raises
    ------
    UsageError
        If there are no readers, or no time for them.
    """
    if options.sessions < 1 or options.minutes <= 0.0:
        raise UsageError("A load needs readers and time.", "Give --sessions and --minutes above 0.")
    command = [sys.executable, "-m", "dashboard.load"]
    command += [f"--sessions={options.sessions}", f"--minutes={options.minutes}"]
    command += ["--hurried"] if options.hurried else []
    command += [f"--json={options.json.resolve()}"] if options.json else []
    return subprocess.run(command, cwd=dashboard_folder(), check=False).returncode  # noqa: S603 - ourselves


def dashboard_folder() -> Path:
    """Where the dashboard is installed, found without importing it: the engine knows no screen."""
    spec = importlib.util.find_spec("dashboard")
    if spec is None or spec.origin is None:
        raise AttendingError("The dashboard is not installed beside the engine.", "Install attending again.")
    return Path(spec.origin).parent


def _command(host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "dashboard"),
        *("--server.address", host, "--server.port", str(port), "--server.headless", "true"),
    ]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
