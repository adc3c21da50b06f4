"""The sentences of a note that carry an answer, quoted with their values, and copied with them.

For the map that is shown, for every other label that is ruled in, and, where none is, from the middle of a long note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard import cache
from dashboard.components.scripts import script, words_of
from dashboard.components.waiting import awaited
from dashboard.reading import Reading
from dashboard.state import Desk
from engine import (
    Call,
    Case,
    Explanation,
    MiddleSentence,
    Quote,
    key_sentences,
    middle_sentences,
    quotes_by_label,
    spoken,
    tr,
)

_HERE = Path(__file__).parent
_LONG = 120  # words of a note, under which it is its own summary
_FEWEST = 20  # words of a note, under which there is nothing to choose from
_QUOTES = 3  # for a label
_QUOTES_OF_FEW = 2  # in a short note, such as a report of which every sentence has labels of its own
_MOST = 8  # further labels
_SCRIPTS = ("elements.js", "quotes.js")


def quotes_of(desk: Desk, case: Case, reading: Reading, explanation: Explanation) -> None:
    """Quote what speaks for the labels of an answer; nothing for a note of a few words."""
    text = case.note.text if case.note else ""
    words = len(text.split())
    if words < _FEWEST:
        return
    short = words < _LONG
    most = _QUOTES_OF_FEW if short else _QUOTES
    key = "-".join(map(str, reading.view))
    if explanation.label is not None:
        found = {explanation.label: key_sentences(text, explanation.spans, most=most)}
        _draw(by_label(text, found, short=short), key=f"quotes-{key}")
    ruled_in = [one.label for one in reading.analysis.findings if one.call is Call.RULED_IN]
    others = [label for label in ruled_in if label != explanation.label][:_MOST]
    model, lane = cache.model(reading.task.name), f"quotes-{reading.task.name}"
    if others:
        method = explanation.method
        work = (reading.view, method, tuple(others))
        job = desk.in_background(
            lane,
            work,
            lambda progress: quotes_by_label(case, model, others, method=method, most=most, progress=progress),
        )
        awaited(
            job,
            lambda found: _draw(by_label(text, found, short=short), key=f"more-{key}"),
            doing=tr("Quoting for other labels"),
        )
    elif not short and not ruled_in and reading.analysis.domain.inside:
        middle = desk.in_background(lane, reading.view, lambda _: middle_sentences(case, model))
        awaited(middle, lambda found: _draw(in_the_middle(text, found), key=f"middle-{key}"), doing=tr("Quoting"))


def by_label(text: str, found: Mapping[str, Sequence[Quote]], *, short: bool = False) -> list[dict[str, Any]]:
    """Describe quotations for labels; nothing for a label that no sentence speaks for.

    Parameters
    ----------
    short : bool
        The note needs no summary: what is quoted is the evidence for a label alone.
    """
    return [
        {
            "title": tr("What speaks for {label}:", label=spoken(label))
            if short
            else tr("The note in short, for {label}:", label=spoken(label)),
            "how": tr("sentences quoted by the map."),
            "lines": [{"sentence": _sentence(text, one), "value": f"{one.share:.0%}"} for one in quotes],
            "about": tr("Shares of what the map gives to all sentences that speak for it. Read the note."),
        }
        for label, quotes in found.items()
        if quotes
    ]


def in_the_middle(text: str, found: Sequence[MiddleSentence]) -> list[dict[str, Any]]:
    """Describe the quotations of a note for which no label is ruled in."""
    if not found:
        return []
    lines = [{"sentence": _sentence(text, one), "value": f"{one.likeness:.2f}"} for one in found]
    about = tr(
        "No label is ruled in. Quoted sentences, no summary in other words: those most like the mean of all sentences, "
        "as the model reads them (cosine). They speak for no label. Read the note."
    )
    return [{"title": tr("From the middle of the note:"), "how": "", "lines": lines, "about": about}]


def _sentence(text: str, place: Quote | MiddleSentence) -> str:
    return " ".join(text[place.start : place.end].split())


def _draw(groups: Sequence[dict[str, Any]], *, key: str) -> None:
    if groups:
        _component()(key=key, data={"groups": groups, "words": words_of(*_SCRIPTS)})


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_quotes",
        html='<div class="quotes"></div>',
        css=(_HERE / "quotes.css").read_text("utf-8"),
        js=script(*_SCRIPTS),
    )
