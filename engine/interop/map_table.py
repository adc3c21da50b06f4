"""Maps that lie on no picture, as tables of coloured cells: variables by hours of a course, the bases of a sequence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray

from engine.case import Course
from engine.explain.overlay import draw_overlay
from engine.results import Explanation

_WIDTH = 1000  # pixels that the cells share
_VARIABLES = 16  # as many as can be read on half a page
_BASES = 30  # in a line
_ROW = 34  # pixels
_GAP = 3  # pixels between rows
_NAMES = 170  # pixels to the left of the cells
_EVERY = 6  # hours between two numbers below, in a course of up to
_HOURS = 96
_FONT = Path(__file__).parent / "typefaces" / "DejaVuSans.ttf"

Cells = NDArray[np.float32]


def course_table(course: Course, explanation: Explanation) -> PIL.Image.Image:
    """Draw the variables that a map marks most, the first on top, by hours.

    Parameters
    ----------
    explanation : Explanation
        A map on the observations ``(N,)`` of the course. What was observed more than once in an hour has the colour of
        the observation that is marked most; hours without one are white.

    Returns
    -------
    PIL.Image.Image
        RGB, with the names of the variables and the hours.
    """
    observed = np.asarray(explanation.observed, np.float32)  # (N,)
    seen = np.flatnonzero(np.isfinite(observed))
    by_strength = seen[np.argsort(-np.abs(observed[seen]), kind="stable")]
    names = list(dict.fromkeys(course.variables[at] for at in by_strength))[:_VARIABLES]
    hours = course.hours.astype(int)  # (N,)
    cells = np.full((len(names), int(hours.max()) + 1), np.nan, np.float32)  # (rows, hours)
    for at in by_strength[::-1]:  # what is marked most is written last
        if course.variables[at] in names:
            cells[names.index(course.variables[at]), hours[at]] = observed[at]
    every = _EVERY * -(-cells.shape[1] // _HOURS)
    return _drawn(cells, explanation, names, {hour: f"{hour} h" for hour in range(0, cells.shape[1], every)})


def sequence_table(bases: str, explanation: Explanation) -> PIL.Image.Image:
    """Draw the bases that a map speaks of, line by line, each with its letter; lines begin with a place, from 1.

    Parameters
    ----------
    bases : str
        The whole sequence, in whose places the map's spans are told.
    """
    first, last = explanation.spans[0].start, explanation.spans[-1].end
    lines = -(-(last - first) // _BASES)
    cells = np.full((lines, _BASES), np.nan, np.float32)
    for span in explanation.spans:
        cells[divmod(span.start - first, _BASES)] = span.relevance
    letters = [bases[start : min(start + _BASES, last)] for start in range(first, last, _BASES)]
    return _drawn(cells, explanation, [str(first + _BASES * line + 1) for line in range(lines)], {}, letters)


def _drawn(
    cells: Cells, explanation: Explanation, names: list[str], below: dict[int, str], letters: list[str] | None = None
) -> PIL.Image.Image:
    """Cells ``(rows, columns)`` in the map's colours between names to their left, numbers below and letters in them."""
    rows, columns = cells.shape
    step = max(_WIDTH // columns, 1)
    white = np.ones((*cells.shape, 3), np.float32)
    colored = draw_overlay(white, cells, scale=explanation.scale, signed=explanation.signed, opacity=1)
    table = PIL.Image.new("RGB", (_NAMES + step * columns, _ROW * (rows + bool(below))), "white")
    table.paste(colored.resize((step * columns, _ROW * rows), PIL.Image.Resampling.NEAREST), (_NAMES, 0))
    pen, font = PIL.ImageDraw.Draw(table), PIL.ImageFont.truetype(_FONT, _ROW - 10)
    for row, name in enumerate(names):
        pen.line((_NAMES, _ROW * row, table.width, _ROW * row), fill="white", width=_GAP)
        pen.text((_NAMES - 8, _ROW * (row + 0.5)), name, fill="#14191e", font=font, anchor="rm")
    for column, number in below.items():
        pen.text((_NAMES + step * column, _ROW * (rows + 0.5)), number, fill="#59636d", font=font, anchor="lm")
    for row, line in enumerate(letters or []):
        for column, letter in enumerate(line):
            place = (_NAMES + step * (column + 0.5), _ROW * (row + 0.5))
            pen.text(place, letter, fill="white", font=font, anchor="mm", stroke_width=2, stroke_fill="#14191e")
    return table
