"""What surrounds every page: the look, the disclaimer, and errors told in words."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from dashboard import access
from dashboard.components.markup import node, show
from engine import DISCLAIMER, AttendingError

_STYLE = Path(__file__).parent.parent / "assets" / "style.css"
_log = logging.getLogger(__name__)


@contextmanager
def screen() -> Iterator[None]:
    """Surround one page; whatever the page raises is told to the reader, never shown as a stack of code."""
    st.html(_STYLE)
    show(node("div", DISCLAIMER, _who_is_let_in(), class_="at-disclaimer", role="note"))
    with told():
        yield


def _who_is_let_in() -> str:
    """Say it where nobody signs in: a reader must know who else may sit here."""
    if access.settings() is not None:
        return ""
    return " Nobody signs in here: whoever reaches this address sees what is kept."


@contextmanager
def told() -> Iterator[None]:
    """Tell errors in words: ours with their advice, unknown ones as our fault and in the log without their text."""
    try:
        yield
    except AttendingError as error:
        tell(error)
    except Exception as error:
        _log.error("unexpected %s at %s", type(error).__name__, _place(error))
        st.error(
            f"This is our fault, not yours: {type(error).__name__} in the program. "
            "Your case is still open: go on with another one, or start the dashboard again. "
            "The log says where it happened."
        )


def tell(error: AttendingError) -> None:
    """Show one of our own errors: what happened, and what to do next."""
    show(node("div", node("strong", error.happened), " ", error.advice, class_="at-problem", role="alert"))


def _place(error: Exception) -> str:
    """Files and lines of the traceback; the message stays out, for it may quote a patient's file."""
    return " < ".join(
        f"{Path(f.filename).name}:{f.lineno}" for f in reversed(traceback.extract_tb(error.__traceback__))
    )
