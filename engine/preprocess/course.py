"""Courses to cells, one a variable and hour in which it was observed, and values of the cells back to observations.

Irregular observations as a set of (time, variable, value): Horn et al., Set Functions for Time Series, ICML 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Course
from engine.io.course_variables import COURSE_HOURS
from engine.models.output import ModelInput

HOURS = COURSE_HOURS

VARIABLES = (
    *("ALP", "ALT", "AST", "Albumin", "BUN", "Bilirubin", "Cholesterol", "Creatinine", "DiasABP", "FiO2", "GCS"),
    *("Glucose", "HCO3", "HCT", "HR", "K", "Lactate", "MAP", "MechVent", "Mg", "NIDiasABP", "NIMAP", "NISysABP"),
    *("Na", "PaCO2", "PaO2", "Platelets", "RespRate", "SaO2", "SysABP", "Temp", "TroponinI", "TroponinT", "Urine"),
    *("WBC", "Weight", "pH"),
)
"""The variables over time, in the order of their kinds of token: a checkpoint depends on it."""

UNITS = 4  # units of intensive care, ICUType 1 to 4: each is a kind of token
STATIC = ("Age", "Gender", "Height", "Weight", *(f"ICUType {unit}" for unit in range(1, UNITS + 1)))
KINDS = 1 + len(VARIABLES) + len(STATIC)
"""Kinds of token: none (0), the variables from 1 on, and what holds for the whole course."""

WEIGHT, FIRST_WEIGHT = 1 + VARIABLES.index("Weight"), 1 + len(VARIABLES) + STATIC.index("Weight")
"""The kinds of token that say a weight: as it was charted, and the first one, which holds for the whole course."""

KIND, HOUR, VALUE, READING = range(4)
"""What stands where in a token's values."""

NOT_READ = -1
NO_CELL = -1
_KIND_OF = {name: rank for rank, name in enumerate(VARIABLES, start=1)}


@dataclass(frozen=True, eq=False)
class CourseGeometry:
    """Which token each of the N observations of a course went into, and what the T tokens are.

    Parameters
    ----------
    tokens : numpy.ndarray
        ``(N,)`` int64: the token of each observation, `NOT_READ` where the model does not read it.
    kinds, bins : numpy.ndarray
        ``(T,)`` int64: the kind of each token and its hour, from 0; what holds for the whole course stands last, at
        the hour at which it was charted first.
    hours : numpy.ndarray
        ``(N,)`` float64: when each observation was made.
    reading : int
        The hour at which the course is read, 1 to `HOURS`: all before it is seen.
    """

    tokens: NDArray[np.int64]
    kinds: NDArray[np.int64]
    bins: NDArray[np.int64]
    hours: NDArray[np.float64]
    reading: int

    @property
    def count(self) -> int:
        """U, the number of cells: tokens that stand for observations; they come first."""
        return int((self.kinds <= len(VARIABLES)).sum())

    @property
    def variables(self) -> tuple[str, ...]:
        """The variable of each of the U cells."""
        return tuple(VARIABLES[kind - 1] for kind in self.kinds[: self.count])

    @property
    def cells(self) -> NDArray[np.int64]:
        """The cell of each token, ``(T,)``: also of the weight that is a copy of one; `NO_CELL` for the rest."""
        rank = np.arange(len(self.kinds))  # (T,)
        cells = np.where(rank < self.count, rank, NO_CELL)  # (T,)
        weighed = {int(self.bins[cell]): cell for cell in np.flatnonzero(self.kinds == WEIGHT)}
        for token in np.flatnonzero(self.kinds == FIRST_WEIGHT):
            cells[token] = weighed.get(int(self.bins[token]), NO_CELL)
        return cells

    def to_observed(self, relevance: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Lead values of the tokens ``(T,)`` back to the observations ``(N,)``.

        Observations of one cell share its value equally. Absolute values are 1 on average over those that were read,
        unless all are 0; NaN where an observation was not read.
        """
        read = self.tokens != NOT_READ  # (N,)
        found = np.full(len(self.tokens), np.nan)  # (N,)
        tokens = self.tokens[read]  # (R,)
        found[read] = relevance[tokens] / np.bincount(tokens, minlength=len(self.kinds))[tokens]
        average = np.abs(found[read]).mean() if read.any() else 0.0
        return (found / average if average > 0 else found).astype(np.float32)


def prepare_course(course: Course) -> tuple[ModelInput, CourseGeometry, float]:
    """Make one token of each cell (variable and hour) and of each thing that holds for the whole course.

    Returns
    -------
    tuple of ModelInput, CourseGeometry and float
        Values ``(1, T, 4)`` float32 (kind, hour, value, hour of reading) with the mean of a cell's observations, all
        present; the way back; and the share of the observations that are read, in [0, 1].
    """
    hours, kinds, values = course.hours, _kinds(course.variables), course.values  # (N,) each
    bins = np.minimum(np.floor(hours), HOURS - 1).astype(np.int64)  # (N,)
    read = (kinds > 0) & (hours >= 0) & (hours <= HOURS) & np.isfinite(values)  # (N,)
    cells, members = np.unique(bins[read] * KINDS + kinds[read], return_inverse=True)  # (U,), (R,)
    means = np.bincount(members, values[read], len(cells)) / np.bincount(members, minlength=len(cells))  # (U,)
    tokens = np.full(len(hours), NOT_READ, np.int64)  # (N,)
    tokens[read] = members
    static = _static(course)
    kind = np.array([*(cells % KINDS), *(kind for kind, _, _ in static)], np.int64)  # (T,)
    hour = np.array([*(cells // KINDS), *(since for _, since, _ in static)], np.int64)  # (T,)
    reading = int(hour.max(initial=0)) + 1
    packed = np.zeros((1, max(1, len(kind)), 4), np.float32)  # (1, T, 4)
    packed[..., READING] = reading
    packed[0, : len(kind), :READING] = np.stack([kind, hour, [*means, *(value for *_, value in static)]], axis=1)
    inputs = ModelInput(torch.from_numpy(packed), torch.from_numpy(packed[..., KIND] > 0))
    coverage = float(read.mean()) if len(read) else 1.0
    padded = (np.pad(part, (0, packed.shape[1] - len(kind))) for part in (kind, hour))
    return inputs, CourseGeometry(tokens, *_last_kind(*padded), hours, reading), coverage


def _last_kind(kinds: NDArray[np.int64], bins: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A token that stands for nothing is no cell: it counts as one that holds for the whole course."""
    return np.where(kinds == 0, KINDS, kinds), bins


def _kinds(variables: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([_KIND_OF.get(name, 0) for name in variables], np.int64)  # (N,)


def _static(course: Course) -> list[tuple[int, int, float]]:
    """Kind, hour and value of each thing that is known of the whole course, none before it was charted."""
    first = 1 + len(VARIABLES)
    found = []
    for name, value in course.static.items():
        kind, said = (f"ICUType {value:g}", 1.0) if name == "ICUType" else (name, float(value))
        since = _since(course, name)
        if kind in STATIC and np.isfinite(value) and since <= HOURS:
            found.append((first + STATIC.index(kind), min(int(since), HOURS - 1), said))
    return sorted(found)


def _since(course: Course, name: str) -> float:
    """The hour at which something that holds for the whole course was charted first."""
    observed = (hour for hour, other in zip(course.hours.tolist(), course.variables, strict=True) if other == name)
    return course.static_since[name] if name in course.static_since else next(observed, 0.0)
