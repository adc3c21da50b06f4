"""The smallest part that keeps the answer, and the smallest whose absence flips it, in words and on the source."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.background import Progress
from dashboard.components.markup import node, show
from dashboard.components.what_if import quoted
from engine import Aim, Box, Explanation, Period, Place, Smallest, Stretch, WhatIf

Found = dict[Aim, Smallest | None]
_NEITHER = "Neither"
_PARTS = {Box: "patches", Stretch: "words", Period: "hourly values"}
_SHOWN = {Aim.KEEPS: "What keeps it", Aim.FLIPS: "What flips it"}


def search(what_if: WhatIf, explanation: Explanation, label: str, progress: Progress) -> Found:
    """Look for both parts, in the order of the map that is shown; for the background."""
    return {
        aim: what_if.smallest(explanation, label, aim, heartbeat=partial(progress, rank / len(Aim)))
        for rank, aim in enumerate(Aim)
    }


def smallest_parts(found: Found, label: str, *, text: str, key: str) -> None:
    """Say what was found, and let the reader choose which is drawn on the source.

    Parameters
    ----------
    text : str
        The note, to quote from; empty for others.
    """
    if not any(found.values()):
        words = (
            f"The model does not answer {label} for the whole case, so nothing keeps or flips it. Choose its answer."
        )
        show(node("div", words, class_="at-quiet"))
        return
    for aim, part in found.items():
        show(node("div", in_words(aim, part, label), class_="at-part"))
        if part and (said := quoted(part.places, text)):
            show(node("div", said, class_="at-quiet"))
    choices = [_NEITHER, *(aim for aim, part in found.items() if part and part.count)]
    st.segmented_control(
        "Draw", choices, default=_NEITHER, required=True, format_func=lambda aim: _SHOWN.get(aim, aim), key=key
    )


def in_words(aim: Aim, part: Smallest | None, label: str) -> str:
    """Say what the smallest part does, and how large it is."""
    if part is None:
        return f"Nothing was found that {aim} the answer {label}."
    if part.count == 0:
        probability = f"{part.probability:.2f}"
        return f"Nothing is needed to keep it: with all parts gone the model still answers {label} ({probability})."
    kinds = dict.fromkeys(_PARTS[type(place)] for place in part.places)
    size = f"{part.count} of {part.total} {' and '.join(kinds)}"
    if aim is Aim.KEEPS:
        keep = "keeps" if part.count == 1 else "keep"
        return f"{size} alone {keep} the answer {label} (probability {part.probability:.2f})."
    return f"Without {size} the answer is no longer {label} (probability {part.probability:.2f})."


def drawn(found: Found | None, key: str) -> tuple[Place, ...]:
    """Return the places that the reader wants drawn."""
    part = found.get(st.session_state.get(key, _NEITHER)) if found else None
    return part.places if part else ()
