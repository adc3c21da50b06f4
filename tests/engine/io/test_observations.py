from __future__ import annotations

import time

import numpy as np
import pytest

from engine.case import Course
from engine.errors import EmptyFile, TooLarge, UnsupportedContent
from engine.io import observations
from engine.io.limits import COURSE_HOURS
from engine.io.observations import Observations, course_of, doubted_units


def _course(*seen: tuple[float, str, float], unit: str = "", static: dict[str, float] | None = None) -> Course:
    found = Observations(static=static or {})
    for hour, name, value in seen:
        found.add(hour, name, value, unit)
    return course_of("x", b"x", "table", found)


def test_observations_come_by_hour_and_then_as_in_a_chart() -> None:
    course = _course((2, "Lactate", 3.0), (1, "Temp", 37.0), (2, "HR", 90), (1, "HR", 80))
    assert course.hours.tolist() == [1, 1, 2, 2]
    assert course.variables == ("HR", "Temp", "HR", "Lactate")
    assert course.values.tolist() == [80, 37, 90, 3]
    assert course.hours.dtype == course.values.dtype == np.float64
    assert course.warnings == ()


def test_what_is_written_twice_counts_once() -> None:
    course = _course((1, "HR", 80), (1, "HR", 80), (1, "heart rate", 80))
    assert course.values.tolist() == [80]
    assert course.warnings == ()


def test_what_differs_at_one_minute_is_averaged_and_told() -> None:
    course = _course((1, "HR", 80), (1.001, "HR", 90), (2, "HR", 70))
    assert course.values.tolist() == [85, 70]
    assert course.warnings == ("HR: different values at one minute; their mean is kept.",)


def test_what_cannot_be_is_left_out_and_named() -> None:
    course = _course((1, "SysABP", 0), (2, "SysABP", 120), (3, "HR", 900))
    assert course.values.tolist() == [120]
    assert course.warnings[0] == ("SysABP: 1 impossible value left out (0 mmHg at hour 1; possible: 20 to 300 mmHg).")
    assert course.warnings[1].startswith("HR: 1 impossible value left out")


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("Temp", 98.6, 37.0),
        ("pH", 735, 7.35),
        ("pH", 73.5, 7.35),
        ("FiO2", 40, 0.4),
        ("HCT", 0.3, 30),
        ("SaO2", 1, 100),
    ],
)
def test_slips_of_the_unit_are_mended_and_told(name: str, given: float, read: float) -> None:
    course = _course((1, name, given))
    assert course.values.tolist() == pytest.approx([read])
    assert "converted" in course.warnings[0]


def test_a_value_that_names_its_unit_made_no_slip() -> None:
    with pytest.raises(EmptyFile):
        _course((1, "Temp", 98.6), unit="Cel")


@pytest.mark.parametrize(("given", "read"), [(1.75, 175), (431.8, 170), (180, 180)])
def test_heights_come_in_centimetres(given: float, read: float) -> None:
    assert _course((0, "HR", 80), static={"Height": given}).static["Height"] == pytest.approx(read)


def test_an_impossible_height_is_unknown() -> None:
    course = _course((0, "HR", 80), static={"Height": 13.0})
    assert "Height" not in course.static
    assert course.warnings[0].startswith("Height: 1 impossible value left out")


def test_the_first_weight_holds_for_the_course() -> None:
    course = _course((5, "Weight", 82), (3, "Weight", 80))
    assert course.static["Weight"] == 80


def test_the_first_by_time_holds_for_the_course_since_it_was_charted() -> None:
    course = _course((40, "Height", 180), (30, "Height", 170), (9, "Weight", 80), (0, "Age", 60))
    assert dict(course.static) == {"Height": 170, "Weight": 80, "Age": 60}
    assert dict(course.static_since) == {"Height": 30, "Weight": 9, "Age": 0}
    assert course.warnings == ("Height: different values; the first is kept.",)


def test_what_was_stated_of_the_whole_course_goes_before_what_was_charted() -> None:
    course = _course((5, "Gender", 0), (5, "HR", 80), static={"Gender": 1.0})
    assert (dict(course.static), dict(course.static_since)) == ({"Gender": 1}, {"Gender": 0})
    assert course.warnings == ("Gender: different values; the first is kept.",)


def test_a_minute_ends_with_its_hour() -> None:
    course = _course((9.995, "HR", 80), (10.001, "HR", 120))
    assert (course.hours.tolist(), course.values.tolist()) == ([9.995, 10.001], [80, 120])


def test_what_is_not_known_is_named_with_its_count() -> None:
    course = _course((1, "HR", 80), (1, "Hemoglobin\x07", 9), (2, "Hemoglobin\x07", 9))
    assert course.warnings == ("Not read, for it is none of the known variables: Hemoglobin (2).",)


def test_a_unit_that_is_not_read_refuses_the_course() -> None:
    with pytest.raises(UnsupportedContent, match="Heart rate is given in kPa"):
        _course((1, "HR", 80), unit="kPa")


def test_nothing_at_all_is_refused_and_a_stay_without_observations_is_not() -> None:
    with pytest.raises(EmptyFile):
        _course()
    course = _course(static={"Age": 60.0})
    assert len(course.hours) == 0
    assert course.warnings == ("Nothing was observed.",)


def test_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge):
        _course((COURSE_HOURS + 1, "HR", 80))
    monkeypatch.setattr(observations, "COURSE_OBSERVATIONS", 2)
    with pytest.raises(TooLarge):
        _course((1, "HR", 80), (2, "HR", 80), (3, "HR", 80))


def test_ten_thousand_observations_take_no_time() -> None:
    began = time.perf_counter()
    course = _course(*((rank / 200, "HR", 60 + rank % 40) for rank in range(10_000)))
    assert len(course.hours) == 3000  # one a minute
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize(
    ("name", "values", "own", "other"),
    [
        ("Glucose", (12.5, 11.0, 14.0), "mg/dL", "mmol/L"),
        ("Glucose", (7.5, 7.9), "mg/dL", "mmol/L"),
        ("Creatinine", (120, 130), "mg/dL", "µmol/L"),
        ("PaCO2", (5.3,), "mmHg", "kPa"),
        ("Bilirubin", (30,), "mg/dL", "µmol/L"),
    ],
)
def test_values_without_a_unit_that_would_be_usual_in_another_are_told(
    name: str, values: tuple[float, ...], own: str, other: str
) -> None:
    seen = [(float(hour), name, value) for hour, value in enumerate(values)]
    said = f"{name}: no unit is given, so it is read as {own}; its values would be more usual in {other}. Say which."
    assert doubted_units(_course((0, "HR", 80), (1, "HR", 999), *seen).warnings) == (said,)
    named = Observations()
    for one in seen:
        named.add(*one, own)
    named.add(0, "HR", 80, "/min")
    assert said not in course_of("x", b"x", "table", named).warnings
    named.own_units = True
    assert said not in course_of("x", b"x", "PhysioNet", named).warnings


@pytest.mark.parametrize(("name", "value"), [("Glucose", 300), ("Glucose", 45), ("Creatinine", 3.5), ("Temp", 98.6)])
def test_values_that_are_merely_ill_are_not_doubted(name: str, value: float) -> None:
    assert not [warning for warning in _course((1, name, value)).warnings if "no unit" in warning]
