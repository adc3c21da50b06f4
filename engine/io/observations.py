"""Single observations to a `Course`: units converted, impossible values left out, contradictions settled, all in words.

What a record of intensive care gets wrong: Johnson et al., Machine Learning and Decision Support in Critical Care,
Proceedings of the IEEE 104 (2016).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.case import Course
from engine.errors import EmptyFile, TooLarge
from engine.io.course_contradictions import contradictions
from engine.io.course_variables import (
    COURSE_VARIABLES,
    HEIGHT,
    STATIC_VARIABLES,
    CourseVariable,
    find_variable,
    way_from,
)
from engine.io.limits import COURSE_HOURS, COURSE_OBSERVATIONS
from engine.words import mark, recorded, tr

Numbers = NDArray[np.float64]

_QUOTED = 3  # values named in one warning
_UNKNOWN_NAMED = 8
_NAME_LETTERS = 40
_CONVERTED = {  # by whether it is one value, and whether it has a unit
    (True, True): mark("{name}: 1 value given {meant}, converted to {to}."),
    (True, False): mark("{name}: 1 value given {meant}, converted."),
    (False, True): mark("{name}: {n} values given {meant}, converted to {to}."),
    (False, False): mark("{name}: {n} values given {meant}, converted."),
}
_NAMED_UNIT = {  # likewise
    (True, True): mark("{name}: 1 value given in {unit}, converted to {to}."),
    (True, False): mark("{name}: 1 value given in {unit}, converted."),
    (False, True): mark("{name}: {n} values given in {unit}, converted to {to}."),
    (False, False): mark("{name}: {n} values given in {unit}, converted."),
}
LIMITS = mark("{name}: {n} given as a limit (< or >), which is used.")
NO_NUMBERS = mark("{name}: {n} left out that are no numbers.")
_USUAL = 3.0  # values are unusual beyond so many times the normal range
_UNNAMED = mark(
    "{name}: no unit is given, so it is read as {unit}; its values would be more usual in {other}. Say which."
)
_OF_A_DOUBT = ": no unit is given, so it is read as "
_RANK = {name: rank for rank, name in enumerate(COURSE_VARIABLES)}


@dataclass
class Observations:
    """What a file says was observed, as it says it, gathered while it is read.

    Parameters
    ----------
    columns : dict
        By name and unit as written: hours since the course began, and the values there.
    static : dict of str to float
        What holds for the whole course, by name, in our units.
    warnings : list of str
        What the reader of the file has to tell already.
    own_units : bool
        Whether the format itself says the unit of every variable.
    """

    columns: dict[tuple[str, str], tuple[list[float], list[float]]] = field(default_factory=dict)
    static: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    own_units: bool = False
    _count: int = 0

    def add(self, hour: float, name: str, value: float, unit: str = "") -> None:
        """Note one observation.

        Raises
        ------
        TooLarge
            Where there are more than the limits allow.
        """
        self._count += 1
        if self._count > COURSE_OBSERVATIONS:
            raise TooLarge(
                tr(
                    "The course has more than {most:,} observations.",
                    most=COURSE_OBSERVATIONS,
                ),
                tr("Drop a shorter stretch of it, or values by the minute."),
            )
        hours, values = self.columns.setdefault((name, unit), ([], []))
        hours.append(hour)
        values.append(value)

    def tell(self, sentence: str, counts: Mapping[str, int]) -> None:
        """Warn of values, by their names as written, in a sentence with places for ``name`` and ``n``."""
        self.warnings += [recorded(sentence, name=words_of(name), n=n) for name, n in counts.items() if n]


def course_of(name: str, data: bytes, kind: str, found: Observations) -> Course:
    """Make a course of what was found in a file.

    Parameters
    ----------
    data : bytes
        The file, for its digest.
    kind : str
        The format's name.

    Raises
    ------
    UnsupportedContent
        Where a variable is given in a unit that is not read.
    TooLarge
        Where it lasts longer than the limits allow.
    EmptyFile
        Where nothing is left, neither an observation nor what holds for the whole course.
    """
    _check_hours(found)
    warnings = list(found.warnings)
    unknown: dict[str, int] = {}
    by_variable: dict[str, list[tuple[Numbers, Numbers]]] = {}
    for (written, unit), (hours, values) in found.columns.items():
        variable = find_variable(written)
        if variable is None:
            unknown[written] = unknown.get(written, 0) + len(values)
            continue
        if not unit.strip() and not found.own_units:
            warnings += _unlike_its_unit(variable, values)
        believed = _believed(variable, unit, np.asarray(hours), np.asarray(values), warnings)
        by_variable.setdefault(variable.name, []).append(believed)
    charted = {name: by_variable.pop(name) for name in STATIC_VARIABLES if name in by_variable}
    static, since = _for_all_hours(_static(found.static, warnings), charted, warnings)
    hours_of, names_of, values_of = _in_order(by_variable, warnings)
    if not len(hours_of):
        if not static:
            raise EmptyFile(
                tr("The course has no observation that can be read."), tr("Drop one with vital signs or values.")
            )
        warnings.append(recorded("Nothing was observed."))
    if "Weight" in names_of and "Weight" not in static:
        first = names_of.index("Weight")
        static["Weight"], since["Weight"] = float(values_of[first]), float(hours_of[first])
    warnings += [*contradictions(hours_of, names_of, values_of), *_left_out(unknown)]
    return Course(
        hours=hours_of,
        variables=names_of,
        values=values_of,
        digest=hashlib.sha256(data).hexdigest(),
        name=name,
        format=kind,
        static=MappingProxyType(static),
        static_since=MappingProxyType(since),
        warnings=tuple(warnings),
    )


def _check_hours(found: Observations) -> None:
    last = max((max(hours) for hours, _ in found.columns.values()), default=0.0)
    if last > COURSE_HOURS:
        raise TooLarge(
            tr("The course lasts more than {most:,} hours.", most=COURSE_HOURS),
            tr("Drop one stay, or a stretch of it."),
        )


def _static(given: Mapping[str, float], warnings: list[str]) -> dict[str, float]:
    """What holds for the whole course, where it can be."""
    kept: dict[str, float] = {}
    for name, value in given.items():
        variable = STATIC_VARIABLES.get(name) or COURSE_VARIABLES[name]
        _, read = _believed(variable, "", np.zeros(1), np.asarray([value]), warnings)
        kept |= {name: float(read[0])} if len(read) else {}
    return kept


def _for_all_hours(
    stated: Mapping[str, float], charted: Mapping[str, Sequence[tuple[Numbers, Numbers]]], warnings: list[str]
) -> tuple[dict[str, float], dict[str, float]]:
    """What holds for the whole course, and since when it is known: what was stated, else what was charted first."""
    static, since = dict(stated), dict.fromkeys(stated, 0.0)
    for name, parts in charted.items():
        hours, values = (np.concatenate(both) for both in zip(*parts, strict=True))
        if len(hours):
            first = int(np.argmin(hours))
            since.setdefault(name, float(hours[first]))
            static.setdefault(name, float(values[first]))
            if (values != static[name]).any():
                warnings.append(recorded("{name}: different values; the first is kept.", name=name))
    return static, since


def _believed(
    variable: CourseVariable, unit: str, hours: Numbers, values: Numbers, warnings: list[str]
) -> tuple[Numbers, Numbers]:
    """Values in the variable's unit, those that can be; what was done is added to the warnings."""
    factor, offset = way_from(variable, unit)
    read = values * factor + offset if (factor, offset) != (1.0, 0.0) else values
    low, high = variable.possible
    if (factor, offset) != (1.0, 0.0):
        warnings.append(_converted(variable, unit, len(read)))
    elif not unit.strip():
        read = _unslipped(variable, read, warnings)
    sound = (read >= low) & (read <= high)
    if sound.all():
        return hours, read
    named = _named(hours[~sound], values[~sound], words_of(unit) if unit.strip() else variable.unit)
    one = mark("{name}: 1 impossible value left out ({named}; possible: {low:g} to {high}).")
    several = mark("{name}: {n} impossible values left out ({named}; possible: {low:g} to {high}).")
    many = int((~sound).sum())
    top = f"{high:g}{_of(variable.unit)}"
    warnings.append(recorded(one if many == 1 else several, name=variable.name, n=many, named=named, low=low, high=top))
    return hours[sound], read[sound]


def _converted(variable: CourseVariable, unit: str, many: int) -> str:
    """Say from which unit values were brought to that of their variable."""
    own = COURSE_VARIABLES.get(variable.name) or STATIC_VARIABLES[variable.name]
    given, to = words_of(unit) if unit.strip() else variable.unit, own.unit
    if own is not variable:  # another substance, whose figures are converted even within a unit
        given, to = f"{given} ({variable.title})", f"{to} ({own.title})"
    return recorded(_NAMED_UNIT[many == 1, bool(to)], name=variable.name, n=many, unit=given, to=to)


def _unlike_its_unit(variable: CourseVariable, values: Sequence[float]) -> list[str]:
    """Warn of values without a unit that are far from normal in their variable's own and near to it in another."""
    middle = float(np.median(values))
    slipped = any(slip.low <= middle <= slip.high for slip in variable.slips)
    if variable.normal is None or slipped or _usual(variable.normal, middle):
        return []
    other = [
        unit for unit, (factor, offset) in variable.units.items() if _usual(variable.normal, middle * factor + offset)
    ]
    return [recorded(_UNNAMED, name=variable.name, unit=variable.unit, other=other[0])] if other else []


def doubted_units(warnings: Sequence[str]) -> tuple[str, ...]:
    """Of a course's warnings those on values whose unit was guessed, and may have been guessed wrong."""
    return tuple(warning for warning in warnings if _OF_A_DOUBT in warning)


def _usual(normal: tuple[float, float], value: float) -> bool:
    return normal[0] / _USUAL <= value <= normal[1] * _USUAL


def _unslipped(variable: CourseVariable, values: Numbers, warnings: list[str]) -> Numbers:
    """Values that can only be meant in another unit, brought to the variable's own."""
    low, high = variable.possible
    for slip in variable.slips:
        odd = (values >= slip.low) & (values <= slip.high) & ~((values >= low) & (values <= high))
        if odd.any():
            factor, offset = slip.way
            values = np.where(odd, values * factor + offset, values)
            many, to = int(odd.sum()), "cm" if variable is HEIGHT else variable.unit
            sentence = _CONVERTED[many == 1, bool(to)]
            warnings.append(recorded(sentence, name=variable.name, n=many, meant=slip.meant, to=to))
    return values


def _named(hours: Numbers, values: Numbers, unit: str) -> str:
    shown = [f"{value:.6g}{_of(unit)} at hour {hour:.3g}" for hour, value in zip(hours, values, strict=True)]
    return ", ".join(shown[:_QUOTED]) + (", ..." if len(shown) > _QUOTED else "")


def _of(unit: str) -> str:
    return unit.removeprefix("1") if unit.startswith(("1/", "/")) else f" {unit}" if unit else ""


def _in_order(
    by_variable: Mapping[str, Sequence[tuple[Numbers, Numbers]]], warnings: list[str]
) -> tuple[Numbers, tuple[str, ...], Numbers]:
    """All observations by hour, those of one time in the order of the catalogue; one a variable and minute."""
    hours, ranks, values = [np.empty(0)], [np.empty(0, np.int64)], [np.empty(0)]
    for name, parts in by_variable.items():
        at, read = (np.concatenate(both) for both in zip(*parts, strict=True))
        at, read, settled = _one_a_minute(at, read)
        if settled:
            one = mark("{name}: different values at one minute; their mean is kept.")
            several = mark("{name}: different values at {n} minutes; their mean is kept.")
            warnings.append(recorded(one if settled == 1 else several, name=name, n=settled))
        hours.append(at)
        ranks.append(np.full(len(at), _RANK[name]))
        values.append(read)
    at, rank, read = np.concatenate(hours), np.concatenate(ranks), np.concatenate(values)
    order = np.lexsort((rank, at))
    names = tuple(COURSE_VARIABLES)
    return at[order], tuple(names[k] for k in rank[order]), read[order]


def _one_a_minute(hours: Numbers, values: Numbers) -> tuple[Numbers, Numbers, int]:
    """One value a minute, the mean where there are several, and at how many minutes they differed."""
    whole = np.floor(hours)  # a minute ends with its hour: what comes later changes nothing before it
    minutes = whole * 60 + np.minimum(np.round((hours - whole) * 60), 59)
    if (np.diff(minutes) > 0).all():
        return hours, values, 0
    kept, first, group = np.unique(minutes, return_index=True, return_inverse=True)
    means = np.bincount(group, values) / np.bincount(group)
    lowest, highest = np.full(len(kept), np.inf), np.full(len(kept), -np.inf)
    np.minimum.at(lowest, group, values)
    np.maximum.at(highest, group, values)
    alike = lowest == highest
    return hours[first], np.where(alike, lowest, means), int((~alike).sum())


def words_of(name: str) -> str:
    """Return a name as a file writes it, cut short and fit to be shown."""
    sound = "".join(letter for letter in name if letter.isprintable())
    return " ".join(sound.split())[:_NAME_LETTERS] or "?"


def _left_out(unknown: Mapping[str, int]) -> list[str]:
    """Name what no model here reads, by the file's own words cut short."""
    if not unknown:
        return []
    shown = [f"{words_of(name)} ({count})" for name, count in unknown.items()]
    named, more = ", ".join(shown[:_UNKNOWN_NAMED]), len(shown) - _UNKNOWN_NAMED
    if more > 0:
        return [recorded("Not read, for it is none of the known variables: {names} and {n} more.", names=named, n=more)]
    return [recorded("Not read, for it is none of the known variables: {names}.", names=named)]
