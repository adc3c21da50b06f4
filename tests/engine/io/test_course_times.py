from __future__ import annotations

import pytest

from engine.errors import DamagedFile, UnsupportedContent
from engine.io.course_times import read_times


def _hours(cells: str, series: str = "", *, minutes: bool = False) -> tuple[list[float], list[str]]:
    warnings: list[str] = []
    times = cells.split(",")
    hours = read_times(times, list(series) or [""] * len(times), minutes=minutes, warnings=warnings)
    return hours.tolist(), warnings


@pytest.mark.parametrize(
    ("cells", "hours"),
    [
        ("0,1.5,49", [0, 1.5, 49]),
        ("00:00,10:30,47:45", [0, 10.5, 47.75]),
        ("08:00:36,09:00", [8.01, 9.0]),
        ("2026-03-01 23:30,2026-03-02T00:15:00", [0, 0.75]),
        ("2026-03-01T23:30:00Z,2026-03-02T01:30:00+01:00", [0, 1]),
        ("2026-03-02,2026-03-01", [24, 0]),
    ],
)
def test_times_are_hours_from_the_start(cells: str, hours: list[float]) -> None:
    assert _hours(cells) == (pytest.approx(hours), [])


def test_minutes_are_minutes() -> None:
    assert _hours("0,90", minutes=True)[0] == [0, 1.5]


def test_hours_before_the_start_begin_the_course() -> None:
    hours, warnings = _hours("-2,1")
    assert hours == [0, 3]
    assert "from -2 h on" in warnings[0]


def test_a_clock_may_pass_midnight() -> None:
    hours, warnings = _hours("22:00,23:30,00:30,02:00", "aaaa")
    assert hours == [22, 23.5, 24.5, 26]
    assert "midnight" in warnings[0]


def test_variables_may_come_one_after_another() -> None:
    assert _hours("01:00,23:00,01:00,23:00", "aabb") == ([1, 23, 1, 23], [])


@pytest.mark.parametrize(
    ("cells", "series", "error"),
    [
        ("22:00,00:30,22:00,00:30", "aabb", UnsupportedContent),
        ("10:00,09:00", "aa", UnsupportedContent),
        ("01/02/2026 10:00,01/02/2026 11:00", "aa", UnsupportedContent),
        ("2026-03-01,2026-03-01T10:00Z", "aa", DamagedFile),
        ("2026-03-01,5", "aa", DamagedFile),
        ("1,10:00", "aa", DamagedFile),
        ("1,inf", "aa", DamagedFile),
        ("1,soon", "aa", DamagedFile),
        ("1,", "aa", DamagedFile),
    ],
)
def test_times_that_cannot_be_told_are_refused(cells: str, series: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _hours(cells, series)
