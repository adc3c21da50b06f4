"""`attending serve`: Streamlit over the dashboard, on this machine only unless readers sign in or somebody insists."""

from __future__ import annotations

import argparse
import importlib.util
import ipaddress
import logging
import os
import sys
from pathlib import Path

from engine.errors import AttendingError
from engine.sign_in import sign_in_settings

logger = logging.getLogger(__name__)


def serve(options: argparse.Namespace) -> int:
    """Become the dashboard's server; returns only where it cannot start.

    Raises
    ------
    AttendingError
        If the address is open to others without sign-in or ``--insecure``, the settings of sign-in are not sound, or
        the dashboard is not installed.
    """
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
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # sessions share the cores: threads that wait for each other stall
    os.environ["ATTENDING_RUNS"] = str(Path(os.environ.get("ATTENDING_RUNS", "runs")).resolve())
    os.chdir(folder)  # where Streamlit finds its configuration
    os.execv(sys.executable, _command(options.host, options.port))  # noqa: S606


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
