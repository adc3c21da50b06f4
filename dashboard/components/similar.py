"""A second look at an answer: past cases that look alike to the model, and whether the answer stands when moved.

Nothing is computed before the reader asks for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.components.facts import table
from dashboard.components.frame import told
from dashboard.components.markup import node, show
from engine import SimilarCases, Steadiness, spoken, tr

_T = TypeVar("_T")

_FAR = 3.0  # multiples of the typical distance beyond which nothing is alike


def second_look(alike: Callable[[], SimilarCases], steady: Callable[[], Steadiness], *, key: str) -> None:
    """Offer a second look, and show it when it is asked for.

    Parameters
    ----------
    alike, steady : callable
        Give what is shown; called once each for a `key` while the session lasts.
    key : str
        Names the view of the case, for this session alone.
    """
    if not st.toggle(tr("Look twice: is it steady, and what looked alike?"), key=f"{key}-second-look"):
        return
    with told():
        show(node("div", in_words(_once(f"{key}-steady", steady)), class_="at-steady"))
    with told():
        past_cases(_once(f"{key}-alike", alike))


def in_words(found: Steadiness) -> str:
    """Say in one sentence whether the answer stands.

    Examples
    --------
    >>> in_words(Steadiness("normal", 9, 1.0, 0.81, 0.93))
    'Steady: moved by a few pixels it is normal in all 9 views (0.81 to 0.93).'
    >>> in_words(Steadiness("normal", 9, 5 / 9, 0.31, 0.63))
    'Not steady: moved by a few pixels it is normal in 5 of 9 views only (0.31 to 0.63).'
    """
    ends = tr("({low:.2f} to {high:.2f})", low=found.low, high=found.high)
    if found.agreement == 1.0:
        return tr(
            "Steady: moved by a few pixels it is {label} in all {views} views {ends}.",
            label=spoken(found.label),
            views=found.views,
            ends=ends,
        )
    agreeing = round(found.agreement * found.views)
    return tr(
        "Not steady: moved by a few pixels it is {label} in {agreeing} of {views} views only {ends}.",
        label=spoken(found.label),
        agreeing=agreeing,
        views=found.views,
        ends=ends,
    )


def past_notes_alike(alike: Callable[[], SimilarCases], *, key: str) -> None:
    """Offer the training notes that are alike; parameters as for `second_look`."""
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
