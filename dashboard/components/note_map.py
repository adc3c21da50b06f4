"""A note with its words shaded by relevance; shading, threshold and read-out work in the browser without the server.

Opacity is uniform and colour goes by value on a perceptually uniform scale that is fixed for each method. The note is
hostile text: it travels as data and is drawn with `textContent` only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeAlias

import plotly.colors
import streamlit as st

from dashboard.components.draft import drafted
from dashboard.components.note_sections import sections_panel
from dashboard.components.scripts import script, words_of
from dashboard.uninterrupted import uninterrupted
from engine import (
    SIGNED_COLORS,
    Assertion,
    AssertionCue,
    Draft,
    Explanation,
    Span,
    Stretch,
    TwoLabels,
    assertion_cues,
    is_english,
    note_sections,
    note_sentences,
    sentence_sums,
    spoken,
    tr,
)

_HERE = Path(__file__).parent
_PALETTE = plotly.colors.sequential.Viridis
_STEPS = 64
_LONG = 400  # words of a note, above which it is shaded by sentence at first: single words get lost
# In average sentences: 1 % of 1,426 sentences in 24 long notes weigh more than 6.0 for `clinical-note`, and 1 % of 766
# in 22 notes more than 5.4 for `treatment`.
_SENTENCE_SCALE = 6.0
_SCRIPTS = ("elements.js", "note_tools.js", "note_draft.js", "note_sections.js", "note_map.js")
_KINDS = {Assertion.NEGATED: "denied", Assertion.POSSIBLE: "possible"}
_DARK, _LIGHT = "#000000", "#ffffff"

Piece: TypeAlias = tuple[str, float | None]
"""Consecutive text of a note, with its relevance where it is a word that was read."""


def note_map(
    text: str,
    explanation: Explanation | None,
    *,
    key: str,
    height: int,
    struck: Sequence[Stretch] = (),
    marked: Sequence[Stretch] = (),
    withheld: Sequence[Stretch] = (),
    draft: Draft | None = None,
    pair: TwoLabels | None = None,
    on_strike: Callable[[Stretch], None] | None = None,
) -> None:
    """Show a note and, when the reader asks for it, the map on its words.

    Parameters
    ----------
    text : str
        The note, as it was given.
    explanation : Explanation or None
        Spans in characters of `text`, relevance in multiples of an average word; None shows the plain note.
    height : int
        Height on the screen in CSS pixels; longer notes scroll.
    struck, marked : sequence of Stretch
        What the reader has struck out, and the part that an answer rests on.
    withheld : sequence of Stretch
        What the model must not read: drawn in grey.
    draft : Draft or None
        What was written of the note: drawn above it, each of its words with those that it was written from.
    pair : TwoLabels or None
        The maps of both labels, where `explanation` says why the one rather than the other.
    on_strike : callable, optional
        Called with the word, or with its sentence, that the reader strikes, before the page runs again.
    """
    spans = explanation.spans if explanation else ()
    words = [Stretch(*place) for place in draft.sources] if draft else []
    parts = [*note_sentences(text), *note_sections(text)] if explanation else []
    cues = asserted_otherwise(text)
    cut = parted(pieces(text, spans), [*withheld, *words, *parts, *(cue.scope for cue in cues)])
    starts = [start for start, _ in _ends(cut)]

    def pieces_of(start: int, end: int) -> tuple[int, int]:
        return bisect_left(starts, start), bisect_left(starts, end)

    data = {
        "pieces": cut,
        "map": _map(text, explanation, pair, pieces_of, starts) if explanation else None,
        "sections": sections_panel(text, explanation, pair, pieces_of) if explanation else None,
        "height": height,
        "struck": _ranks(cut, struck),
        "marked": _ranks(cut, marked),
        "withheld": _ranks(cut, withheld),
        "asserted": _asserted(text, cues, pieces_of),
        "canStrike": on_strike is not None,
        "words": words_of(*_SCRIPTS),
        "draft": drafted(draft, text, lambda place: _ranks(cut, [place])) if draft else None,
    }
    _component()(key=key, data=data, on_struck_change=uninterrupted(lambda: _tell(key, cut, on_strike)))


def asserted_otherwise(text: str) -> list[AssertionCue]:
    """Find what a note denies or only thinks of, a denial after a doubt of the same words; nothing but in English."""
    found = assertion_cues(text) if is_english(text) else ()
    return sorted((cue for cue in found if cue.assertion in _KINDS), key=lambda cue: cue.assertion is Assertion.NEGATED)


def _asserted(
    text: str, cues: Sequence[AssertionCue], pieces_of: Callable[[int, int], tuple[int, int]]
) -> list[dict[str, Any]]:
    """Describe for the browser which pieces are denied or only possible, and by which words."""
    found = []
    for cue in cues:
        first, end = pieces_of(cue.scope.start, cue.scope.end)
        said = " ".join(text[cue.cue.start : cue.cue.end].strip(" :").split())
        found.append({"kind": _KINDS[cue.assertion], "cue": said, "first": first, "end": end})
    return found


def _tell(key: str, cut: Sequence[Piece], on_strike: Callable[[Stretch], None] | None) -> None:
    """Hand on what was struck; a click on a note that was there before is dropped."""
    click = (st.session_state.get(key) or {}).get("struck")
    if on_strike is None or click is None or not 0 <= click["piece"] < len(cut):
        return
    start, end = _ends(cut)[click["piece"]]
    text = "".join(piece for piece, _ in cut)
    on_strike(sentence_at(text, start) if click["sentence"] else Stretch(start, end))


def sentence_at(text: str, at: int) -> Stretch:
    """Find the sentence, or the line, around a character of a note; nothing, with no length, between two.

    Examples
    --------
    >>> sentence_at("PLAN: Rest. Fluids, 2.5 liters a day.", 14)
    Stretch(start=12, end=37)
    """
    return next((one for one in note_sentences(text) if one.start <= at < one.end), Stretch(at, at))


def _ends(cut: Sequence[Piece]) -> list[tuple[int, int]]:
    """First character of each piece, and one past its last."""
    edges = [0, *accumulate(len(piece) for piece, _ in cut)]
    return list(pairwise(edges))


def _ranks(cut: Sequence[Piece], places: Sequence[Stretch]) -> list[int]:
    """Ranks of the pieces that some places touch."""
    return [
        rank
        for rank, (start, end) in enumerate(_ends(cut) if places else ())
        if any(start < place.end and end > place.start for place in places)
    ]


def _map(
    text: str,
    explanation: Explanation,
    pair: TwoLabels | None,
    pieces_of: Callable[[int, int], tuple[int, int]],
    starts: Sequence[int],
) -> dict[str, Any]:
    """Describe the map for the browser: its words, its sentences, and where two labels are compared that of each."""
    places = note_sentences(text)
    maps = [explanation.spans, *((pair.spans, pair.other_spans) if pair else ())]
    sums = [sentence_sums(places, spans) for spans in maps]
    faces = [title(explanation)]
    if pair:
        faces += [
            tr("{letter}: {label}", letter=a, label=spoken(b))
            for a, b in zip("AB", (pair.label, pair.other), strict=True)
        ]
    return {
        "scale": explanation.scale,
        "signed": explanation.signed,
        "colors": [(background, ink(background)) for background in palette(signed=explanation.signed)],
        "title": title(explanation),
        "method": method_name(explanation),
        "unit": tr("× average word") if explanation.map is None else tr("× average part"),
        "shading": tr("Shade words from"),
        "faces": faces,
        "pair": [_by_piece(spans, starts) for spans in maps[1:]],
        "sentences": {
            "scale": _SENTENCE_SCALE,
            "unit": tr("× average sentence"),
            "shading": tr("Shade sentences from"),
            "first": len(text.split()) > _LONG,
            "pieces": [pieces_of(place.start, place.end) for place in places],
            "values": list(zip(*sums, strict=True)),
        },
    }


def _by_piece(spans: Sequence[Span], starts: Sequence[int]) -> list[float | None]:
    """The relevance of each piece in a map, None where it is no word."""
    known = {span.start: span.relevance for span in spans}
    return [known.get(start) for start in starts]


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


def parted(cut: Sequence[Piece], places: Sequence[Stretch]) -> list[Piece]:
    """Cut pieces again, where places begin and end.

    Examples
    --------
    >>> parted([("Reflux. Rest.", None)], [Stretch(8, 13)])
    [('Reflux. ', None), ('Rest.', None)]
    """
    edges = sorted({edge for place in places for edge in (place.start, place.end)})
    found: list[Piece] = []
    for (text, relevance), (start, end) in zip(cut, _ends(cut), strict=True):
        inside = [start, *(edge for edge in edges if start < edge < end), end]
        found += [(text[one - start : other - start], relevance) for one, other in pairwise(inside)]
    return found


def palette(*, signed: bool = False) -> list[str]:
    """Return the colours of the scale from its lower to its upper end, as ``#rrggbb``; a signed one has 0 amid."""
    sampled = plotly.colors.sample_colorscale(SIGNED_COLORS if signed else _PALETTE, _STEPS, colortype="tuple")
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
    """Name a map: its method, layer and head, and the label that it speaks for."""
    label = tr(" for {label}", label=spoken(explanation.label)) if explanation.label else ""
    other = tr(" rather than {label}", label=spoken(explanation.rather_than)) if explanation.rather_than else ""
    return method_name(explanation) + label + other


def method_name(explanation: Explanation) -> str:
    """Name a map's method, layer and head."""
    layer = tr(", layer {layer}", layer=explanation.layer + 1) if explanation.layer is not None else ""
    head = tr(", head {head}", head=explanation.head + 1) if explanation.head is not None else ""
    return f"{spoken(explanation.method.full_name)}{layer}{head}"


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
        js=script(*_SCRIPTS),
    )
