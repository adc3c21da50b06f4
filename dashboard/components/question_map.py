"""An image with the words that were read with it: which word looked where, and what the answer rests on.

All that the reader can point at is sent once; hovering, clicking and the keyboard need no server. The words are
hostile text: it travels as data and is drawn with `textContent` only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.head_browser import behind, encoded
from dashboard.components.note_map import ink, palette, title
from dashboard.components.scripts import script, words_of
from engine import Case, Explanation, WordRegions

_HERE = Path(__file__).parent
_TOP = 6.0  # times even attention: what gets the last colour, for all words alike
_LEVELS = 255


def question_map(case: Case, text: str, regions: WordRegions, explanation: Explanation, *, key: str) -> None:
    """Show the image and the words of a question or a note, each with what it takes from the other.

    Parameters
    ----------
    case : Case
        Narrowed to one frame of one image.
    text : str
        What is asked of it, or the note that came with it.
    regions : WordRegions
        Where each word looked.
    explanation : Explanation
        What the answer rests on: a map over pixels and over words, in one unit.
    """
    looked = regions.attention  # (W, R, C)
    colors, signed = palette(), palette(signed=explanation.signed)
    data = {
        "image": behind(case.images[0], 0),
        "grid": {"rows": looked.shape[1], "columns": looked.shape[2]},
        "pieces": pieces(text, regions),
        "looked": encoded(_steps(looked * looked[0].size / _TOP)),
        "onImage": [round(float(share), 3) for share in regions.on_image],
        "rests": encoded(_steps(_of_answer(at_patches(explanation, looked.shape[1:]), explanation))),
        "restsWords": _steps(_of_answer(_at_words(explanation, regions), explanation)).tolist(),
        "title": title(explanation),
        "words": words_of("question_map.js"),
        "colors": [(color, ink(color)) for color in colors],
        "restColors": [(color, ink(color)) for color in signed],
    }
    _component()(key=key, data=data)


def pieces(text: str, regions: WordRegions) -> list[tuple[str, int | None]]:
    """Cut a text at its words.

    Returns
    -------
    list of (str, int or None)
        Consecutive pieces whose texts join to `text`, each word with its rank; None between them.
    """
    cut: list[tuple[str, int | None]] = []
    end = 0
    for rank, word in enumerate(regions.words):
        if word.start > end:
            cut.append((text[end : word.start], None))
        cut.append((text[word.start : word.end], rank))
        end = word.end
    return [*cut, (text[end:], None)] if end < len(text) else cut


def at_patches(explanation: Explanation, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Read a map of pixels at the middle of each of R x C patches; 0 where it has no value."""
    if explanation.map is None:
        raise ValueError("a map of an image is needed")
    middles = [
        ((np.arange(cells) + 0.5) * length / cells).astype(np.intp)
        for cells, length in zip(shape, explanation.map.shape, strict=True)
    ]
    return np.nan_to_num(explanation.map[np.ix_(*middles)])


def _at_words(explanation: Explanation, regions: WordRegions) -> NDArray[np.float32]:
    found = {span.start: span.relevance for span in explanation.spans}
    return np.array([found.get(word.start, 0.0) for word in regions.words], np.float32)


def _of_answer(values: NDArray[np.float32], explanation: Explanation) -> NDArray[np.float32]:
    """Relevance as a share of the colour scale, in [0, 1] between its ends; a signed scale has 0 in its middle."""
    share = values / explanation.scale
    return (share + 1) / 2 if explanation.signed else share


def _steps(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    return (_LEVELS * np.clip(shares, 0, 1)).round().astype(np.uint8)


def _component() -> Any:
    """Register the browser's half; Streamlit keeps it by name."""
    return st.components.v2.component(
        "attending_question_map",
        html='<div class="question-map"></div>',
        css=(_HERE / "question_map.css").read_text("utf-8"),
        js=script("patches.js", "question_map.js"),
    )
