"""Pages are drawn without their work in the background, unless it is asked for: it would go on beside the next test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit import config

from dashboard import background
from dashboard.background import Office


@pytest.fixture(scope="session", autouse=True)
def _no_magic() -> None:
    """As the dashboard's own configuration has it: Python 3.11 cannot parse in two threads at once (gh-106905)."""
    config.set_option("runner.magicEnabled", False)


@pytest.fixture(autouse=True)
def _idle(monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    working, idle = background._office, Office(0)
    monkeypatch.setattr(background, "_office", lambda: idle)
    return working


@pytest.fixture
def work_at_once(_idle: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the work in the background begin without a pause."""
    monkeypatch.setattr(background, "_office", _idle)
    monkeypatch.setattr(background, "_PAUSE", 0.0)
