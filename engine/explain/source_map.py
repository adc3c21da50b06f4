"""Between tokens and what the reader sees: source pixels and patches, or characters and words of the note."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.explain.removal import Players
from engine.preprocess.course import CourseGeometry
from engine.preprocess.image import ImageGeometry
from engine.preprocess.question import QuestionGeometry
from engine.preprocess.text import TokenOffsets
from engine.results import Span


@dataclass(frozen=True, eq=False)
class SourceMap:
    """A map over pixels ``(rows, columns)``, over words or bases, or over the N observations of a course ``(N,)``.

    NaN where the model saw nothing.
    """

    pixels: NDArray[np.float32] | None = None
    spans: tuple[Span, ...] = ()
    observed: NDArray[np.float32] | None = None


def on_source(
    relevance: NDArray[np.float32], geometry: ImageGeometry | TokenOffsets | CourseGeometry | QuestionGeometry
) -> SourceMap:
    """Lead token values ``(W, T)`` back to the source, by the geometry that preprocessing kept."""
    match geometry:
        case ImageGeometry():
            return SourceMap(pixels=geometry.to_source(relevance[0]))
        case TokenOffsets():
            return SourceMap(spans=geometry.to_spans(relevance))
        case CourseGeometry():
            return SourceMap(observed=geometry.to_observed(relevance[0]))
        case QuestionGeometry():
            return SourceMap(pixels=geometry.to_pixels(relevance), spans=geometry.to_spans(relevance))


def players_of(geometry: ImageGeometry | TokenOffsets | CourseGeometry | QuestionGeometry, presence: Tensor) -> Players:
    """Say what is taken away as one from tokens ``(W, T)``: a patch, a word in all its windows, or a course's cell."""
    match geometry:
        case ImageGeometry():
            return Players.of_patches(presence)
        case TokenOffsets():
            return Players.of_words(torch.from_numpy(geometry.words).to(presence.device), presence)
        case CourseGeometry():
            places = np.stack([geometry.kinds, geometry.bins], axis=1)[: geometry.count]  # (U, 2)
            cells = torch.from_numpy(geometry.cells)[None]  # (1, T)
            return Players.of_cells(torch.from_numpy(places).to(presence.device), cells.to(presence.device))
        case QuestionGeometry():
            words = torch.from_numpy(geometry.words.words).to(presence.device)  # (1, W)
            return Players.of_patches_and_words(words, presence)
