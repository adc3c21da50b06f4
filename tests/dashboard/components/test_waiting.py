"""Whoever waits sees how many come first and how long it takes, and gets what was computed when it is their turn."""

from __future__ import annotations

import threading

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import turns
from dashboard.components import waiting
from dashboard.components.waiting import in_line
from dashboard.turns import Place, Turns


def test_words_say_how_many_come_first_and_how_long_where_that_is_known() -> None:
    assert in_line("Checking", Place(2, None)) == "Checking: 2 before you"
    assert in_line("Checking", Place(2, 21.3)) == "Checking: 2 before you, about 25 s"
    assert in_line("Checking", Place(0, 0.2)) == "Checking: you are next"


def test_a_reader_waits_in_line_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    line, said, held, go_on = Turns(1), list[str](), threading.Event(), threading.Event()
    monkeypatch.setattr(turns, "_TELL_EVERY", 0.01)
    monkeypatch.setattr(waiting, "readers", lambda: line)
    draw = waiting._line
    monkeypatch.setattr(waiting, "_line", lambda words: (said.append(words), go_on.set(), draw(words)))

    def other() -> None:
        with line.taken("analysis"):
            held.set()
            go_on.wait(30.0)

    threading.Thread(target=other).start()
    assert held.wait(30.0)

    def page() -> None:
        import streamlit as st

        from dashboard.components.waiting import in_turn

        st.text(in_turn("analysis", lambda: "the answer"))

    app = AppTest.from_function(page, default_timeout=30).run()
    assert said[0] == "Other readers' cases come first: you are next"
    assert app.text[0].value == "the answer"
    assert not app.get("html")  # what was said while waiting is gone
    assert line.room(0.0)
