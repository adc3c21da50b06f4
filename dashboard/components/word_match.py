"""A question and the abstracts that were found, and which words answer which, by pointer or keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard.components.note_map import parted, pieces
from dashboard.components.scripts import script, words_of
from engine import Found, Hit, Span, tr

_HERE = Path(__file__).parent
_ASKED = 40  # words of a question that can be chosen: those that carry most of the similarity
_PERCENT = 100


def word_match(question: str, found: Found, *, key: str) -> None:
    """Draw the hits of a search.

    Parameters
    ----------
    question : str
        As it was asked; it stays between this session and its browser.
    """
    if not found.hits:
        return
    chosen = _chosen(found.hits)
    hits = [_hit(rank, hit, chosen) for rank, hit in enumerate(found.hits, start=1)]
    data = {
        "question": _question(question, found.hits[0], chosen),
        "hits": hits,
        "words": words_of("word_match.js"),
    }
    _component()(key=key, data=data)


def _chosen(hits: Sequence[Hit]) -> list[int]:
    """Ranks of the words of the question that can be chosen, by what they carry over all hits."""
    carried = np.sum([np.clip(hit.pairs.terms, 0, None).sum(axis=1) for hit in hits], axis=0)  # (Q,)
    return sorted(np.argsort(-carried, kind="stable")[:_ASKED].tolist())


def _question(text: str, hit: Hit, chosen: Sequence[int]) -> list[tuple[str, int | None]]:
    """The question cut at the words that can be chosen."""
    spans = [hit.pairs.asked[rank] for rank in chosen]
    ranks = dict(zip((span.start for span in spans), chosen, strict=True))
    return _ranked(text, spans, ranks)


def _ranked(text: str, spans: Sequence[Span], ranks: dict[int, int]) -> list[tuple[str, int | None]]:
    cut, start = [], 0
    for piece, relevance in pieces(text, spans):
        cut.append((piece, None if relevance is None else ranks[start]))
        start += len(piece)
    return cut


def _hit(rank: int, hit: Hit, chosen: Sequence[int]) -> dict[str, Any]:
    terms = hit.pairs.terms  # (Q, A)
    highest = max(float(terms[chosen].max(initial=0.0)), 1e-9)
    summed = np.array([span.relevance for span in hit.pairs.found])  # (A,)
    abstract = hit.abstract
    return {
        "rank": rank,
        "title": abstract.title or tr("Without a title"),
        "pieces": _marked(hit),
        "similarity": f"{hit.similarity:.2f}",
        "citation": abstract.citation,
        "source": " · ".join(part for part in (abstract.source, str(abstract.year or ""), abstract.identifier) if part),
        "all": _percent(summed / max(float(summed.max(initial=0.0)), 1e-9)),
        "terms": {str(row): _percent(terms[row] / highest) for row in chosen},
    }


def _marked(hit: Hit) -> list[tuple[str, int | None, bool]]:
    """The abstract, its title left out, cut at its words and at the sentences that match."""
    words, begin = hit.abstract.words, len(hit.abstract.title)
    spans = [span for span in hit.pairs.found if span.start >= begin]
    ranks = {span.start: rank for rank, span in enumerate(hit.pairs.found)}
    places = [match.place for match in hit.sentences]
    found, start = [], 0
    for piece, relevance in parted(pieces(words, spans), places):
        inside = any(place.start <= start < place.end for place in places)
        if start + len(piece) > begin:
            shown = piece[max(0, begin - start) :]
            found.append(
                (shown.lstrip("\n") if not found else shown, None if relevance is None else ranks[start], inside)
            )
        start += len(piece)
    return found


def _percent(shares: np.ndarray[Any, Any]) -> list[int]:
    return [int(value) for value in np.round(_PERCENT * np.clip(shares, 0, 1))]


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_word_match",
        html='<div class="word-match"></div>',
        css=(_HERE / "word_match.css").read_text("utf-8"),
        js=script("word_match.js"),
    )
