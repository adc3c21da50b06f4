"""What of a note no model has read, said above it: parts of its file that could not be read, and what lies too far in."""

from __future__ import annotations

from dashboard.components.markup import node, show
from engine import Note, spoken, tr


def left_out(note: Note) -> None:
    """Say which parts of the file are not in the note; nothing where all are."""
    if not note.warnings:
        return
    title = node("strong", tr("This note is not all that its file holds. "))
    listed = node("ul", *(node("li", spoken(warning)) for warning in note.warnings), class_="at-notes")
    show(node("div", title, listed, class_="at-problem", role="alert"))
