"""Courses of intensive care: the content of a text file decides its layout, and one `Course` comes out.

Layouts: the text files of the PhysioNet/Computing in Cardiology Challenge 2012, tables, and HL7 FHIR R4 Bundles.
"""

from __future__ import annotations

import math
import re

from engine.case import Course
from engine.errors import DamagedFile, TooLarge, UnknownFormat, UnsupportedContent
from engine.io.course_bundle import looks_like_bundle, read_bundle
from engine.io.course_table import read_table, table_layout
from engine.io.course_times import clock_hours
from engine.io.encodings import decode_text
from engine.io.limits import COURSE_BYTES, MIB
from engine.io.observations import Observations, course_of
from engine.words import tr

_PHYSIONET = re.compile(r"Time,Parameter,Value[ \t]*\n+(\d{1,4}:\d\d,|$)")
_SEPARATOR = re.compile(r"\Asep=.\n")
_HEAD_BYTES = 65_536
_HEADER_LETTERS = 20_000
_UNKNOWN = -1.0
_NOTHING = frozenset({"", "na", "nan", "null"})


def looks_like_course(data: bytes) -> bool:
    """Whether the bytes begin as a course in one of the layouts that are read here."""
    try:
        head = _lines(decode_text(data[:_HEAD_BYTES], cut=True))
    except UnknownFormat:
        return False
    return looks_like_bundle(head) or table_layout(_header(head)) is not None


def read_course(name: str, data: bytes) -> Course:
    """Read a course.

    Parameters
    ----------
    name : str
        What the reader calls the file; nothing is decided by it.

    Raises
    ------
    UploadError
        One of its kinds, where it is none, is damaged, or asks for something that is not read. Nothing else is raised.
    """
    if len(data) > COURSE_BYTES:
        raise TooLarge(
            tr("The course has more than {most} MiB.", most=COURSE_BYTES // MIB),
            tr("Drop one stay, or a stretch of it."),
        )
    text = _lines(decode_text(data))
    if _PHYSIONET.match(text):
        return _read_physionet(name, data, text)
    if looks_like_bundle(text[:_HEAD_BYTES]):
        return course_of(name, data, "FHIR", read_bundle(text))
    layout = table_layout(_header(text))
    if layout is None:
        raise UnknownFormat(
            tr("The file is no course of observations."),
            tr("Give it a column for the time, and one for each variable."),
        )
    return course_of(name, data, "table", read_table(text, layout))


def _lines(text: str) -> str:
    """Text from its first line with words in it, its lines ended by line feeds; a spreadsheet's ``sep=;`` is none."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff \n").rstrip("\x1a")
    return _SEPARATOR.sub("", text, count=1)


def _header(text: str) -> str:
    return text[:_HEADER_LETTERS].partition("\n")[0]


def _read_physionet(name: str, data: bytes, text: str) -> Course:
    """The layout of the challenge: what holds for the stay stands at 00:00, and -1 is unknown."""
    found = Observations(own_units=True)
    record = ""
    for rank, line in enumerate(text.split("\n")[1:], start=2):
        if not line.strip():
            continue
        hour, parameter, value = _row(line, rank)
        if parameter == "RecordID":
            if record and line != record:
                raise UnsupportedContent(tr("The file holds more than one stay."), tr("Drop one file for each stay."))
            record = line
        elif value != _UNKNOWN and parameter:
            found.add(hour, parameter, value)
    return course_of(_unnamed(name, record), data, "PhysioNet", found)


def _row(line: str, rank: int) -> tuple[float, str, float]:
    """Hour, parameter and value of one line."""
    time, _, rest = line.partition(",")
    parameter, _, written = rest.partition(",")
    hour = clock_hours(time.strip())
    try:
        value = _UNKNOWN if written.strip().lower() in _NOTHING else float(written)
    except ValueError:
        value = math.nan
    if line.count(",") != 2 or hour is None or not math.isfinite(value):
        raise DamagedFile(
            tr("Line {line} of the course cannot be read.", line=rank), tr("Export it again from its source.")
        )
    return hour, parameter.strip(), value


def _unnamed(name: str, record: str) -> str:
    """The file's name without the identifier of the stay, by which such files are called."""
    identifier = record.rpartition(",")[2].strip()
    return name.replace(identifier, "course") if identifier else name
