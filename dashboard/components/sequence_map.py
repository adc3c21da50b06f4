"""A window of bases with a logo of their relevance, the junction, and what every single substitution would change.

Shading, read-out and marking work in the browser without the server. Letters travel as data and are drawn as text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.components.note_map import palette, title
from dashboard.components.scripts import script, words_of
from dashboard.uninterrupted import uninterrupted
from engine import Case as EngineCase
from engine import (
    Explanation,
    Mutations,
    Place,
    Stretch,
    Substitution,
    asks_reverse,
    mark,
    other_strand,
    site_in_question,
    spoken,
    tr,
)

_HERE = Path(__file__).parent
_AROUND = 40  # bases on each side of the site that are drawn
_SIDES = {"exon-intron": (mark("exon"), mark("intron")), "intron-exon": ("intron", "exon")}


def sequence_map(
    case: EngineCase,
    explanation: Explanation | None,
    mutations: Mutations | None,
    *,
    said: str,
    key: str,
    edited: Sequence[Place] = (),
    marked: Sequence[Place] = (),
    on_edit: Callable[[Place], None] | None = None,
) -> None:
    """Show the bases around the site that the case asks about.

    Parameters
    ----------
    case : Case
        Narrowed to the site, by `Case.at`; a site of the other strand is drawn as that strand is read.
    explanation : Explanation or None
        Spans over bases, in multiples of an average base.
    mutations : Mutations or None
        What other bases would change.
    said : str
        The label that the model gives: it names the two sides of a junction.
    edited, marked : sequence of Place
        What the reader has taken away or put in its place, and the part that an answer rests on.
    on_edit : callable, optional
        Called with the base that the reader strikes, or puts in the place of another, before the page runs again.
    """
    site, bases = site_in_question(case), case.sequence.bases if case.sequence else ""
    start, end = max(0, site - _AROUND), min(len(bases), site + _AROUND)
    reverse = asks_reverse(case)
    places = range(start, end)[::-1] if reverse else range(start, end)  # as the strand is read
    relevance = {span.start: span.relevance for span in explanation.spans} if explanation else {}
    data = {
        "bases": other_strand(bases[start:end]) if reverse else bases[start:end],
        "places": list(places),
        "site": end - site if reverse else site - start,
        "strand": tr("strand −, read from right to left") if reverse else None,
        "sides": tuple(tr(side) for side in _SIDES.get(said, ())) or None,
        "relevance": [relevance.get(place) for place in places],
        "map": _legend(explanation) if explanation else None,
        "mutations": _mutations(mutations, places) if mutations else None,
        "struck": _bases(edited, start, end),
        "changed": {str(place.start): place.base for place in edited if isinstance(place, Substitution)},
        "marked": _bases(marked, start, end),
        "canEdit": on_edit is not None,
        "words": words_of("sequence_map.js"),
    }

    @uninterrupted
    def tell() -> None:
        place = _clicked((st.session_state.get(key) or {}).get("edited"))
        if on_edit is not None and place is not None and start <= place.start < end:
            on_edit(place)

    _component()(key=key, data=data, on_edited_change=tell)


def _clicked(click: Any) -> Stretch | Substitution | None:
    """Read what the browser tells: a base is struck, or a letter is put in its place."""
    match click:
        case {"base": int(base), "letter": "A" | "C" | "G" | "T" as letter}:
            return Substitution(base, letter)
        case {"base": int(base), "letter": None}:
            return Stretch(base, base + 1)
    return None


def _legend(explanation: Explanation) -> dict[str, Any]:
    return {"scale": explanation.scale, "signed": explanation.signed, "title": title(explanation)}


def _mutations(mutations: Mutations, places: Sequence[int]) -> dict[str, Any]:
    changes = dict(zip(mutations.positions.tolist(), mutations.changes.round(4).tolist(), strict=True))
    return {
        "label": spoken(mutations.label),
        "before": mutations.before,
        "changes": [changes.get(place) for place in places],
        "colors": palette(signed=True),
    }


def _bases(places: Sequence[Stretch], start: int, end: int) -> list[int]:
    """Positions of the bases that some places hold."""
    held = (place for place in places if isinstance(place, Stretch))
    return sorted({base for place in held for base in range(max(place.start, start), min(place.end, end))})


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_sequence_map",
        html='<div class="sequence-map"></div>',
        css=(_HERE / "sequence_map.css").read_text("utf-8"),
        js=script("sequence_map.js"),
    )
