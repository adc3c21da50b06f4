"""Courses of people who were never in intensive care: vital signs and laboratory values that follow drawn lines.

A value is a line through a few points in time, with the wandering of a first-order autoregressive process and the
rounding of a chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sample_data.monitor_lines import Line

Observed = tuple[float, str, float]
"""Hour, variable and value."""

_MEMORY = 0.6  # of the wandering, from one value to the next


@dataclass(frozen=True)
class Stay:
    """What is observed in one stay.

    Parameters
    ----------
    static : mapping of str to float
        Age in years, gender (1 male), height in cm and kind of unit, as the challenge writes them.
    lines : mapping of str to Line
        By variable.
    slips : tuple of (float, str, float)
        Values that are wrong: a disconnected line, a mistyped number.
    """

    static: Mapping[str, float]
    lines: Mapping[str, Line]
    slips: tuple[Observed, ...] = field(default_factory=tuple)


def observe(stay: Stay, seed: int) -> list[Observed]:
    """Chart a stay: observations by hour, always the same for the same `seed`."""
    rng = np.random.default_rng(seed)
    late = rng.uniform(0.0, 0.4, 49)  # hours by which the chart runs late: all that is due together comes together
    seen = [(hour, name, value) for name, line in stay.lines.items() for hour, value in _follow(line, late, rng)]
    return sorted([*seen, *stay.slips], key=lambda one: one[:2])


def _follow(line: Line, late: NDArray[np.float64], rng: np.random.Generator) -> list[tuple[float, float]]:
    """The values of one variable, at its own pace."""
    hours = np.arange(line.start, line.end, line.every)
    hours = np.round(np.clip(hours + late[hours.astype(int)], 0, 48) * 60) / 60
    wander, values = 0.0, []
    for hour in hours:
        wander = _MEMORY * wander + rng.normal(0.0, line.noise * np.sqrt(1 - _MEMORY**2))
        value = np.interp(hour, *zip(*line.points, strict=True)) + wander
        values.append(float(np.round(np.clip(value, line.low, line.high), line.digits)))
    return list(zip(hours.tolist(), values, strict=True))
