"""A second look at an answer: whether it stands when the picture is moved, and past cases that look alike to the model.

Past cases are looked for when the reader asks for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.components.facts import table
from dashboard.components.frame import told
from dashboard.components.markup import node, show
from engine import SimilarCases, Steadiness, spoken, steadiness_in_words, tr

_T = TypeVar("_T")

_FAR = 3.0  # multiples of the typical distance beyond which nothing is alike


def steadiness_line(found: Steadiness) -> None:
    """Say under the headline whether the answer stands when the picture is moved by a few pixels."""
    look = "at-line at-quiet" if found.held == found.moved else "at-line at-alarm"
    show(node("div", steadiness_in_words(found), class_=look, data_held=str(found.held), data_moved=str(found.moved)))


def past_images_alike(alike: Callable[[], SimilarCases], *, key: str) -> None:
    """Offer the training images that look alike to the model, and show them when they are asked for.

    Parameters
    ----------
    alike : callable
        Gives what is shown; called once for a `key` while the session lasts.
    key : str
        Names the view of the case, for this session alone.
    """
    if not st.toggle(tr("Past images like this one"), key=f"{key}-past-images"):
        return
    with told():
        past_cases(_once(f"{key}-alike", alike))


def past_notes_alike(alike: Callable[[], SimilarCases], *, key: str) -> None:
    """Offer the training notes that are alike; parameters as for `past_images_alike`."""
    if not st.toggle(tr("Past notes like this one"), key=f"{key}-past-notes"):
        return
    with told():
        past_cases(_once(f"{key}-alike", alike), notes=True)


def past_cases(found: SimilarCases, *, notes: bool = False) -> None:
    """Show the labels and distances of past cases, and how far is far; of notes also their ids in the data set."""
    counts = Counter(label for case in found.cases for label in case.labels)
    said = tr(", ").join(f"{count} {spoken(label)}" for label, count in counts.most_common())
    st.markdown(tr("**Of the {n} training cases that look most alike: {said}**", n=len(found.cases), said=said))
    if found.cases and found.cases[0].distance > _FAR * found.typical:
        st.caption(
            tr("Even the nearest is much farther than training cases are from one another: none is really alike.")
        )
    rows = [
        (
            str(rank),
            tr(", ").join(map(spoken, case.labels)) or tr("none"),
            f"{case.distance / max(found.typical, 1e-6):.1f}",
        )
        for rank, case in enumerate(found.cases, start=1)
    ]
    if notes:
        rows = [(one.name or row[0], *row[1:]) for one, row in zip(found.cases, rows, strict=True)]
    first = tr("Note of the data set") if notes else tr("Rank")
    table((first, tr("It was"), tr("Distance")), rows, label=tr("Similar past cases"))
    st.caption(
        tr(
            "Among {searched:,} training notes; a distance of 1 is what is usual between neighbours. Alike to the "
            "model is not alike to a reader; the notes themselves are in the data set and are not kept here.",
            searched=found.searched,
        )
        if notes
        else tr(
            "Among {searched:,} training cases; a distance of 1 is what is usual between neighbours. Alike to "
            "the model is not alike to a reader; their images are not kept.",
            searched=found.searched,
        )
    )


def _once(key: str, ask: Callable[[], _T]) -> _T:
    """Ask when it is first needed, and keep the answer with the session."""
    if key not in st.session_state:
        st.session_state[key] = ask()
    kept: _T = st.session_state[key]
    return kept
