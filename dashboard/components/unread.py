"""What of a note was not read, said above it: parts of its file, and what lies too far in for a model."""

from __future__ import annotations

from dashboard.components.markup import node, show
from engine import Note, read_in_part, spoken, tr


def left_out(note: Note) -> None:
    """Say which parts of the file are not in the note; nothing where all are."""
    if not note.warnings:
        return
    title = node("strong", tr("This note is not all that its file holds. "))
    listed = node("ul", *(node("li", spoken(warning)) for warning in note.warnings), class_="at-notes")
    show(node("div", title, listed, class_="at-problem", role="alert"))


def cut_short(share: float, title: str) -> None:
    """Say that a model has not read a text to its end; nothing where it has.

    Parameters
    ----------
    share : float
        Of the text that was read, in [0, 1].
    title : str
        What was answered of it, for the reader.
    """
    said = read_in_part(share)
    if said:
        show(node("div", node("strong", tr("{title}. ", title=title)), said, class_="at-problem", role="alert"))
