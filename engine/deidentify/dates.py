"""Dates moved by a number of days, written as they were."""

from __future__ import annotations

import re
from calendar import day_name, month_name
from collections.abc import Callable
from datetime import date, timedelta

_UNREAD = "[date]"
_MONTHS = [name.casefold() for name in month_name]
_DAYS = [name.casefold() for name in day_name]
_SOME_YEAR, _MIDDLE = 2001, 15  # of a date without its year, or its day
_NAMED_DAY = re.compile(r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b", re.IGNORECASE)
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
_ORDINAL = r"(?P<day>\d{1,2})(?P<th>st|nd|rd|th)?"
_YEAR = r"(?P<year>\d{4}|\d{2})"

_Shape = tuple[re.Pattern[str], Callable[["re.Match[str]"], tuple[int, int, int]]]


def shifted(text: str, days: int) -> str:
    """Move a date, with whatever stands around it; ``[date]`` where it is no date that can be read.

    Examples
    --------
    >>> shifted("03/05/2019", 30), shifted("Monday, March 5th, 2018", -7), shifted("5/3", 1)
    ('04/04/2019', 'Monday, February 26th, 2018', '5/4')
    >>> shifted("March of 2019", 31), shifted("Lent", 3)
    ('April of 2019', '[date]')
    """
    for shape, read in _SHAPES:
        if match := shape.search(text):
            try:
                moved = date(*read(match)) + timedelta(days=days)
            except (ValueError, OverflowError):
                return _UNREAD
            return _day_named(_rewritten(text, match, moved), moved)
    return _UNREAD


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    """Year, month and day, with a whole year; the month first unless it cannot be."""
    year, month, day = match["year"], int(match["month"]), int(match["day"])
    return _whole(year), month, day


def _named(match: re.Match[str]) -> tuple[int, int, int]:
    groups = match.groupdict()
    month = next(rank for rank, name in enumerate(_MONTHS) if name and name.startswith(groups["month"][:3].casefold()))
    year, day = groups.get("year"), groups.get("day")
    return (_whole(year) if year else _SOME_YEAR), month, (int(day) if day else _MIDDLE)


def _dayless(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match["year"]), int(match["month"]), _MIDDLE


def _yearless(match: re.Match[str]) -> tuple[int, int, int]:
    return _SOME_YEAR, int(match["month"]), int(match["day"])


def _whole(year: str) -> int:
    """A year of two figures in the century in which patients live."""
    return int(year) if len(year) == 4 else int(year) + (1900 if int(year) > 40 else 2000)


_PLAIN_MONTH, _PLAIN_DAY = r"(?P<month>0?[1-9]|1[0-2])", r"(?P<day>0?[1-9]|[12]\d|3[01])"
_SHAPES: tuple[_Shape, ...] = (
    (re.compile(rf"(?<!\d)(?P<year>\d{{4}})[/.-]{_PLAIN_MONTH}[/.-]{_PLAIN_DAY}(?!\d)"), _numbers),
    (re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?!\d)"), _numbers),
    (re.compile(rf"(?<!\d){_PLAIN_MONTH}[/.-]{_PLAIN_DAY}[/.-]{_YEAR}(?!\d)"), _numbers),
    (re.compile(rf"(?<!\d){_PLAIN_DAY}[/.-]{_PLAIN_MONTH}[/.-]{_YEAR}(?!\d)"), _numbers),
    (re.compile(rf"\b(?P<year>\d{{4}})[ /.-]{_MONTH}\b\.?[ /.-]{_ORDINAL}\b", re.IGNORECASE), _named),
    (re.compile(rf"\b{_MONTH}\b\.?[ -]*{_ORDINAL}\b(?!\d)(?:[ ,'-]+{_YEAR}\b)?", re.IGNORECASE), _named),
    (re.compile(rf"\b{_ORDINAL}(?: of)?[ .-]*{_MONTH}\b(?:\.?[ ,'-]+{_YEAR}\b)?", re.IGNORECASE), _named),
    (re.compile(rf"\b{_MONTH}\b\.?,?(?: of)? (?P<year>\d{{4}})\b", re.IGNORECASE), _named),
    (re.compile(rf"(?<!\d){_PLAIN_MONTH}[/.-](?P<year>\d{{4}})(?!\d)"), _dayless),
    (re.compile(rf"(?<!\d){_PLAIN_MONTH}[/.-]{_PLAIN_DAY}(?!\d)"), _yearless),
    (re.compile(rf"(?<!\d){_PLAIN_DAY}[/.-]{_PLAIN_MONTH}(?!\d)"), _yearless),
    (re.compile(rf"\b{_MONTH}\b", re.IGNORECASE), _named),
)


def _rewritten(text: str, match: re.Match[str], moved: date) -> str:
    """The text with the parts of the date changed where they stand; figures outside of the date go."""
    groups = {name: match.span(name) for name, value in match.groupdict().items() if value}
    figures = [value for name, value in match.groupdict().items() if name in ("month", "day") and value]
    # Beside the name of a month, or another part without one, a figure stands without a leading 0.
    padded = all(len(value) == 2 and value.isdigit() for value in figures) or any(v.startswith("0") for v in figures)
    pieces, last = [], 0
    for name, (start, end) in sorted(groups.items(), key=lambda item: item[1]):
        pieces += [_masked(text[last:start]), _part(name, text[start:end], moved, padded)]
        last = end
    return "".join([*pieces, _masked(text[last:])])


def _part(name: str, like: str, moved: date, padded: bool) -> str:
    """One part of a date, written as the one before was."""
    match name:
        case "year":
            return f"{moved.year:04d}"[-len(like) :]
        case "th":
            return _ending(moved.day).upper() if like.isupper() else _ending(moved.day)
        case "day":
            return f"{moved.day:02d}" if padded else str(moved.day)
        case _ if like.isdigit():
            return f"{moved.month:02d}" if padded else str(moved.month)
    whole = month_name[moved.month]
    return _as_written(
        whole if (like.casefold() in _MONTHS and len(like) > 3) or like.casefold() == "may" else whole[:3], like
    )


def _day_named(text: str, moved: date) -> str:
    """The name of the day of the week, where one stands there."""

    def other(match: re.Match[str]) -> str:
        whole = day_name[moved.weekday()]
        return _as_written(whole if match[0].casefold() in _DAYS else whole[:3], match[0])

    return _NAMED_DAY.sub(other, text)


def _as_written(word: str, like: str) -> str:
    return word.upper() if like.isupper() else word.lower() if like.islower() else word


def _ending(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _masked(text: str) -> str:
    return re.sub(r"\d", "0", text)
