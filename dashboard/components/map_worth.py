"""What the maps of a model are worth: how much of the answer goes with what each of them marks."""

from __future__ import annotations

import streamlit as st

from dashboard.components.facts import table
from dashboard.components.report import in_words
from engine import Card, Method, mark, spoken, tr

GAP, DROP = "removal_gap@", "outside_drop@"
_OVER = " over "
_KNOWS_NOTHING = {"random": mark("parts at random"), "blob": mark("a blob in the middle")}
_REPLACED = {
    "image": mark("Patches of a normal film of another patient stand in their place."),
    "note": mark("A token that stands for a hidden word is in their place."),
    "course": mark("The last value before stands in their place."),
}


def of_maps(name: str) -> bool:
    """Whether a figure, by its key, is about maps.

    Examples
    --------
    >>> of_maps("removal_gap@relevance"), of_maps("ece@25% of words")
    (True, False)
    """
    return name.startswith((GAP, DROP))


def map_worth(card: Card, source: str) -> None:
    """Show what was measured of a model's maps, the best first; nothing where nothing was.

    Parameters
    ----------
    source : str
        What the task reads.
    """
    if not any(of_maps(name) for name in card.metrics):
        return
    with st.expander(tr("What its maps are worth")):
        _table(card, GAP, tr("Removal gap (95 % interval)"))
        st.caption(
            tr(
                "Parts of a case are made absent and brought back, those that the map marks most first: the area under "
                "the probability while they come less that while they go. At most 1; about 0 for a map that knows "
                "nothing. LibraGrad is shown first, unless another map is better beyond its interval, or a learned one "
                "is and the outside check does not speak against it."
            )
        )
        if any(name.startswith(DROP) for name in card.metrics):
            _table(card, DROP, tr("Fall of the probability (95 % interval)"))
            st.caption(
                tr(
                    "An outside check: the 10, 20 and 30 % of the parts that the map marks most are replaced instead "
                    "of made absent. {how}",
                    how=tr(_REPLACED[source]),
                )
            )


def _table(card: Card, prefix: str, head: str) -> None:
    figures = {name.removeprefix(prefix): one for name, one in card.metrics.items() if name.startswith(prefix)}
    own = sorted((name for name in figures if _OVER not in name), key=lambda name: -figures[name].value)
    names = [*own, *(name for name in figures if _OVER in name)]
    rows = [(_said(name), in_words(figures[name]), f"{figures[name].n:,}") for name in names]
    table((tr("Map"), head, "n"), rows, label=f"{head}: {spoken(card.title)}")


def _said(name: str) -> str:
    """Whose figure it is, in words."""
    own, over, other = name.partition(_OVER)
    return tr("{map} less {other}", map=_map(own), other=_map(other)) if over else _map(own)


def _map(name: str) -> str:
    return tr(_KNOWS_NOTHING[name]) if name in _KNOWS_NOTHING else Method(name).full_name
