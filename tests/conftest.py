"""What every test may ask for: the public data, where it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the public data sets; the test is skipped, saying so, where it is absent."""
    folder = Path(os.environ.get("ATTENDING_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}: set ATTENDING_DATA to their folder")
    return folder
