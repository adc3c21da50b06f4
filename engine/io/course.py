"""Courses of intensive care: the content of a text file decides its layout, and one `Course` comes out.

The text layout is that of the PhysioNet/Computing in Cardiology Challenge 2012 (Time,Parameter,Value).
"""

from __future__ import annotations

import math
import re

from engine.case import Course
from engine.errors import DamagedFile, TooLarge, UnsupportedContent
from engine.io.course_variables import STATIC_VARIABLES
from engine.io.limits import COURSE_BYTES, MIB
from engine.io.note import decode_text
from engine.io.observations import Observations, course_of

_PHYSIONET = re.compile(r"\s*Time,Parameter,Value[ \t]*(\n|$)")
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)")
_UNKNOWN = -1.0
_NOTHING = frozenset({"", "na", "nan", "null"})


def looks_like_course(data: bytes) -> bool:
    """Whether the bytes are a course in one of the layouts that are read here."""
    return data.startswith(b"Time,Parameter,Value")


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
        raise TooLarge(f"The course has more than {COURSE_BYTES // MIB} MiB.", "Drop one stay, or a stretch of it.")
    text = decode_text(data).replace("\r\n", "\n").replace("\r", "\n")
    if not _PHYSIONET.match(text):
        raise DamagedFile("The file is no course of observations.", "Drop one in a layout that the manual names.")
    return _read_physionet(name, data, text)


def _read_physionet(name: str, data: bytes, text: str) -> Course:
    """The layout of the challenge: what holds for the stay stands at 00:00, and -1 is unknown."""
    found = Observations()
    record = ""
    for rank, line in enumerate(text.split("\n")[1:], start=2):
        if not line.strip():
            continue
        hour, parameter, value = _row(line, rank)
        if parameter == "RecordID":
            if record and line != record:
                raise UnsupportedContent("The file holds more than one stay.", "Drop one file for each stay.")
            record = line
        elif value == _UNKNOWN or not parameter:
            continue
        elif parameter in STATIC_VARIABLES:
            found.static.setdefault(parameter, value)
        else:
            found.add(hour, parameter, value)
    return course_of(_unnamed(name, record), data, "PhysioNet", found)


def _row(line: str, rank: int) -> tuple[float, str, float]:
    """Hour, parameter and value of one line."""
    time, _, rest = line.partition(",")
    parameter, _, written = rest.partition(",")
    clock = _CLOCK.fullmatch(time.strip())
    try:
        value = _UNKNOWN if written.strip().lower() in _NOTHING else float(written)
    except ValueError:
        value = float("nan")
    if clock is None or not math.isfinite(value):
        raise DamagedFile(f"Line {rank} of the course cannot be read.", "Export it again from its source.")
    return int(clock[1]) + int(clock[2]) / 60, parameter.strip(), value


def _unnamed(name: str, record: str) -> str:
    """The file's name without the identifier of the stay, by which such files are called."""
    identifier = record.rpartition(",")[2].strip()
    return name.replace(identifier, "course") if identifier else name
