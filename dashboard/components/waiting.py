"""Waiting for what is computed: in line with other readers, or for the background without holding the page up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.background import Job
from dashboard.components.markup import node, show
from dashboard.tongue import speaks
from dashboard.turns import Place, readers
from engine import tr

_EVERY = 0.5  # seconds
_T = TypeVar("_T")


def in_turn(kind: str, compute: Callable[[], _T]) -> _T:
    """Compute what the reader looks at as soon as it is their turn; their place is on the page as long as it is not.

    Parameters
    ----------
    kind : str
        Of the work, by which its duration is foreseen.
    """
    slot = None

    def tell(place: Place) -> None:
        nonlocal slot
        slot = slot or st.empty()
        with slot:
            _line(in_line(tr("Other readers' cases come first"), place))

    try:
        with readers().taken(kind, tell):
            return compute()
    finally:
        if slot is not None:
            slot.empty()


def awaited(job: Job[_T], draw: Callable[[_T], None], *, doing: str) -> None:
    """Draw what a job has found; how far it is as long as it works.

    Parameters
    ----------
    draw : callable
        Draws the result.
    doing : str
        What is being done, for the reader who waits.
    """
    if not job.ended:
        st.fragment(_poll, run_every=_EVERY)(job, doing)
    elif job.result is not None:
        draw(job.result)
    else:
        show(
            node(
                "div",
                tr("{doing}: not possible. {failed}", doing=doing, failed=job.failed),
                class_="at-quiet",
                role="alert",
            )
        )


@speaks
def _poll(job: Job[_T], doing: str) -> None:
    if job.ended:
        st.rerun()  # of the whole page: what is found is said in several places
    place = job.place
    if place is not None and place.before:
        _line(in_line(doing, place))
    else:
        _line(f"{doing}: {job.share:.0%}" if job.share else f"{doing} …")


def in_line(doing: str, place: Place) -> str:
    """Say how many come first and, where that was ever measured, how long it takes."""
    if not place.before:
        return tr("{doing}: you are next", doing=doing)
    if place.seconds is None:
        return tr("{doing}: {n} before you", doing=doing, n=place.before)
    return tr(
        "{doing}: {n} before you, about {seconds} s", doing=doing, n=place.before, seconds=_rounded(place.seconds)
    )


def seconds_in_words(seconds: float) -> str:
    """Say how long something takes, as far as one can foresee it."""
    return tr("{n} s", n=_rounded(seconds)) if seconds < 90 else tr("{n} min", n=math.ceil(seconds / 60))


def _rounded(seconds: float) -> int:
    """Seconds as far as one can foresee them: whole ones, and fives above ten.

    Examples
    --------
    >>> _rounded(0.2), _rounded(7.4), _rounded(23.0)
    (1, 8, 25)
    """
    return max(math.ceil(seconds), 1) if seconds <= 10 else 5 * math.ceil(seconds / 5)


def _line(words: str) -> None:
    show(node("div", words, class_="at-quiet at-waiting"))
