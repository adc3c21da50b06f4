"""What of a note is not read is said above it, and files cannot put markup there."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Draw what two notes lack."""
    from dashboard.components.unread import cut_short, left_out
    from engine import Note

    left_out(Note("Well.", "d"))
    left_out(Note("Well.", "d", warnings=("Page <2> was not read.",)))
    cut_short(1.0, "Specialties")
    cut_short(0.427, "Specialties")


def test_what_a_file_holds_beside_its_note_is_said() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    html, partly = (element.proto.body for element in app.get("html"))
    assert "Page &lt;2&gt; was not read." in html
    assert 'role="alert"' in html
    assert "It read the first 42.7 % of the words alone" in partly
    assert 'role="alert"' in partly
