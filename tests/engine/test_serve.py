"""Who may reach the dashboard: this machine, unless somebody insists."""

from __future__ import annotations

import argparse
import subprocess
import sys

import pytest

from engine.errors import AttendingError
from engine.serve import dashboard_folder, serve


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_an_open_address_is_refused(host: str) -> None:
    with pytest.raises(AttendingError, match="--insecure"):
        serve(argparse.Namespace(host=host, port=1, insecure=False))


def test_the_refusal_is_one_line_and_status_3() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "engine", "serve", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3
    assert answer.stderr.count("\n") == 1


def test_the_dashboard_is_found_without_importing_it() -> None:
    assert (dashboard_folder() / "app.py").is_file()
