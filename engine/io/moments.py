"""Dates moved by whole days, so that intervals and times of day stay (PS3.5 6.2: DA, DT and TM)."""

from __future__ import annotations

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})")  # with the dots of ACR-NEMA too
_TIME = re.compile(r"\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?)?")
_ZONE = re.compile(r"[+-]\d{4}")


def shifted(kind: str, text: str, days: int) -> str | None:
    """The value some days earlier; None where it is none that can be moved.

    Parameters
    ----------
    kind : str
        Value representation: DA, DT or TM, which stays as it is.

    Examples
    --------
    >>> shifted("DA", "20240301", 1), shifted("DT", "20240301120000.5+0100", 366), shifted("DA", "March", 1)
    ('20240229', '20230301120000.5+0100', None)
    """
    text = text.strip()
    if kind == "TM":
        return text if _TIME.fullmatch(text) else None
    day = _DATE.match(text)
    rest = text[day.end() :] if day else ""
    if day is None or (rest and (kind == "DA" or not _is_time_and_zone(rest))):
        return None
    try:
        moved = date(int(day[1]), int(day[2]), int(day[3])) - timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return f"{moved.year:04d}{moved:%m%d}{rest}"


def _is_time_and_zone(text: str) -> bool:
    zone = _ZONE.search(text)
    time = text[: zone.start()] if zone else text
    return (not zone or zone.end() == len(text)) and (not time or _TIME.fullmatch(time) is not None)
