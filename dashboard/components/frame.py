"""What surrounds every page: the look, the disclaimer, and errors told in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from dashboard import access
from dashboard.components.language import language_choice
from dashboard.components.markup import node, show
from dashboard.faults import in_words
from dashboard.tongue import chosen
from engine import DISCLAIMER, AttendingError, log_error, numbered, speaking, spoken, tr

_STYLE = Path(__file__).parent.parent / "assets" / "style.css"


@contextmanager
def screen() -> Iterator[None]:
    """Surround one page; whatever the page raises is told to the reader, never shown as a stack of code."""
    st.html(_STYLE)
    language_choice()
    show(node("div", tr(DISCLAIMER), _who_is_let_in(), class_="at-disclaimer", role="note"))
    with told():
        yield


def _who_is_let_in() -> str:
    """Say it where nobody signs in: a reader must know who else may sit here."""
    if access.settings() is not None:
        return ""
    return tr(" Nobody signs in here: whoever reaches this address sees what is kept.")


@contextmanager
def told() -> Iterator[None]:
    """Tell errors in words: ours with their advice, unknown ones as our fault and in the log without their text.

    All that is logged meanwhile has one number, the one that the reader is told. What is done before a page is drawn,
    when the browser reports something, speaks the reader's language by this.
    """
    with speaking(chosen()), numbered():
        try:
            yield
        except AttendingError as error:
            tell(error)
        except Exception as error:
            tell_fault(error)


def tell_fault(error: Exception) -> bool:
    """Tell of an error that nobody expected: its kind, and the number under which the log says where it was.

    Returns
    -------
    bool
        True: it is told, and nobody else need show it (as Streamlit's ``on_script_error`` asks).
    """
    with numbered() as number:
        log_error(__name__, "A page failed.", error)
    with speaking(chosen()):
        st.error(in_words(error, number))
    return True


def tell(error: AttendingError) -> None:
    """Show one of our own errors: what happened, and what to do next."""
    show(
        node(
            "div", node("strong", spoken(error.happened)), " ", spoken(error.advice), class_="at-problem", role="alert"
        )
    )
