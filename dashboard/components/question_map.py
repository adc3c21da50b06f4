"""An image with the words that were read with it: which word looked where, and what the answer rests on.

All that the reader can point at is sent once; hovering, clicking and the keyboard need no server. The words are
hostile text: it travels as data and is drawn with `textContent` only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.components.head_browser import behind, encoded
from dashboard.components.note_map import ink, palette, title
from dashboard.components.scripts import script, words_of
from dashboard.uninterrupted import uninterrupted
from engine import Box, Case, Explanation, Place, Stretch, WordRegions

_HERE = Path(__file__).parent
_TOP = 6.0  # times even attention: what gets the last colour, for all words alike
_LEVELS = 255


def question_map(
    case: Case,
    text: str,
    regions: WordRegions,
    explanation: Explanation,
    *,
    key: str,
    taken: Sequence[Place] = (),
    on_taken: Callable[[Place], None] | None = None,
) -> None:
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
    taken : sequence of Place
        What the reader has taken away: boxes in pixels of the image, stretches of `text`.
    on_taken : callable, optional
        Called with the word or the region that the reader takes away or puts back, before the page runs again.
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
        "taken": _taken(case, regions, taken),
        "canTake": on_taken is not None,
        "title": title(explanation),
        "words": words_of("question_map.js"),
        "colors": [(color, ink(color)) for color in colors],
        "restColors": [(color, ink(color)) for color in signed],
    }

    def tell() -> None:
        click = (st.session_state.get(key) or {}).get("taken")
        place = place_clicked(click, case, regions, taken)
        if on_taken and place:
            on_taken(place)

    _component()(key=key, data=data, on_taken_change=uninterrupted(tell))


def place_clicked(click: Any, case: Case, regions: WordRegions, taken: Sequence[Place]) -> Place | None:
    """Find what a click in the browser means.

    Parameters
    ----------
    click : dict or None
        The rank of a ``word``, or ``patches``: the first row and column and one past the last of each.
    taken : sequence of Place
        A click on a single patch of a box that is taken away already means that box.

    Returns
    -------
    Place or None
        None for a click that fits neither the words nor the patches, as one on a text that was there before.
    """
    rows, columns = regions.attention.shape[1:]
    match click:
        case {"word": int(rank)} if 0 <= rank < len(regions.words):
            return Stretch(regions.words[rank].start, regions.words[rank].end)
        case {"patches": [int(top), int(left), int(bottom), int(right)]} if (
            0 <= top < bottom <= rows and 0 <= left < right <= columns
        ):
            height, width = case.images[0].shape
            down, across = height / rows, width / columns
            drawn = Box(top * down, left * across, bottom * down, right * across)
            one = (bottom - top, right - left) == (1, 1)
            return next((box for box in taken if one and isinstance(box, Box) and _holds(box, drawn)), drawn)
    return None


def _holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of a box lies in another."""
    row, column = (inner.top + inner.bottom) / 2, (inner.left + inner.right) / 2
    return outer.top < row < outer.bottom and outer.left < column < outer.right


def _taken(case: Case, regions: WordRegions, taken: Sequence[Place]) -> dict[str, Any]:
    """Describe for the browser what is taken away: ranks of words, and boxes in shares of the image."""
    height, width = case.images[0].shape
    struck = [place for place in taken if isinstance(place, Stretch)]
    return {
        "words": [
            rank
            for rank, word in enumerate(regions.words)
            if any(word.start < place.end and word.end > place.start for place in struck)
        ],
        "areas": [
            (place.top / height, place.left / width, place.bottom / height, place.right / width)
            for place in taken
            if isinstance(place, Box)
        ],
    }


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
