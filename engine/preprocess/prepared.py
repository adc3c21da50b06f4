"""A case made ready for a model, together with the way back to its source."""

from __future__ import annotations

from dataclasses import dataclass

from engine.case import Stretch
from engine.models.output import ModelInput
from engine.preprocess.course import CourseGeometry
from engine.preprocess.image import ImageGeometry
from engine.preprocess.question import QuestionGeometry
from engine.preprocess.text import TokenOffsets


@dataclass(frozen=True, eq=False)
class Prepared:
    """One case as a batch of W windows (one for an image) and the geometry that leads every token back.

    `coverage` is the share of the source inside the windows, in [0, 1]; `withheld` are the characters of a note that
    the task keeps from its model.
    """

    inputs: ModelInput
    geometry: ImageGeometry | TokenOffsets | CourseGeometry | QuestionGeometry
    coverage: float = 1.0
    withheld: tuple[Stretch, ...] = ()
