"""The reader's question to a map: which method, for which label and rather than which, of which head."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state import Question
from engine import Method, mark, spoken, tr

_MORE = mark("More methods")
_COLOURS = mark(" Red speaks for it, blue against it.")
_MEANING = {
    Method.LIBRA_FULL_GRADIENT: mark(
        "What each part adds to the label's score or takes from it; their sum is the score."
    ),
    Method.RELEVANCE: mark("What spoke for this label: attention weighted by its gradient, over all layers."),
    Method.LIBRA_ATTCAT: mark("What each part adds where the model attended, by a gradient that adds up."),
    Method.CLASS_ACTIVATION: mark("What each place of the last layer adds to the score, without the layers below."),
    Method.ATTCAT: mark("What each part adds where the model attended, by the plain gradient."),
    Method.INTEGRATED_GRADIENTS: mark("What each part adds on the way from an emptied case to this one."),
    Method.ROLLOUT: mark("Where attention gathered over all layers; the same for every label."),
    Method.ATTENTION: mark("Where the last layer attended; the same for every label."),
    Method.OCCLUSION: mark("How far the score falls without each part. Takes some seconds."),
    Method.RISE: mark("How the score changes when random parts are kept. Takes some seconds."),
    Method.LEARNED_SHAPLEY: mark("Each part's share of the score, as a learned explainer estimates it."),
    Method.SHAPLEY: mark(
        "Each part's fair share of the score, over random orders; the reference. Takes up to a minute."
    ),
}


def map_choice(
    labels: Sequence[str], methods: Sequence[Method], heads: int, *, key: str, logo: bool = False
) -> Question:
    """Let the reader choose a map.

    Parameters
    ----------
    labels : sequence of str
        The model's labels; the first is the default.
    methods : sequence of Method
        Those that the model can answer, the best measured first: that is the default.
    heads : int
        Heads of the last layer.
    key : str
        Keeps the choice of each case and model apart.
    logo : bool
        The map is a logo, whose letters stand or hang, not one of colours.
    """
    best, *others = methods
    chosen = st.segmented_control(
        tr("Map"),
        (best, _MORE),
        default=best,
        required=True,
        format_func=lambda choice: spoken(choice.full_name) if isinstance(choice, Method) else tr(choice),
        key=f"{key}-method",
    )
    method = best
    if chosen == _MORE:
        method = st.selectbox(
            tr("Method"), others, format_func=lambda other: spoken(other.full_name), key=f"{key}-other"
        )
    question = _by_label(method, labels, key) if method.by_label else Question(method)
    if method.by_head:
        choices = (None, *range(heads))
        question = question._replace(
            head=st.selectbox(tr("Head"), choices, format_func=_head_name, key=f"{key}-head"),
        )
    sides = tr(" Letters above the line speak for it, below against it.") if logo else tr(_COLOURS)
    sign = sides if method.signed else ""
    st.caption(tr(_MEANING[method]) + sign)
    return question


def _by_label(method: Method, labels: Sequence[str], key: str) -> Question:
    """Ask for which label, and rather than which other one, where there are several."""
    if len(labels) == 1:
        return Question(method, labels[0])
    first, second = st.columns(2)
    label = first.selectbox(tr("Label"), labels, format_func=spoken, key=f"{key}-label")
    others = (None, *(other for other in labels if other != label))
    rather_than = second.selectbox(
        tr("Rather than"),
        others,
        format_func=lambda other: spoken(other) if other else tr("(no comparison)"),
        key=f"{key}-rather-than",
    )
    return Question(method, label, rather_than=rather_than)


def _head_name(head: int | None) -> str:
    return tr("Mean of all heads") if head is None else tr("Head {head}", head=head + 1)
