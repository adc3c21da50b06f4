"""Edits are named so that the reader finds them again on the image or in the note."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.components.what_if import quoted, shortened
from engine import Stretch


def test_long_quotations_keep_their_ends() -> None:
    words = "The patient is a 61-year-old man with substernal chest pain radiating to the left arm."
    short = shortened(words)
    assert len(short) < len(words)
    assert short.startswith("The patient")
    assert short.endswith("left arm.")
    assert shortened("cough\nand fever") == "cough and fever"


def test_stretches_are_quoted_in_their_order() -> None:
    assert quoted((Stretch(0, 5), Stretch(6, 11)), "chest pains") == "“chest” · “pains”"


def page() -> None:
    """Draw the edits of a note with <b> in it."""
    import streamlit as st

    from dashboard.components.what_if import edit_list
    from dashboard.edits import Edits
    from engine import Effect, Effects, Stretch

    edits = st.session_state.setdefault("edits", Edits())
    if "taken" not in st.session_state:
        st.session_state["taken"] = True
        edits.take(Stretch(0, 8))
        edits.take(Stretch(9, 13))
    alone = tuple(Effect(place, 0.35 + 0.1 * rank, -0.25) for rank, place in enumerate(edits.places))
    edit_list(Effects("normal", 0.6, 0.2, alone), edits, text="<b>x</b> pain", key="e")


def test_every_edit_is_listed_with_its_effect_and_can_be_undone() -> None:
    app = AppTest.from_function(page).run()
    html = app.get("html")[0].proto.body
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "0.60 → 0.35" in html
    assert "−0.25" in html
    assert "All together" in html
    assert app.button(key="e-redo").disabled
    app.button(key="e-undo").click().run()
    html = app.get("html")[0].proto.body
    assert "pain" not in html
    assert "All together" not in html
    app.button(key="e-redo").click().run()
    app.button(key="e-clear").click().run()
    assert not app.get("html")
    assert not app.button(key="e-undo").disabled


def test_the_invitation_fits_what_is_shown() -> None:
    app = AppTest.from_function(invited).run()
    said = [element.proto.body for element in app.get("html")]
    assert [words in html for words, html in zip(("a Box", "Strike", "Mute a value"), said, strict=True)] == [True] * 3


def invited() -> None:
    """Invite to edit an image, a note and a course."""
    from dashboard.components.what_if import invitation

    for source in ("image", "note", "course"):
        invitation(source)
