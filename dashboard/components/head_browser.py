"""Layers and heads for teaching: where each attends from one patch, word or value, drawn in the browser.

Only what is asked for is sent: all heads for one patch or word, and one head for all of them.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.note_map import ink, palette
from dashboard.components.scripts import script, words_of
from dashboard.components.what_if import text_of
from engine import Case, Heads, Image, to_display, tr

_HERE = Path(__file__).parent
_TOP = 8.0  # times even attention: what gets the last colour, for all heads alike
_LONGEST = 320  # pixels of the picture behind the patches, each way


@dataclass(frozen=True)
class Asked:
    """What the reader looks at: one token, or the answer where it is None; one layer and head."""

    query: int | None = None
    layer: int = 0
    head: int = 0

    @classmethod
    def of(cls, key: str, heads: Heads) -> Asked:
        """Tell what was asked of a browser before it is drawn; the answer and the last layer at first."""
        layers, count, tokens, _ = heads.attention.shape
        chosen = (st.session_state.get(key) or {}).get("asked") or {}
        query, layer, head = chosen.get("query"), chosen.get("layer", layers - 1), chosen.get("head", 0)
        known = (query is None or 0 <= query < tokens) and 0 <= layer < layers and 0 <= head < count
        return cls(query, layer, head) if known else cls(None, layers - 1, 0)


def head_browser(case: Case, heads: Heads, *, image_index: int, frame: int, key: str) -> None:
    """Show the attention of every layer and head.

    Parameters
    ----------
    heads : Heads
        Of one window of the case.
    key : str
        Keeps the reader's choice for each window.
    """
    asked = Asked.of(key, heads)
    layers, count = heads.attention.shape[:2]
    colors = palette()
    data = {
        "layers": layers,
        "heads": count,
        "query": asked.query,
        "layer": asked.layer,
        "head": asked.head,
        "facts": facts_of(heads, unit_of(case, heads)),
        "small": _sent(heads.seen_from(asked.query)),
        "matrix": _sent(heads.attention[asked.layer, asked.head]),
        "answer": _sent(heads.seen_from(None)[asked.layer, asked.head]),
        "colors": colors,
        "words": words_of("head_browser.js"),
        **_stage(case, heads, colors, image_index, frame),
    }
    _component()(key=key, data=data, on_asked_change=lambda: None)
    st.caption(
        tr(
            "One colour scale for all heads: dark is no attention, the last colour is {top:.0f} times even or more.",
            top=_TOP,
        )
    )


def unit_of(case: Case, heads: Heads) -> str:
    """Say what a model's tokens are on a case: bases, word pieces or patches; those of a course lie hours apart."""
    if heads.names:
        return tr("hours")
    return tr("bases") if case.sequence else tr("word pieces") if heads.pieces else tr("patches")


def facts_of(heads: Heads, unit: str) -> list[str]:
    """Entropy and mean distance, in so many units, of each head, layer after layer."""
    pairs = zip(heads.entropy.ravel(), heads.distance.ravel(), strict=True)
    return [
        tr("{entropy:.1f} bits, {distance:.1f} {unit} away", entropy=entropy, distance=distance, unit=unit)
        for entropy, distance in pairs
    ]


def _stage(case: Case, heads: Heads, colors: list[str], image_index: int, frame: int) -> dict[str, Any]:
    """What tokens are pointed at on: values of a course, words, or patches of a picture."""
    if heads.names:
        return _course(heads, colors)
    return _words(case, heads, colors) if heads.pieces else _picture(case, heads, image_index, frame)


def _course(heads: Heads, colors: list[str]) -> dict[str, Any]:
    hours = heads.places[:, 1].tolist()
    return {
        "pieces": [
            tr("{name} at {hour:.0f} h", name=name, hour=at) for name, at in zip(heads.names, hours, strict=True)
        ],
        "joined": [False] * len(hours),
        "inks": [ink(color) for color in colors],
        "label": tr("Newest value of each variable"),
    }


def _picture(case: Case, heads: Heads, image_index: int, frame: int) -> dict[str, Any]:
    rows, columns = (int(last) + 1 for last in heads.places.max(axis=0))
    return {"grid": {"rows": rows, "columns": columns}, "image": behind(case.images[image_index], frame)}


def behind(image: Image, frame: int) -> dict[str, Any]:
    """Make the small picture behind the patches: its rows, columns and grey values."""
    display = to_display(image, frame)  # (rows, columns) or (rows, columns, 3)
    grey = display if display.ndim == 2 else display.mean(axis=2)
    step = max(1, -(-max(grey.shape) // _LONGEST))
    small = (255 * grey[::step, ::step]).round().astype(np.uint8)
    return {"rows": small.shape[0], "columns": small.shape[1], "grey": encoded(small)}


def _words(case: Case, heads: Heads, colors: list[str]) -> dict[str, Any]:
    text = text_of(case, "sequence" if case.sequence else "note")
    ends = [None, *(piece.end if piece else None for piece in heads.pieces)]
    return {
        "pieces": [text[piece.start : piece.end] if piece else None for piece in heads.pieces],
        "joined": [piece is not None and piece.start == end for piece, end in zip(heads.pieces, ends, strict=False)],
        "inks": [ink(color) for color in colors],
    }


def _sent(attention: NDArray[np.float32]) -> str:
    """Attention in steps of 1/255 of the scale's upper end, which is in multiples of even attention."""
    share = attention * attention.shape[-1] / _TOP
    return encoded((255 * np.clip(share, 0, 1)).round().astype(np.uint8))


def encoded(values: NDArray[np.uint8]) -> str:
    """Encode bytes for their way to the browser."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_head_browser",
        html='<div class="head-browser"></div>',
        css=(_HERE / "head_browser.css").read_text("utf-8"),
        js=script("patches.js", "head_browser.js"),
    )
