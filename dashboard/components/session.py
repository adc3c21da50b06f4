"""Who reads in this session, and who speaks first: chosen by the person who runs it."""

from __future__ import annotations

import streamlit as st

from dashboard import access, keeping
from dashboard.components.markup import literal
from engine import ReadingOrder, mark, spoken, tr

_MEANINGS = {
    ReadingOrder.MODEL_FIRST: mark("The model's answer stands beside the case from the beginning."),
    ReadingOrder.READ_FIRST: mark("The reader records findings and confidence before the model's answer is shown."),
}


def session_choice() -> None:
    """Offer the reader's name and the order of reading, folded behind what holds now."""
    order = keeping.reading_order()
    with (
        st.popover(f"{literal(keeping.reader())} · {spoken(order)}", help=tr("Who reads, and who speaks first")),
        st.form("session"),
    ):
        known = access.account().person
        name = st.text_input(tr("Reader"), value=keeping.reader(), max_chars=60, disabled=bool(known))
        chosen = st.radio(
            tr("Reading order"),
            list(ReadingOrder),
            index=list(ReadingOrder).index(order),
            format_func=lambda order: spoken(order).capitalize(),
            captions=[tr(meaning) for meaning in _MEANINGS.values()],
        )
        if st.form_submit_button(tr("Use for this session"), type="primary"):
            keeping.set_session(name, chosen)
            st.rerun()
    if access.account().person and st.button(tr("Sign out"), key="sign-out"):
        access.sign_out()
