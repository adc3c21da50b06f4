"""Errors are told in words; what a patient's file says stays out of log and screen."""

from __future__ import annotations

import logging
import re

import pytest
from streamlit.testing.v1 import AppTest

SECRET = "JANE^DOE 1970-01-01"  # noqa: S105


def _known() -> None:
    from dashboard.components.frame import screen
    from engine import AttendingError

    with screen():
        raise AttendingError("The <file> is damaged.", "Export it again.")


def _unknown() -> None:
    from dashboard.components.frame import screen

    with screen():
        raise RuntimeError("JANE^DOE 1970-01-01")


def _rerun() -> None:
    import streamlit as st

    from dashboard.components.frame import screen

    with screen():
        if "again" not in st.session_state:
            st.session_state["again"] = True
            st.rerun()
        st.write("second run")


def test_our_errors_are_told_with_their_advice() -> None:
    app = AppTest.from_function(_known).run()
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert "The &lt;file&gt; is damaged." in html
    assert "Export it again." in html
    assert not app.exception


def test_unknown_errors_are_our_fault_and_keep_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, logger="dashboard.components.frame"):
        app = AppTest.from_function(_unknown).run()
    said, written = app.error[0].value, caplog.records[-1]
    assert "our fault" in said
    assert "RuntimeError" in said
    assert written.kind == "RuntimeError"  # type: ignore[attr-defined]
    assert "frame.py:" in written.place  # type: ignore[attr-defined]
    assert re.search(r"Say the number [0-9A-F]{4}-[0-9A-F]{4} when", said)
    assert SECRET not in caplog.text + said
    assert not app.exception


def test_reruns_are_no_errors() -> None:
    app = AppTest.from_function(_rerun).run()
    assert app.markdown[0].value == "second run"
    assert not app.error
