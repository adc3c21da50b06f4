"""Counterfactuals by hand: every edit of the reader with its effect on one label, and the way back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

import streamlit as st

from dashboard.components.markup import node, show
from dashboard.edits import Edits
from engine import (
    Box,
    Case,
    Effect,
    Effects,
    Period,
    Place,
    Substitution,
    asks_reverse,
    mark,
    other_strand,
    spoken,
    tr,
)

_QUOTED = 48  # characters of a struck sentence
_HOW = {
    "image": mark("Draw a Box on the image"),
    "note": mark("Strike words of the note"),
    "course": mark("Mute a value of the course"),
    "sequence": mark("Click bases of the sequence, or other bases below them,"),
    "question": mark("Take a word or a region away"),
    "film and note": mark("Draw a Box on the image, or strike words of the note,"),
}


def invitation(source: str) -> None:
    """Say how to begin, as long as nothing is taken away."""
    show(node("div", tr("{how} to see what the model would say without it.", how=tr(_HOW[source])), class_="at-quiet"))


def text_of(case: Case, source: str) -> str:
    """Return what stretches of a source quote: its note, or its bases as they are drawn; empty for an image.

    Bases keep their places, also where the case asks about the other strand.
    """
    if source == "sequence":
        bases = case.sequence.bases if case.sequence else ""
        return other_strand(bases)[::-1] if asks_reverse(case) else bases
    return case.note.text if source in {"note", "film and note"} and case.note else ""


def edit_list(effects: Effects, edits: Edits, *, text: str, key: str, bases: bool = False) -> None:
    """Show what the edits do, together and each alone, with undo, redo and clear.

    Parameters
    ----------
    effects : Effects
        Of the places that are taken away now.
    text : str
        The note or the bases to quote from; empty for an image and a course.
    bases : bool
        The text is a sequence: single letters are told apart by their place.
    """
    if effects.alone:
        show(_table(effects, text, bases))
    undo, redo, clear = st.columns(3)
    undo.button(tr("Undo"), key=f"{key}-undo", on_click=edits.undo, disabled=not edits.can_undo, width="stretch")
    redo.button(tr("Redo"), key=f"{key}-redo", on_click=edits.redo, disabled=not edits.can_redo, width="stretch")
    clear.button(tr("Clear"), key=f"{key}-clear", on_click=edits.clear, disabled=not edits.places, width="stretch")


def _table(effects: Effects, text: str, bases: bool) -> Element:
    rows = [
        _row(name_of(effect.place, _number(effects, effect), text, bases), effects.before, effect.probability)
        for effect in effects.alone
    ]
    if len(rows) > 1:
        rows.append(_row(tr("All together"), effects.before, effects.after))
    caption = node("caption", tr("What if: {label} without", label=spoken(effects.label)))
    return node("table", caption, node("tbody", *rows), class_="at-findings at-effects")


def _number(effects: Effects, effect: Effect) -> int:
    """The number that a box bears on the image, where only boxes are counted."""
    boxes = [one for one in effects.alone if isinstance(one.place, Box)]
    return boxes.index(effect) + 1 if effect in boxes else 0


def _row(name: str, before: float, after: float) -> Element:
    return node(
        "tr",
        node("th", name, scope="row"),
        node("td", f"{before:.2f} → {after:.2f}", class_="at-number"),
        node("td", _change(after - before), class_="at-number"),
    )


def _change(change: float) -> Element | str:
    if abs(change) < 0.005:
        return "±0.00"
    return node("b", f"{change:+.2f}".replace("-", "−"))


def name_of(place: Place, rank: int, text: str, bases: bool = False) -> str:
    """Name an edit.

    Examples
    --------
    >>> name_of(Substitution(2, "A"), 1, "AGGTAAGT", bases=True)
    'Base 3: A instead of G'
    >>> name_of(Box(0, 0, 10, 10), 2, ""), name_of(Stretch(6, 11), 1, "Acute cough.")
    ('Box 2', '“cough”')
    >>> name_of(Stretch(2, 3), 1, "AGGTAAGT", bases=True)
    'Base 3 (G)'
    """
    if isinstance(place, Box):
        return tr("Box {rank}", rank=rank)
    if isinstance(place, Period):
        return name_of_period(place)
    if isinstance(place, Substitution):
        return tr(
            "Base {place:,}: {base} instead of {letter}",
            place=place.start + 1,
            base=place.base,
            letter=text[place.start],
        )
    if bases:
        first = f"{place.start + 1:,}"
        one = place.end - place.start == 1
        return (
            tr("Base {first} ({letter})", first=first, letter=text[place.start])
            if one
            else tr("Bases {first} to {end:,}", first=first, end=place.end)
        )
    return f"“{shortened(text[place.start : place.end])}”"


def name_of_period(place: Period) -> str:
    """Name a period of a course, of one variable or of all.

    Examples
    --------
    >>> name_of_period(Period(10.0, 11.0, "HR")), name_of_period(Period(10.4, math.nextafter(10.4, 11), "MAP"))
    ('HR 10:00–11:00', 'MAP 10:24')
    >>> name_of_period(Period(0.0, math.inf, "Lactate")), name_of_period(Period(30.0, math.inf))
    ('Lactate, all values', 'Everything from 30:00 on')
    """
    name, start = place.variable or tr("Everything"), _clock(place.start)
    if math.isinf(place.end):
        return (
            tr("{name}, all values", name=name)
            if place.start <= 0
            else tr("{name} from {start} on", name=name, start=start)
        )
    end = _clock(place.end)
    return f"{name} {start}" if end == start else f"{name} {start}–{end}"


def _clock(hour: float) -> str:
    minutes = round(hour * 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def shortened(words: str) -> str:
    """Keep the beginning and the end of a long quotation."""
    words = " ".join(words.split())
    return words if len(words) <= _QUOTED else f"{words[: _QUOTED // 2].rstrip()} … {words[-_QUOTED // 3 :].lstrip()}"


def quoted(places: Sequence[Place], text: str) -> str:
    """Quote the stretches of a note, in its order, or name the periods of a course."""
    return " · ".join(name_of(place, 0, text) for place in places if not isinstance(place, Box))
