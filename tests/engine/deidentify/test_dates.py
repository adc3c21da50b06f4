"""Dates move by one number of days and keep how they were written."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.deidentify.dates import shifted

SHAPES = ("%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %b %Y", "%d-%b-%Y", "%Y%m%d", "%Y-%b-%d", "%A, %B %d, %Y")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dates(date(1941, 1, 1), date(2030, 12, 31)), st.integers(-400, 400), st.sampled_from(SHAPES), st.integers(0, 900)
)
def test_the_time_between_two_dates_stays_in_every_shape(first: date, days: int, shape: str, between: int) -> None:
    second = first + timedelta(days=between)
    moved = [_read(shifted(one.strftime(shape), days), shape) for one in (first, second)]
    assert moved == [first + timedelta(days=days), second + timedelta(days=days)]


def _read(text: str, shape: str) -> date:
    """Read a date back; May is both a whole name and a short one."""
    for one in (shape, shape.replace("%b", "%B")):
        with suppress(ValueError):
            return datetime.strptime(text, one).date()
    raise AssertionError(text)


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("03/28/2019", "04/04/2019"),
        ("3/28/19", "4/4/19"),
        ("28.03.2019", "04.04.2019"),
        ("MARCH 28", "APRIL 4"),
        ("Dec 28th, '09", "Jan 4th, '10"),
        ("the 28th of march", "the 4th of april"),
        ("Thu 28 Mar 2019", "Thu 4 Apr 2019"),
        ("May 28", "June 4"),
        ("2019-03-28T10:00", "2019-04-04T00:00"),
    ],
)
def test_a_date_keeps_its_shape(written: str, moved: str) -> None:
    assert shifted(written, 7) == moved


@pytest.mark.parametrize("written", ["the 30th of February", "Michaelmas", "", "02/30/2019"])
def test_what_cannot_be_read_is_taken_away_whole(written: str) -> None:
    assert shifted(written, 7) == "[date]"


@given(st.text(max_size=40), st.integers(-400, 400))
def test_any_text_is_answered(text: str, days: int) -> None:
    assert isinstance(shifted(text, days), str)
