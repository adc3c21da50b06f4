"""Among which answers a question is answered: how many there are, how far they reach, and the list with a search."""

from __future__ import annotations

import streamlit as st

from dashboard.components.markup import node, show
from engine import Card, spoken, tr

_REACH = "open_answers_covered"  # share of open answers to questions that were not taught


def answer_space(card: Card, *, key: str) -> None:
    """Say what the answers of a model cover, and fold the list of them away.

    Parameters
    ----------
    card : Card
        Of a model that chooses its answer from its labels.
    """
    show(node("div", in_words(card), class_="at-quiet at-answer-space"))
    with st.expander(tr("The {n} answers", n=len(card.labels))):
        wanted = st.text_input(tr("Search the answers"), key=f"{key}-answers").strip().casefold()
        found = [label for label in card.labels if wanted in label.casefold() or wanted in spoken(label).casefold()]
        show(node("div", " · ".join(map(spoken, found)) or tr("No answer has these words: it can never be given.")))


def in_words(card: Card) -> str:
    """Say in how far the true answer can be among those of a model."""
    said = tr(
        "It chooses among {n} answers: all those (100 %) of the questions that it was taught, and no others.",
        n=len(card.labels),
    )
    reach = card.metrics.get(_REACH)
    if reach is None or reach.low is None or reach.high is None:
        return said
    held = tr(
        "Of the open answers to other questions {share:.0%} are among them ({low:.0%} to {high:.0%}, n = {n}).",
        share=reach.value,
        low=reach.low,
        high=reach.high,
        n=reach.n,
    )
    return f"{said} {held}"
