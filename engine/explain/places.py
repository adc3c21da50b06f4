"""What a reader can take away: the patches of an image, the words of a note, the cells of a course.

A unit is the smallest part that can be absent, so every question of the form "what if this were not there" is a set of
units, and every set of units is again a place on the source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.case import Box, Period, Place, Stretch
from engine.preprocess.course import CourseGeometry
from engine.preprocess.image import ImageGeometry
from engine.preprocess.question import QuestionGeometry
from engine.preprocess.text import TokenOffsets
from engine.results import Explanation

Flags = NDArray[np.bool_]


class Parts(Protocol):
    """U parts of one case that can be absent, in W windows of T tokens."""

    @property
    def count(self) -> int:
        """U."""
        ...

    def tokens(self, units: Flags) -> Flags:
        """Mark the tokens ``(W, T)`` of some units ``(U,)``."""
        ...

    def within(self, place: Place) -> Flags:
        """Mark the units ``(U,)`` that a place holds."""
        ...

    def relevance(self, explanation: Explanation) -> NDArray[np.float64]:
        """Read a map at every unit, ``(U,)``."""
        ...

    def places(self, units: Flags) -> tuple[Place, ...]:
        """Say where some units ``(U,)`` lie, neighbours joined."""
        ...


def parts_of(geometry: ImageGeometry | TokenOffsets | CourseGeometry | QuestionGeometry) -> Parts:
    """Divide a prepared case into its parts."""
    match geometry:
        case ImageGeometry():
            return Patches(geometry)
        case TokenOffsets():
            return Words(geometry)
        case CourseGeometry():
            return Cells(geometry)
        case QuestionGeometry():
            return PatchesAndWords(Patches(geometry.image), Words(geometry.words))


@dataclass(frozen=True)
class Patches:
    """The patches of an image that its picture fills, row after row."""

    geometry: ImageGeometry

    @property
    def count(self) -> int:
        """U."""
        return self.shape[0] * self.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of patches, R x C = U."""
        return self.geometry.height // self.geometry.patch, self.geometry.width // self.geometry.patch

    def tokens(self, units: Flags) -> Flags:
        """Mark the tokens ``(1, T)`` of some units ``(U,)``."""
        marked = np.zeros(len(self.geometry.presence), np.bool_)  # (T,)
        marked[self.geometry.presence] = units
        return marked[None]

    def within(self, place: Place) -> Flags:
        """Mark the patches of which a box covers more than half."""
        if not isinstance(place, Box):
            return np.zeros(self.count, np.bool_)
        rows, columns = self.shape
        down = _covered(rows, self.geometry.rows, place.top, place.bottom)  # (R,)
        across = _covered(columns, self.geometry.columns, place.left, place.right)  # (C,)
        return (np.outer(down, across) > 0.5).ravel()

    def relevance(self, explanation: Explanation) -> NDArray[np.float64]:
        """Read a map at the middle of every patch; minus infinity where it has no value."""
        if explanation.map is None:
            raise ValueError("a map of an image is needed")
        rows, columns = (
            ((np.arange(cells) + 0.5) * length / cells).astype(np.intp)
            for cells, length in zip(self.shape, explanation.map.shape, strict=True)
        )
        read = explanation.map[np.ix_(rows, columns)].astype(np.float64)  # (R, C)
        return np.where(np.isfinite(read), read, -np.inf).ravel()

    def places(self, units: Flags) -> tuple[Box, ...]:
        """Join patches to rectangles: runs of a row, then equal runs of rows below one another."""
        down, across = self.geometry.rows / self.shape[0], self.geometry.columns / self.shape[1]
        return tuple(
            Box(top * down, left * across, bottom * down, right * across)
            for top, left, bottom, right in _rectangles(units.reshape(self.shape))
        )


@dataclass(frozen=True, eq=False)
class Words:
    """The words of a note that were read, in its order; a word that two windows hold is absent from both."""

    offsets: TokenOffsets

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        return np.unique(self.offsets.words[~self.offsets.special])  # (U,)

    @cached_property
    def _ranks(self) -> NDArray[np.int64]:
        """``(W, T)``: which unit a token belongs to; 0 for special tokens too."""
        return np.searchsorted(self._numbers, self.offsets.words).clip(0, self.count - 1)

    @cached_property
    def _ends(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """First character of every word and one past its last, ``(U,)`` each."""
        spans = self.offsets.to_spans(np.ones(self.offsets.words.shape))
        return np.array([span.start for span in spans]), np.array([span.end for span in spans])

    @property
    def count(self) -> int:
        """U."""
        return len(self._numbers)

    def tokens(self, units: Flags) -> Flags:
        """Mark the word pieces ``(W, T)`` of some words ``(U,)``, never a special token."""
        marked: Flags = units[self._ranks] & ~self.offsets.special
        return marked

    def within(self, place: Place) -> Flags:
        """Mark the words that a stretch touches."""
        if not isinstance(place, Stretch):
            return np.zeros(self.count, np.bool_)
        starts, ends = self._ends
        touched: Flags = (starts < place.end) & (ends > place.start)
        return touched

    def relevance(self, explanation: Explanation) -> NDArray[np.float64]:
        """Relevance of every word, by its first character."""
        known = {span.start: span.relevance for span in explanation.spans}
        return np.array([known.get(int(start), -np.inf) for start in self._ends[0]])

    def places(self, units: Flags) -> tuple[Stretch, ...]:
        """Join words that follow one another."""
        starts, ends = self._ends
        return tuple(Stretch(int(starts[first]), int(ends[last - 1])) for first, last in _runs(units))


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of a course that were read, by hour: a variable in an hour, with all its observations there."""

    geometry: CourseGeometry

    @property
    def count(self) -> int:
        """U."""
        return self.geometry.count

    def tokens(self, units: Flags) -> Flags:
        """Mark the tokens ``(1, T)`` of some cells ``(U,)``.

        The weight of the whole course goes with the cell that it came from; nothing else that holds for it goes.
        """
        marked: Flags = np.append(units, False)[self.geometry.cells]  # (T,), NO_CELL is the last
        return marked[None]

    def within(self, place: Place) -> Flags:
        """Mark the cells of which a period holds an observation."""
        marked = np.zeros(self.count, np.bool_)  # (U,)
        if isinstance(place, Period):
            tokens, hours = self.geometry.tokens, self.geometry.hours  # (N,) each
            marked[tokens[(tokens >= 0) & (hours >= place.start) & (hours < place.end)]] = True
            if place.variable is not None:
                marked &= np.array(self.geometry.variables, dtype=object) == place.variable
        return marked

    def relevance(self, explanation: Explanation) -> NDArray[np.float64]:
        """Read a map at every cell: the sum over its observations."""
        if explanation.observed is None:
            raise ValueError("a map of a course is needed")
        read = self.geometry.tokens >= 0  # (N,)
        return np.bincount(self.geometry.tokens[read], explanation.observed[read], self.count).astype(np.float64)

    def places(self, units: Flags) -> tuple[Period, ...]:
        """Join cells of one variable that follow one another."""
        variables, bins = np.array(self.geometry.variables, dtype=object), self.geometry.bins  # (U,), (T,)
        found = []
        for variable in dict.fromkeys(variables[units]):
            own = np.flatnonzero(variables == variable)  # ranks of the variable's cells, by hour
            found += [Period(float(bins[own[a]]), float(bins[own[b - 1]]) + 1, variable) for a, b in _runs(units[own])]
        return tuple(sorted(found, key=lambda period: (period.start, period.variable)))


@dataclass(frozen=True, eq=False)
class PatchesAndWords:
    """The patches of an image, then the words of what is asked of it."""

    patches: Patches
    words: Words

    @property
    def count(self) -> int:
        """U."""
        return self.patches.count + self.words.count

    def tokens(self, units: Flags) -> Flags:
        """Mark the tokens ``(1, T)`` of some units ``(U,)``, never a special token."""
        seen, said = self._parted(units)
        return np.concatenate([self.patches.tokens(seen), self.words.tokens(said)], axis=1)

    def within(self, place: Place) -> Flags:
        """Mark the patches of which a box covers more than half, or the words that a stretch touches."""
        return np.concatenate([self.patches.within(place), self.words.within(place)])

    def relevance(self, explanation: Explanation) -> NDArray[np.float64]:
        """Read a map at every patch and every word: both are in multiples of an average token."""
        return np.concatenate([self.patches.relevance(explanation), self.words.relevance(explanation)])

    def places(self, units: Flags) -> tuple[Place, ...]:
        """Join neighbours: boxes of patches, then stretches of words."""
        seen, said = self._parted(units)
        return (*self.patches.places(seen), *self.words.places(said))

    def _parted(self, units: Flags) -> tuple[Flags, Flags]:
        return units[: self.patches.count], units[self.patches.count :]


def _covered(cells: int, length: int, low: float, high: float) -> NDArray[np.float64]:
    """Share of each of `cells` equal parts of a side of `length` pixels that lies between `low` and `high`."""
    edges = np.arange(cells + 1) * length / cells  # (cells + 1,)
    return np.diff(np.clip(edges, low, max(low, high))) * cells / length


def _runs(flags: Iterable[bool]) -> list[tuple[int, int]]:
    """Where flags are set: first and one past the last of each run."""
    grouped = ((key, list(group)) for key, group in groupby(enumerate(flags), key=lambda item: bool(item[1])))
    return [(group[0][0], group[-1][0] + 1) for key, group in grouped if key]


def _rectangles(grid: Flags) -> list[tuple[int, int, int, int]]:
    """Cover the set cells of a grid by rectangles (top, left, bottom, right), reading downwards."""
    open_runs: dict[tuple[int, int], int] = {}
    found: list[tuple[int, int, int, int]] = []
    for row, line in enumerate([*grid, np.zeros(grid.shape[1], np.bool_)]):
        runs = _runs(line)
        for run in [run for run in open_runs if run not in runs]:
            found.append((open_runs.pop(run), run[0], row, run[1]))
        for run in runs:
            open_runs.setdefault(run, row)
    return sorted(found)
