"""The times of a course as people write them (hours, minutes, a clock, dates), brought to hours from its start.

Dates are those of ISO 8601; a day and a month written with strokes could be exchanged, so they are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from engine.errors import DamagedFile, UnsupportedContent
from engine.words import mark, tr

_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?")
_DATE = re.compile(r"\d{4}-?\d\d-?\d\d")
_STROKES = re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{1,4}")
_DAY = 24.0
_AGAIN = mark("Give the time as hours from the start, HH:MM, or ISO dates such as 2026-03-01T08:30.")


def clock_hours(written: str) -> float | None:
    """Read HH:MM or HH:MM:SS as hours, which may be more than 24; None where it is none."""
    clock = _CLOCK.fullmatch(written)
    return None if clock is None else int(clock[1]) + int(clock[2]) / 60 + float(clock[3] or 0) / 3600


def moment(written: str) -> datetime | None:
    """Read an ISO date, with a time or without; None where it is none."""
    if _DATE.match(written) is None:
        return None
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def hours_from_start(moments: Sequence[datetime]) -> NDArray[np.float64]:
    """Hours since the earliest of some dates.

    Raises
    ------
    DamagedFile
        Where some name their zone and some do not.
    """
    if len({one.tzinfo is None for one in moments}) > 1:
        raise DamagedFile(
            tr("Some times of the course name their time zone and some do not."), tr("Give all in one way.")
        )
    start = min(moments)
    return np.asarray([(one - start).total_seconds() / 3600 for one in moments])


def read_times(
    cells: Sequence[str], series: Sequence[str], *, minutes: bool, warnings: list[str]
) -> NDArray[np.float64]:
    """Read the times of the rows of a table.

    Parameters
    ----------
    cells : sequence of str
        ``(R,)``: the time of every row.
    series : sequence of str
        ``(R,)``: the variable of every row, where rows have one: within it time runs on.
    minutes : bool
        Whether plain numbers are minutes.

    Returns
    -------
    numpy.ndarray
        ``(R,)`` float64 hours, none below 0.

    Raises
    ------
    DamagedFile
        Where a time cannot be read, or its kind changes within the table.
    UnsupportedContent
        Where a date could be read in two ways, or the days that a clock has passed cannot be told.
    """
    if any(_STROKES.match(cell) for cell in cells):
        raise UnsupportedContent(tr("The course has dates whose day and month could be exchanged."), tr(_AGAIN))
    moments = [one for cell in cells if (one := moment(cell)) is not None]
    if len(moments) == len(cells):
        return hours_from_start(moments)
    clocks = [hour for cell in cells if (hour := clock_hours(cell)) is not None]
    if len(clocks) == len(cells):
        return _over_midnight(np.asarray(clocks), series, warnings)
    hours = np.asarray([_number(cell, row) for row, cell in enumerate(cells, start=2)])
    hours = hours / 60 if minutes else hours
    if hours.min() < 0:
        warnings.append(f"Time: counted from {hours.min():g} h on; the course now begins at hour 0.")
        return np.asarray(hours - hours.min())
    return np.asarray(hours)


def _number(cell: str, row: int) -> float:
    try:
        number = float(cell.replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DamagedFile(
            tr("The time in line {line} cannot be read, or is of another kind than those before.", line=row), tr(_AGAIN)
        )
    return number


def _over_midnight(hours: NDArray[np.float64], series: Sequence[str], warnings: list[str]) -> NDArray[np.float64]:
    """Clock times that go back have passed midnight, where the order of the rows leaves no doubt."""
    own = {name: [row for row, other in enumerate(series) if other == name] for name in dict.fromkeys(series)}
    if hours.max() >= _DAY or all((np.diff(hours[rows]) >= 0).all() for rows in own.values()):
        return hours
    by_row, by_series = hours + _DAY * _days(hours), hours.copy()
    for rows in own.values():
        by_series[rows] += _DAY * _days(hours[rows])
    if not np.array_equal(by_row, by_series) or (np.diff(by_row) < 0).any():
        raise UnsupportedContent(
            tr("The clock times of the course go back, and their days cannot be told."), tr(_AGAIN)
        )
    warnings.append("Time: the clock has passed midnight; later rows are on the next day.")
    return np.asarray(by_row)


def _days(hours: NDArray[np.float64]) -> NDArray[np.float64]:
    """How often a clock has gone back by half a day or more."""
    return np.concatenate([[0], np.cumsum(np.diff(hours) <= -_DAY / 2)])
