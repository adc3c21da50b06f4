"""What stands behind one suggestion: the words of the note that speak for it, and the past notes whose plans named it.

Found in the background when the reader asks for it, a suggestion at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard import cache
from dashboard.background import Progress
from dashboard.components.markup import node, show
from dashboard.components.treatments import past_table, quotes
from dashboard.components.waiting import awaited
from dashboard.state import Desk, View
from engine import Case, Explanation, LoadedModel, SimilarCases, explain_case, similar_cases, spoken, tr

_NEAREST = 5  # past notes that carry the suggestion
_FAR = 3.0  # multiples of the typical distance beyond which nothing is alike


@dataclass(frozen=True)
class Behind:
    """What speaks for one label: the map of the note, and the nearest training notes that have it."""

    label: str
    explanation: Explanation
    past: SimilarCases


def look_behind(case: Case, model: LoadedModel, label: str, progress: Progress) -> Behind:
    """Find what speaks for a label; for the background."""
    explanation = explain_case(case, model, label=label)
    progress(0.7)
    return Behind(label, explanation, similar_cases(case, model, count=_NEAREST, carrying=label))


def behind(desk: Desk, case: Case, view: View, labels: Sequence[str]) -> None:
    """Let the reader choose a suggestion, and show what stands behind it.

    Parameters
    ----------
    labels : sequence of str
        What is suggested.
    """
    if case.note is None or not labels:
        return
    label = st.pills(
        tr("Words and past notes behind"), labels, format_func=spoken, key=f"behind-{'-'.join(map(str, view))}"
    )
    if label is None:
        return
    model = cache.model(view.task)
    job = desk.in_background("behind", (view, label), lambda progress: look_behind(case, model, label, progress))
    awaited(
        job,
        partial(said_behind, text=case.note.text, suggested=labels),
        doing=tr("Looking for what stands behind {label}", label=spoken(label)),
    )


def said_behind(found: Behind, *, text: str, suggested: Sequence[str]) -> None:
    """Say which words of the note speak for a suggestion, and name the nearest past notes that carry it."""
    label, past = spoken(found.label), found.past
    words = " · ".join(f"“{one}”" for one in quotes(found.explanation, text)) or tr("no word in particular")
    show(node("div", node("b", tr("Words for {label}: ", label=label)), words, class_="at-quotes at-words-behind"))
    if not past.cases:
        return
    said = tr("The {n} nearest of {searched:,} training notes", n=len(past.cases), searched=past.searched)
    show(node("div", node("b", tr("{notes} whose plans named {label}", notes=said, label=label)), class_="at-quotes"))
    past_table(past, suggested)
    if past.cases[0].distance > _FAR * past.typical:
        far = tr("Even the nearest is much farther than training cases are from one another: none is really alike.")
        show(node("div", far, class_="at-quiet"))
