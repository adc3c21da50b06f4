"""The smallest part that keeps the answer, and the smallest whose absence flips it, in words and on the source."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.background import Progress
from dashboard.components.markup import node, show
from dashboard.components.what_if import quoted
from engine import Aim, Box, Explanation, Period, Place, Smallest, Stretch, WhatIf, mark, spoken, tr, trn

Found = dict[Aim, Smallest | None]
_NEITHER = mark("Neither")
_PARTS = {Box: mark("patches"), Stretch: mark("words"), Period: mark("hourly values")}
_SHOWN = {Aim.KEEPS: mark("What keeps it"), Aim.FLIPS: mark("What flips it")}


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
        words = tr(
            "The model does not answer {label} for the whole case, so nothing keeps or flips it. Choose its answer.",
            label=spoken(label),
        )
        show(node("div", words, class_="at-quiet"))
        return
    for aim, part in found.items():
        show(node("div", in_words(aim, part, label), class_="at-part"))
        if part and (said := quoted(part.places, text)):
            show(node("div", said, class_="at-quiet"))
    choices = [_NEITHER, *(aim for aim, part in found.items() if part and part.count)]
    st.segmented_control(
        tr("Draw"), choices, default=_NEITHER, required=True, format_func=lambda aim: tr(_SHOWN.get(aim, aim)), key=key
    )


def in_words(aim: Aim, part: Smallest | None, label: str) -> str:
    """Say what the smallest part does, and how large it is."""
    label = spoken(label)
    if part is None:
        return tr("Nothing was found that {keeps} the answer {label}.", keeps=spoken(aim), label=label)
    known = {"label": label, "p": part.probability}
    if part.count == 0:
        return tr(
            "Nothing is needed to keep it: with all parts gone the model still answers {label} ({p:.2f}).", **known
        )
    kinds = dict.fromkeys(tr(_PARTS[type(place)]) for place in part.places)
    size = tr("{n} of {total} {kinds}", n=part.count, total=part.total, kinds=tr(" and ").join(kinds))
    if aim is Aim.KEEPS:
        return trn(
            "{size} alone keeps the answer {label} (probability {p:.2f}).",
            "{size} alone keep the answer {label} (probability {p:.2f}).",
            part.count,
            size=size,
            **known,
        )
    return tr("Without {size} the answer is no longer {label} (probability {p:.2f}).", size=size, **known)


def drawn(found: Found | None, key: str) -> tuple[Place, ...]:
    """Return the places that the reader wants drawn."""
    part = found.get(st.session_state.get(key, _NEITHER)) if found else None
    return part.places if part else ()
