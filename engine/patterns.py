"""What stands out in a course, in words with the numbers behind them: plain rules, no model.

Reference ranges are those of `engine.io.course_variables`; trends are told by Kendall's tau (Kendall, Biometrika 30,
1938) so that one stray value makes none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.case import Course, Period
from engine.io.course_variables import COURSE_VARIABLES, CourseVariable
from engine.words import mark, recorded

Numbers = NDArray[np.float64]

_MOST = 8
_SUDDEN_HOURS, _SUDDEN = 2.0, 0.7  # widths of the normal range
_STEADY_HOURS, _STEADY, _TAU = 4.0, 1.0, 0.6
_TREND_VALUES, _TAU_VALUES = 4, 60
_SILENT_HOURS, _REGULAR_HOURS = 6.0, 2.0
_RECOVERY = 0.4  # what a change to a normal value weighs
_EXCESS = 3.0  # widths, beyond which more makes no difference
_SLIGHT = 0.5  # weight, below which nothing stands out
_URINE_HOURS, _URINE_COUNT, _OLIGURIA = 6.0, 3, 0.5  # mL a kg and hour: KDIGO, Kidney Int. Suppl. 2, 2012
_WIDTHS = {"MAP": 25.0, "NIMAP": 25.0, "SysABP": 40.0, "NISysABP": 40.0, "HR": 30.0, "RespRate": 10.0}
_WIDTHS |= {"GCS": 3.0, "FiO2": 0.3, "PaO2": 60.0}
"""A change that is large, where the normal range does not tell."""
_URGENT = dict.fromkeys(("MAP", "NIMAP"), 2.0) | dict.fromkeys(("SysABP", "NISysABP"), 1.8)
_URGENT |= dict.fromkeys(("HR", "RespRate", "GCS", "Lactate", "pH", "SaO2", "PaO2", "K", "Urine"), 1.6)
_URGENT |= dict.fromkeys(("DiasABP", "NIDiasABP", "Temp", "FiO2", "PaCO2", "Na", "Glucose", "Creatinine"), 1.2)
"""How much sooner than others a reader wants to hear of some variables; 0.8 for those that are not listed."""
_NORMAL = {"PaO2": (75.0, math.inf)}  # under oxygen there is no upper end
_FAMILIES = dict.fromkeys(("SysABP", "DiasABP", "MAP", "NISysABP", "NIDiasABP", "NIMAP"), "blood pressure")
_FAMILIES |= {"PaCO2": "carbon dioxide and acid", "pH": "carbon dioxide and acid", "HCO3": "carbon dioxide and acid"}
_FAMILIES |= {"ALT": "liver enzymes", "AST": "liver enzymes"}
_CHANGED = {  # by whether it fell, and whether at once
    (True, True): mark("{name} fell from {before} to {after} between hour {start:.1f} and {end:.1f}."),
    (False, True): mark("{name} rose from {before} to {after} between hour {start:.1f} and {end:.1f}."),
    (True, False): mark("{name} fell from {before} to {after} over {hours:.0f} h, from hour {start:.0f} on."),
    (False, False): mark("{name} rose from {before} to {after} over {hours:.0f} h, from hour {start:.0f} on."),
}
_BEYOND = {  # by whether it was below, and whether there were several values
    (True, True): mark("{name} below {end:g} in {many} of {n} values, lowest {worst} at hour {hour:.1f}."),
    (False, True): mark("{name} above {end:g} in {many} of {n} values, highest {worst} at hour {hour:.1f}."),
    (True, False): mark("{name} below {end:g} with {worst} at hour {hour:.1f}."),
    (False, False): mark("{name} above {end:g} with {worst} at hour {hour:.1f}."),
}
_WATCHED = ("HR", "RespRate", "blood pressure", "Urine")


class Kind(StrEnum):
    """The kinds of pattern."""

    SUDDEN = mark("sudden change")
    TREND = mark("trend")
    OUTSIDE = mark("outside the normal range")
    SILENCE = mark("nothing measured")


@dataclass(frozen=True)
class CoursePattern:
    """One thing that stands out.

    Parameters
    ----------
    place : Period
        When, and of which variable; None for a whole family or for all.
    words : str
        A sentence with the numbers.
    weight : float
        How much it stands out: its size on a logarithmic scale, times how urgent the variable is; what it is sorted by.
    """

    kind: Kind
    place: Period
    words: str
    weight: float


def course_patterns(course: Course) -> tuple[CoursePattern, ...]:
    """Name what stands out in a course, the most striking first, at most eight.

    A second pattern of one variable, or of the pressures or the acids, comes only where there is room.
    """
    found: list[CoursePattern] = [*_silences(course), *_oliguria(course)]
    names = np.asarray(course.variables)
    for name in dict.fromkeys(course.variables):
        chosen = names == name
        found += _of_variable(COURSE_VARIABLES[name], course.hours[chosen], course.values[chosen])
    found = sorted((one for one in found if one.weight >= _SLIGHT), key=lambda one: (-one.weight, one.place.start))
    best = {_family(one): one for one in reversed(found)}
    second = {_family(one): one for one in reversed(found) if one.kind != best[_family(one)].kind}
    kept = [*sorted(best.values(), key=found.index), *sorted(second.values(), key=found.index)][:_MOST]
    return tuple(sorted(kept, key=found.index))


def _family(pattern: CoursePattern) -> str:
    name = pattern.place.variable
    return _FAMILIES.get(name, name) if name else pattern.words


def _of_variable(variable: CourseVariable, hours: Numbers, values: Numbers) -> Iterator[CoursePattern]:
    """The patterns of one variable; a trend that one sudden change explains is none."""
    width = _width(variable)
    sudden = _sudden(variable, hours, values, width) if width else None
    trend = _trend(variable, hours, values, width) if width else None
    if sudden:
        yield sudden
    if trend and not (sudden and trend.place.start <= sudden.place.start and sudden.weight >= trend.weight - 0.5):
        yield trend
    outside = _outside(variable, hours, values)
    if outside:
        yield outside


def _width(variable: CourseVariable) -> float:
    """How much a value strays among healthy people; 0 where nobody can say."""
    if variable.name in _WIDTHS or variable.normal is None:
        return _WIDTHS.get(variable.name, 0.0)
    return variable.normal[1] - variable.normal[0]


def _normal(variable: CourseVariable) -> tuple[float, float] | None:
    return _NORMAL.get(variable.name, variable.normal)


def _urgent(variable: CourseVariable) -> float:
    return _URGENT.get(variable.name, 0.8)


def _changed(
    kind: Kind, variable: CourseVariable, hours: Numbers, values: Numbers, ends: tuple[int, int], weight: float
) -> CoursePattern:
    """A change between two values; one that ends where it should counts less."""
    first, last = ends
    start, end = float(hours[first]), float(hours[last])
    fell, sudden = bool(values[last] < values[first]), kind is Kind.SUDDEN
    before, after = variable.written(values[first]).split(" ")[0], variable.written(values[last])
    change = {"name": variable.name, "before": before.removesuffix("/min"), "after": after}
    words = recorded(_CHANGED[fell, sudden], **change, start=start, end=end, hours=end - start)
    normal = _normal(variable)
    good = normal is not None and normal[0] <= values[last] <= normal[1]
    weight *= (0.0 if variable.name in _NORMAL else _RECOVERY) if good else 1.0
    weight *= _urgent(variable)
    return CoursePattern(kind, Period(start, math.nextafter(end, math.inf), variable.name), words, weight)


def _sudden(variable: CourseVariable, hours: Numbers, values: Numbers, width: float) -> CoursePattern | None:
    """The largest change within two hours, or from one value to the next, that the values around it confirm."""
    best, ends = 0.0, (0, 0)
    ahead, behind = _medians_ahead(values), _medians_ahead(values[::-1])[::-1]
    firsts = np.searchsorted(hours, hours - _SUDDEN_HOURS - 1e-9)
    for last in range(1, len(values)):
        first = min(int(firsts[last]), last - 1)
        if hours[last] - hours[first] > 2 * _SUDDEN_HOURS:
            continue
        for way in (-1.0, 1.0):
            away = first + int(np.argmin(way * values[first:last]))
            change = min(way * (values[last] - values[away]), way * (ahead[last] - behind[away]))
            if change > best:
                best, ends = float(change), (away, last)
    if best < _SUDDEN * width:
        return None
    return _changed(Kind.SUDDEN, variable, hours, values, ends, 2.0 + math.log2(best / (_SUDDEN * width)))


def _medians_ahead(values: Numbers) -> Numbers:
    """The median of each value and the two after it; of fewer at the end."""
    ahead = np.concatenate([values, [np.nan, np.nan]])
    return np.asarray(np.nanmedian(np.stack([ahead[k : len(values) + k] for k in range(3)]), axis=0))


def _trend(variable: CourseVariable, hours: Numbers, values: Numbers, width: float) -> CoursePattern | None:
    """The largest rise or fall over hours, where most pairs of values between go the same way."""
    best: CoursePattern | None = None
    for way in (-1.0, 1.0):
        first, last = _largest_rise(way * values)
        change, tau = abs(values[last] - values[first]), _tau(way * values[first : last + 1])
        steady = hours[last] - hours[first] >= _STEADY_HOURS and last - first + 1 >= _TREND_VALUES
        if steady and change >= _STEADY * width and tau >= _TAU:
            weight = 1.0 + tau * math.log2(2 * change / (_STEADY * width))
            one = _changed(Kind.TREND, variable, hours, values, (first, last), weight)
            best = one if best is None or one.weight > best.weight else best
    return best


def _largest_rise(values: Numbers) -> tuple[int, int]:
    """Where the largest rise from an earlier to a later value begins and ends."""
    lowest = np.minimum.accumulate(values)
    last = int(np.argmax(values - lowest))
    return int(np.argmin(values[: last + 1])), last


def _tau(values: Numbers) -> float:
    """Kendall's tau of values with their order, of at most some evenly chosen ones."""
    if len(values) < 2:
        return 0.0
    chosen = values[np.linspace(0, len(values) - 1, min(len(values), _TAU_VALUES)).astype(int)]
    signs = np.sign(chosen[None, :] - chosen[:, None])
    return float(signs[np.triu_indices(len(chosen), 1)].mean())


def _outside(variable: CourseVariable, hours: Numbers, values: Numbers) -> CoursePattern | None:
    """How often the values were on the side of the normal range on which they were most often."""
    normal = _normal(variable)
    if normal is None:
        return None
    low, high = normal
    below, above = values < low, values > high
    lower = bool(below.sum() >= above.sum())
    beyond, end = (below, low) if lower else (above, high)
    if beyond.sum() < min(2, len(values)):
        return None
    worst = int(np.argmin(values)) if lower else int(np.argmax(values))
    excess = abs(values[worst] - end) / (_width(variable) or 1.0)
    many, share = int(beyond.sum()), float(beyond.mean())
    counts = {"many": many, "n": len(values), "worst": variable.written(values[worst]), "hour": hours[worst]}
    words = recorded(_BEYOND[lower, len(values) > 1], name=variable.name, end=end, **counts)
    weight = (0.4 + 0.6 * share) * math.log2(1 + 2 * min(excess, _EXCESS)) * _urgent(variable)
    place = Period(float(hours[beyond][0]), math.nextafter(float(hours[beyond][-1]), math.inf), variable.name)
    return CoursePattern(Kind.OUTSIDE, place, words, weight)


def _oliguria(course: Course) -> Iterator[CoursePattern]:
    """The six hours with the least urine, where it is too little for the body."""
    chosen = np.asarray(course.variables) == "Urine"
    hours, values = course.hours[chosen], course.values[chosen]
    full = hours + _URINE_HOURS <= course.hours.max(initial=0.0)
    if "Weight" not in course.static or not full.any():
        return
    total = np.concatenate([[0], np.cumsum(values)])
    ends = np.searchsorted(hours, hours + _URINE_HOURS)
    sums, counts = total[ends] - total[:-1], ends - np.arange(len(hours))
    sums = np.where(full & (counts >= _URINE_COUNT), sums, np.inf)
    least = int(np.argmin(sums))
    enough = _OLIGURIA * _URINE_HOURS * course.static["Weight"]
    if sums[least] < enough:
        start, end = float(hours[least]), float(hours[least] + _URINE_HOURS)
        little = mark("Urine {sum:.0f} mL in 6 h from hour {start:.1f} on, below {least} mL/kg/h.")
        words = recorded(little, sum=sums[least], start=start, least=_OLIGURIA)
        weight = _urgent(COURSE_VARIABLES["Urine"]) * (1 + math.log2(enough / max(sums[least], enough / 8)))
        yield CoursePattern(Kind.OUTSIDE, Period(start, end, "Urine"), words, weight)


def _silences(course: Course) -> Iterator[CoursePattern]:
    """Long times without any value, and without one of what is watched every hour or two."""
    whole = list(_gaps(course.hours, 0.0))
    nothing = mark("Nothing at all was measured for {hours:.0f} h, from hour {start:.1f} to {end:.1f}.")
    yield from (_silence(nothing, "", None, *gap) for gap in whole)
    families = np.asarray([_FAMILIES.get(name, name) for name in course.variables])
    for watched in _WATCHED:
        hours = course.hours[families == watched]
        if len(np.unique(hours)) < 3 or np.median(np.diff(np.unique(hours))) > _REGULAR_HOURS:
            continue
        variable = watched if watched in COURSE_VARIABLES else None
        missing = mark("No {what} was measured for {hours:.0f} h, from hour {start:.1f} to {end:.1f}.")
        title = COURSE_VARIABLES[watched].title if variable else watched
        for start, end in _gaps(np.append(hours, course.hours[-1]), float(hours[0])):
            if (start, end) not in whole:
                yield _silence(missing, f"{title[0].lower()}{title[1:]}", variable, start, end)


def _gaps(hours: Numbers, begin: float) -> Iterator[tuple[float, float]]:
    edges = np.concatenate([[begin], hours])
    for at in np.flatnonzero(np.diff(edges) > _SILENT_HOURS):
        yield float(edges[at]), float(edges[at + 1])


def _silence(sentence: str, what: str, variable: str | None, start: float, end: float) -> CoursePattern:
    words = recorded(sentence, what=what, hours=end - start, start=start, end=end)
    return CoursePattern(
        Kind.SILENCE, Period(start, end, variable), words, 1.0 + math.log2((end - start) / _SILENT_HOURS)
    )
