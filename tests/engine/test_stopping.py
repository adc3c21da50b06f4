"""Ctrl-C while long work goes on: a wish the first time, an order the second, as ever afterwards."""

from __future__ import annotations

import signal
import threading

import pytest

from engine.stopping import Stopping


def test_the_first_ctrl_c_is_a_wish_and_the_second_an_order() -> None:
    before, stopping = signal.getsignal(signal.SIGINT), Stopping()
    with stopping:
        assert not stopping()
        signal.raise_signal(signal.SIGINT)
        assert stopping()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
    assert stopping()


def test_other_threads_leave_the_handler_alone() -> None:
    before, seen = signal.getsignal(signal.SIGINT), list[object]()

    def work() -> None:
        with Stopping() as stopping:
            seen.extend((stopping(), signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False, before]
