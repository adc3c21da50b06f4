"""Pages are drawn without their work in the background, unless it is asked for: it would go on beside the next test."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

import pytest

from dashboard import background


@pytest.fixture(autouse=True)
def _idle(monkeypatch: pytest.MonkeyPatch) -> Callable[[], object]:
    working = background._queue
    monkeypatch.setattr(background, "_queue", SimpleQueue)
    return working


@pytest.fixture
def work_at_once(_idle: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the work in the background begin without a pause."""
    monkeypatch.setattr(background, "_queue", _idle)
    monkeypatch.setattr(background, "_PAUSE", 0.0)
