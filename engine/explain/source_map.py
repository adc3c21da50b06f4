"""From values on tokens back to what the reader sees: source pixels, or characters of the note."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.preprocess.image import ImageGeometry
from engine.preprocess.text import TokenOffsets
from engine.results import Span


@dataclass(frozen=True, eq=False)
class SourceMap:
    """Either a map over pixels, ``(rows, columns)`` with NaN where the model saw nothing, or the words of a note."""

    pixels: NDArray[np.float32] | None = None
    spans: tuple[Span, ...] = ()


def on_source(relevance: NDArray[np.float32], geometry: ImageGeometry | TokenOffsets) -> SourceMap:
    """Lead token values ``(W, T)`` back to the source, by the geometry that preprocessing kept."""
    match geometry:
        case ImageGeometry():
            return SourceMap(pixels=geometry.to_source(relevance[0]))
        case TokenOffsets():
            return SourceMap(spans=geometry.to_spans(relevance))
