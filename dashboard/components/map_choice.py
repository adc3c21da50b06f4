"""The reader's question to a map: which method, for which label, of which head."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state import Question
from engine import Method

_MEANING = {
    Method.RELEVANCE: "What spoke for this label: attention weighted by its gradient, over all layers.",
    Method.ROLLOUT: "Where attention gathered over all layers; the same for every label.",
    Method.ATTENTION: "Where the last layer attended; the same for every label.",
}


def map_choice(labels: Sequence[str], heads: int, *, key: str) -> Question:
    """Let the reader choose a map.

    Parameters
    ----------
    labels : sequence of str
        The model's labels; the first is the default.
    heads : int
        Heads of the last layer.
    key : str
        Keeps the choice of each case and model apart.
    """
    method = st.segmented_control(
        "Map", tuple(Method), default=Method.RELEVANCE, required=True, format_func=str.capitalize, key=f"{key}-method"
    )
    label, head = None, None
    if method is Method.RELEVANCE:
        label = st.selectbox("Label", labels, key=f"{key}-label")
    if method is Method.ATTENTION:
        choices = (None, *range(heads))
        head = st.selectbox("Head", choices, format_func=_head_name, key=f"{key}-head")
    st.caption(_MEANING[method])
    return Question(method, label, head)


def _head_name(head: int | None) -> str:
    return "Mean of all heads" if head is None else f"Head {head + 1}"
