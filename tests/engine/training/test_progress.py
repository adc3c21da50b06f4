from __future__ import annotations

import io
import logging
import sys

import pytest

from engine.training.progress import epoch_progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_four_plain_lines_an_epoch_where_there_is_no_terminal(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with caplog.at_level(logging.INFO), epoch_progress("epoch 1", 8) as tell:
        for step in range(8):
            tell(float(step))
    assert [record.getMessage() for record in caplog.records] == [
        f"epoch 1, step {step} of 8: loss {step - 1:.4f}" for step in (2, 4, 6, 8)
    ]


def test_a_bar_on_a_terminal(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with caplog.at_level(logging.INFO), epoch_progress("epoch 1", 2) as tell:
        tell(0.5)
        tell(0.25)
    assert "epoch 1" in screen.getvalue()
    assert not caplog.records
