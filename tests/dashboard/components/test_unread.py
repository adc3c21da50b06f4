"""What of a note is not read is said above it, and files cannot put markup there."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Draw what two notes lack."""
    from dashboard.components.unread import left_out
    from engine import Note

    left_out(Note("Well.", "d"))
    left_out(Note("Well.", "d", warnings=("Page <2> was not read.",)))


def test_what_a_file_holds_beside_its_note_is_said() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    (html,) = (element.proto.body for element in app.get("html"))
    assert "Page &lt;2&gt; was not read." in html
    assert 'role="alert"' in html
