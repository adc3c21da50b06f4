"""Where a map was looking, in numbers: shares of the relevance inside a place, and figures against a known mask.

Pointing game: Zhang et al., Top-Down Neural Attention by Excitation Backprop, IJCV 2018 (is the maximum inside?).
Energy inside: Wang et al., Score-CAM, CVPR-W 2020, section 5.3 (share of the map's positive sum inside).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from engine.case import Box, Case, Image, Stretch
from engine.io.sections import split_sections
from engine.results import Explanation
from engine.words import mark, tr

Mask = NDArray[np.bool_]

_HALVES = {  # by what lies to the right
    "L": (mark("Image left (patient's right)"), mark("Image right (patient's left)")),
    "R": (mark("Image left (patient's left)"), mark("Image right (patient's right)")),
    "": (mark("Image left"), mark("Image right")),
}
_BLOB_WIDTH = 0.25  # standard deviation of the centred blob, in sides of the image


@dataclass(frozen=True)
class Share:
    """What a place holds of what speaks for the label, and of the area (or of the words), both in [0, 1]."""

    relevance: float
    extent: float


@dataclass(frozen=True)
class Localisation:
    """A map against a mask: is its maximum inside, and which share of its positive sum.

    `extent` is the mask's share of the image: what a flat map would score as energy.
    """

    hit: bool
    energy: float
    extent: float


def share_of(explanation: Explanation, place: Box | Stretch | Mask) -> Share:
    """Tell how much of what speaks for the label lies in a place.

    Parameters
    ----------
    explanation : Explanation
        A map on an image for a box or a mask ``(rows, columns)``, on the words of a note for a stretch.

    Raises
    ------
    ValueError
        If the place is not of the map's kind.
    """
    if isinstance(place, Stretch):
        inside = np.array([span.start < place.end and span.end > place.start for span in explanation.spans])
        values = np.array([span.relevance for span in explanation.spans])
    elif explanation.map is None:
        raise ValueError("a place on an image needs the map of an image")
    else:
        inside = place if isinstance(place, np.ndarray) else box_mask(place, explanation.map.shape)
        seen = np.isfinite(explanation.map)
        inside, values = inside[seen], explanation.map[seen]
    positive = np.clip(values, 0, None).astype(np.float64)
    total = float(positive.sum())
    return Share(float(positive[inside].sum()) / total if total else 0.0, float(inside.mean()) if len(inside) else 0.0)


def localise(relevance: NDArray[np.float32], mask: Mask) -> Localisation:
    """Hold a map ``(rows, columns)``, NaN where the model saw nothing, against the mask of what it should find."""
    seen = np.isfinite(relevance)
    positive = np.where(seen, np.clip(relevance, 0, None), 0.0)
    hit = bool(mask.ravel()[np.where(seen, relevance, -np.inf).argmax()])
    energy = float(positive[mask].sum() / max(float(positive.sum()), np.finfo(np.float32).tiny))
    return Localisation(hit, energy, float(mask[seen].mean()))


def centred_blob(shape: tuple[int, int]) -> NDArray[np.float32]:
    """Draw a Gaussian in the middle of ``(rows, columns)`` that knows nothing of the image: what a map has to beat."""
    down, across = (np.exp(-0.5 * (((np.arange(n) + 0.5) / n - 0.5) / _BLOB_WIDTH) ** 2) for n in shape)
    return np.outer(down, across).astype(np.float32)


def box_mask(box: Box, shape: tuple[int, ...]) -> Mask:
    """Mark the pixels ``(rows, columns)`` whose middle lies in a box."""
    rows, columns = (np.arange(n) + 0.5 for n in shape[:2])
    down, across = (box.top <= rows) & (rows < box.bottom), (box.left <= columns) & (columns < box.right)
    return np.outer(down, across)


def halves(image: Image) -> Mapping[str, Box]:
    """Cut an image down its middle; the patient's sides are named only where the file tells them."""
    rows, columns = image.shape
    boxes = Box(0, 0, rows, columns / 2), Box(0, columns / 2, rows, columns)
    names = _HALVES.get(image.orientation[0][:1] if image.orientation else "", _HALVES[""])
    return dict(zip(map(tr, names), boxes, strict=True))


def sections(text: str) -> Mapping[str, Stretch]:
    """Cut a note at its headings, as in ``"PLAN: ..."``; empty where it has none.

    Examples
    --------
    >>> sections("HISTORY: Cough. PLAN: Rest.")
    {'HISTORY': Stretch(start=0, end=15), 'PLAN': Stretch(start=16, end=27)}
    """
    cut: dict[str, Stretch] = {}
    for part in split_sections(text):
        name, rank = part.heading, 2
        while name in cut:
            name, rank = f"{part.heading} ({rank})", rank + 1
        if name:
            cut[name] = Stretch(part.start, part.start + len(text[part.start : part.end].rstrip()))
    return cut


def truth_mask(case: Case) -> Mask | None:
    """Read where the finding of a sample lies, on the pixels of its first image; None where nobody knows."""
    path = case.truth.get("mask")
    if path is None:
        return None
    with PIL.Image.open(path) as picture:
        return np.asarray(picture.convert("L")) > 127
