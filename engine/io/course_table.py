"""Courses as tables: one row an observation (long), or one row a time and one column a variable (wide)."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO

from engine.errors import DamagedFile, UnsupportedContent
from engine.io.course_times import read_times
from engine.io.course_variables import find_variable, plain
from engine.io.observations import LIMITS, NO_NUMBERS, Observations
from engine.io.seam import reading
from engine.words import mark, tr

_DELIMITERS = ",;\t|"
_MINUTES = frozenset({"minute", "minutes", "time min", "time minutes", "observationoffset", "offset minutes"})
_TIMES = _MINUTES | frozenset(
    [
        "time",
        "times",
        "hour",
        "hours",
        "h",
        "t",
        "datetime",
        "date time",
        "timestamp",
        "time stamp",
        "charttime",
        "chart time",
        "time h",
        "time hours",
        "hours since admission",
        "hours from admission",
        "hour of stay",
        "effective",
        "date and time",
        "observed at",
        "recorded at",
    ]
)
_NAMES = frozenset(
    [
        "variable",
        "parameter",
        "name",
        "item",
        "label",
        "measurement",
        "vital",
        "vital sign",
        "test",
        "analyte",
        "signal",
        "observation",
        "code",
        "loinc",
    ]
)
_VALUES = frozenset(["value", "valuenum", "result", "reading", "numeric value", "value number", "measured value"])
_UNITS = frozenset(["unit", "units", "uom", "valueuom", "unit of measure", "value unit"])
_PATIENTS = frozenset(
    [
        "patient",
        "patient id",
        "patientid",
        "subject",
        "subject id",
        "subjectid",
        "mrn",
        "record",
        "record id",
        "recordid",
        "stay",
        "stay id",
        "icustay id",
        "hadm id",
        "patientunitstayid",
        "encounter",
        "encounter id",
        "case id",
        "caseid",
        "pid",
    ]
)
_UNIT_IN_HEADER = re.compile(r"([^(\[]+)[(\[](.*)[)\]]")
_WORDS = {"male": 1.0, "m": 1.0, "female": 0.0, "f": 0.0, "yes": 1.0, "no": 0.0, "true": 1.0, "false": 0.0}
_NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?", "."})
_BOUND = re.compile(r"[<>≤≥]=?\s*")


@dataclass(frozen=True)
class Layout:
    """Where a table holds what.

    Parameters
    ----------
    columns : int
        How many there are.
    time : int
        Column of the time.
    long : tuple of int or None
        Columns of variable and value.
    unit : int or None
        Column of the unit of a long table.
    patients : tuple of int
        Columns that name whom the row is about.
    wide : dict of int to (str, str)
        Name and unit of the variable in each other column.
    """

    delimiter: str
    columns: int
    time: int
    minutes: bool
    long: tuple[int, int] | None = None
    unit: int | None = None
    patients: tuple[int, ...] = ()
    wide: dict[int, tuple[str, str]] = field(default_factory=dict)


def table_layout(line: str) -> Layout | None:
    """Recognise a table of a course by its first line; None where it is none."""
    delimiter = max(_DELIMITERS, key=line.count)
    try:
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return None
    heads = [plain(cell) for cell in cells]
    time = _first(heads, _TIMES)
    if time is None or len(cells) < 2:
        return None
    patients = tuple(rank for rank, head in enumerate(heads) if head in _PATIENTS)
    minutes = heads[time] in _MINUTES
    name, value = _first(heads, _NAMES), _first(heads, _VALUES)
    if name is not None and value is not None:
        return Layout(delimiter, len(cells), time, minutes, (name, value), _first(heads, _UNITS), patients)
    wide = {
        rank: _head(cell) for rank, cell in enumerate(cells) if cell and rank != time and heads[rank] not in _PATIENTS
    }
    if not any(find_variable(written) for written, _ in wide.values()):
        return None
    return Layout(delimiter, len(cells), time, minutes, patients=patients, wide=wide)


def _first(heads: Sequence[str], wanted: frozenset[str]) -> int | None:
    return next((rank for rank, head in enumerate(heads) if head in wanted), None)


def _head(cell: str) -> tuple[str, str]:
    """Name and unit of a column: ``Glucose [mmol/L]``."""
    parts = _UNIT_IN_HEADER.fullmatch(cell)
    if parts is None or find_variable(parts[1]) is None:
        return cell, ""
    return parts[1].strip(), parts[2].strip()


def read_table(text: str, layout: Layout) -> Observations:
    """Gather the observations of a table, whose first line is its header.

    Raises
    ------
    DamagedFile
        Where it is no table, a time cannot be read, or nothing follows the header.
    UnsupportedContent
        Where it is about more than one patient, or its times cannot be told.
    """
    with reading(mark("table")):
        rows = [row for row in csv.reader(StringIO(text), delimiter=layout.delimiter) if any(c.strip() for c in row)]
    if len(rows[0]) != layout.columns:
        raise DamagedFile(
            tr("The header of the table runs over more than one line."), tr("Give it names without line breaks.")
        )
    rows = [row + [""] * (layout.time + 1 - len(row)) for row in rows[1:]]
    if not rows:
        raise DamagedFile(tr("The table has a header and no rows."), tr("Export it again from its source."))
    for column in layout.patients:
        if len({_cell(row, column) for row in rows} - {""}) > 1:
            raise UnsupportedContent(
                tr("The table is about more than one patient or stay."), tr("Drop one file for each.")
            )
    found = Observations()
    series = [plain(_cell(row, layout.long[0])) if layout.long else "" for row in rows]
    times = [_cell(row, layout.time) for row in rows]
    hours = read_times(times, series, minutes=layout.minutes, warnings=found.warnings).tolist()
    odd: dict[str, int] = {}
    bounded: dict[str, int] = {}
    for hour, row in zip(hours, rows, strict=True):
        for name, unit, written in _cells(row, layout):
            value = _value(written)
            if value is None:
                odd[name] = odd.get(name, 0) + (written.lower() not in _NOTHING)
                continue
            found.add(hour, name, value, unit)
            bounded[name] = bounded.get(name, 0) + (_BOUND.match(written) is not None)
    known = {name: find_variable(name) is not None for name in odd | bounded}
    found.tell(NO_NUMBERS, {name: count for name, count in odd.items() if known[name]})
    found.tell(LIMITS, {name: count for name, count in bounded.items() if known[name]})
    return found


def _cells(row: Sequence[str], layout: Layout) -> list[tuple[str, str, str]]:
    """Name, unit and value as written of every observation in a row."""
    if layout.long:
        name, value = (_cell(row, column) for column in layout.long)
        unit = _cell(row, layout.unit) if layout.unit is not None else ""
        return [(name, unit, value)] if name else []
    return [(*head, _cell(row, column)) for column, head in layout.wide.items()]


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _value(written: str) -> float | None:
    """A value as people write it; None where there is none."""
    lower = written.lower()
    if lower in _NOTHING:
        return None
    if lower in _WORDS:
        return _WORDS[lower]
    plain_number = _BOUND.sub("", lower, count=1) if _BOUND.match(lower) else lower
    if plain_number.count(",") == 1 and "." not in plain_number:
        plain_number = plain_number.replace(",", ".")
    try:
        value = float(plain_number)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
