"""Waiting for work in the background without holding the page up: asked about every half second until it is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from dashboard.background import Job
from dashboard.components.markup import node, show

_EVERY = 0.5  # seconds
_T = TypeVar("_T")


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
        show(node("div", f"{doing}: not possible. {job.failed}", class_="at-quiet", role="alert"))


def _poll(job: Job[_T], doing: str) -> None:
    if job.ended:
        st.rerun()  # of the whole page: what is found is said in several places
    show(node("div", f"{doing}: {job.share:.0%}" if job.share else f"{doing} …", class_="at-quiet at-waiting"))
