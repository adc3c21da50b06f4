"""The one who runs the session says who reads and who speaks first."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from engine import ReadingOrder


def _page() -> None:
    """Offer the choice, and show what holds."""
    import streamlit as st

    from dashboard import keeping
    from dashboard.components.session import session_choice

    session_choice()
    st.text(f"{keeping.reader()} / {keeping.reading_order()}")


def test_what_is_chosen_holds_when_it_is_confirmed_and_not_before() -> None:
    app = AppTest.from_function(_page).run()
    assert app.text[0].value == "reader / model first"
    app.text_input[0].set_value("  Dr Ada  ")
    app.radio[0].set_value(ReadingOrder.READ_FIRST)
    app.button[0].click().run()
    assert not app.exception
    assert app.text[0].value == "Dr Ada / read first"
    assert app.run().text[0].value == "Dr Ada / read first"


def test_a_reader_without_a_name_is_called_reader() -> None:
    app = AppTest.from_function(_page).run()
    app.text_input[0].set_value("   ")
    app.button[0].click().run()
    assert app.text[0].value == "reader / model first"
