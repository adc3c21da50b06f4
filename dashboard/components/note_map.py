"""A note with its words shaded by relevance; shading, threshold and read-out work in the browser without the server.

Opacity is uniform and colour goes by value on a perceptually uniform scale that is fixed for each method. The note is
hostile text: it travels as data and is drawn with `textContent` only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import plotly.colors
import streamlit as st

from engine import Explanation, Span

_HERE = Path(__file__).parent
_PALETTE = plotly.colors.sequential.Viridis
_STEPS = 64
_DARK, _LIGHT = "#000000", "#ffffff"


def note_map(text: str, explanation: Explanation | None, *, key: str, height: int) -> None:
    """Show a note and, when the reader asks for it, the map on its words.

    Parameters
    ----------
    text : str
        The note, as it was given.
    explanation : Explanation or None
        Spans in characters of `text`, relevance in multiples of an average word; None shows the plain note.
    height : int
        Height on the screen in CSS pixels; longer notes scroll.
    """
    spans = explanation.spans if explanation else ()
    data = {"pieces": pieces(text, spans), "map": _legend(explanation) if explanation else None, "height": height}
    _component()(key=key, data=data)


def _legend(explanation: Explanation) -> dict[str, Any]:
    return {
        "scale": explanation.scale,
        "colors": [(background, ink(background)) for background in palette()],
        "title": title(explanation),
        "unit": "× average word",
    }


def pieces(text: str, spans: Sequence[Span]) -> list[tuple[str, float | None]]:
    """Cut a note at its spans.

    Returns
    -------
    list of (str, float or None)
        Consecutive pieces whose texts join to `text`; None between the spans.

    Examples
    --------
    >>> pieces("Acute chest pain.", (Span(6, 11, 2.5),))
    [('Acute ', None), ('chest', 2.5), (' pain.', None)]
    """
    cut: list[tuple[str, float | None]] = []
    end = 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start > end:
            cut.append((text[end : span.start], None))
        cut.append((text[max(span.start, end) : span.end], span.relevance))
        end = max(end, span.end)
    return [*cut, (text[end:], None)] if end < len(text) else cut


def palette() -> list[str]:
    """Return the colours of the scale from its lower to its upper end, as ``#rrggbb``."""
    sampled = plotly.colors.sample_colorscale(_PALETTE, _STEPS, colortype="tuple")
    return [f"#{''.join(f'{round(255 * part):02x}' for part in color)}" for color in sampled]


def ink(background: str) -> str:
    """Choose the text colour with the higher contrast on a background (WCAG 2.2, relative luminance)."""
    return max((_DARK, _LIGHT), key=lambda color: contrast(color, background))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours, from 1 to 21 (WCAG 2.2, contrast ratio).

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def title(explanation: Explanation) -> str:
    """Name a map: its method, the head, and the label that it speaks for."""
    return method_name(explanation) + (f" for {explanation.label}" if explanation.label else "")


def method_name(explanation: Explanation) -> str:
    """Name a map's method and head."""
    head = f", head {explanation.head + 1}" if explanation.head is not None else ""
    return f"{str(explanation.method).capitalize()}{head}"


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_note_map",
        html='<div class="note-map"></div>',
        css=(_HERE / "note_map.css").read_text("utf-8"),
        js=(_HERE / "note_map.js").read_text("utf-8"),
    )
