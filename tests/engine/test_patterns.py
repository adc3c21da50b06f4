from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Course
from engine.io.course_variables import COURSE_VARIABLES
from engine.patterns import Kind, course_patterns
from engine.samples import sample_case


def _course(*, weight: float | None = None, **lines: list[tuple[float, float]]) -> Course:
    seen = sorted((hour, name, value) for name, line in lines.items() for hour, value in line)
    hours, names, values = zip(*seen, strict=True) if seen else ((), (), ())
    static = {} if weight is None else {"Weight": weight}
    return Course(np.asarray(hours, float), names, np.asarray(values, float), digest="x", static=static)


def _line(*values: float, every: float = 1.0) -> list[tuple[float, float]]:
    return [(every * rank, value) for rank, value in enumerate(values)]


def test_a_fall_is_told_with_its_numbers() -> None:
    pressures = [82.0, 81, 82, 80, 82, 82, 82, 82, 82, 82, 82, 55, 54, 56, 55]
    (first, *_) = course_patterns(_course(MAP=_line(*pressures)))
    assert first.kind is Kind.SUDDEN
    assert first.words == "MAP fell from 82 to 55 mmHg between hour 9.0 and 11.0."
    assert first.place.variable == "MAP"


def test_one_stray_value_is_no_change() -> None:
    assert course_patterns(_course(HR=_line(*[80.0] * 6, 160.0, *[80.0] * 6))) == ()


def test_a_trend_is_told_with_its_length() -> None:
    (first, *_) = course_patterns(_course(Lactate=_line(1.8, 2.0, 3.1, 4.2, 5.0, 6.2, every=2.8)))
    assert first.kind is Kind.TREND
    assert first.words == "Lactate rose from 1.8 to 6.2 mmol/L over 14 h, from hour 0 on."


def test_values_outside_the_normal_range_are_counted() -> None:
    (only,) = course_patterns(_course(Na=_line(128.0, 129, 128, 140, every=5)))
    assert only.kind is Kind.OUTSIDE
    assert only.words == "Na below 135 in 3 of 4 values, lowest 128 mmol/L at hour 0.0."


def test_a_high_oxygen_tension_under_oxygen_is_nothing() -> None:
    assert course_patterns(_course(PaO2=_line(300.0, 310, 305, every=6))) == ()
    assert course_patterns(_course(PaO2=_line(420.0, 410, 190, 185, every=2))) == ()


def test_silence_is_told_of_all_and_of_what_is_watched() -> None:
    beats = [(float(hour), 80.0) for hour in (*range(10), *range(19, 30))]
    (silent,) = course_patterns(_course(HR=beats))
    assert silent.words == "Nothing at all was measured for 10 h, from hour 9.0 to 19.0."
    (silent,) = course_patterns(_course(HR=beats, Temp=_line(*[37.0] * 15, every=2)))
    assert silent.words == "No heart rate was measured for 10 h, from hour 9.0 to 19.0."


def test_a_cuff_stands_in_for_the_arterial_line() -> None:
    line = [(float(hour), 80.0) for hour in range(12)]
    cuff = [(float(hour), 81.0) for hour in range(12, 30, 2)]
    assert course_patterns(_course(MAP=line, NIMAP=cuff, HR=_line(*[80.0] * 30))) == ()


@pytest.mark.parametrize(("weight", "told"), [(80.0, True), (30.0, False), (None, False)])
def test_too_little_urine_is_told_where_the_weight_is_known(weight: float | None, told: bool) -> None:
    found = course_patterns(_course(weight=weight, Urine=_line(*[20.0] * 12)))
    assert [one.words for one in found] == ["Urine 120 mL in 6 h from hour 0.0 on, below 0.5 mL/kg/h."] * told


def test_the_sample_in_shock_is_told_by_its_pressure_and_lactate() -> None:
    course = sample_case("course-septic-1").course
    assert course is not None
    found = course_patterns(course)
    assert len(found) == 8
    assert {"MAP", "Lactate", "GCS", "Urine"} <= {one.place.variable for one in found}
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


def test_nothing_observed_gives_nothing() -> None:
    assert course_patterns(_course()) == ()


_SEEN = st.tuples(st.floats(0, 60), st.sampled_from(list(COURSE_VARIABLES)), st.floats(0, 1))


@given(seen=st.lists(_SEEN, max_size=30), weight=st.none() | st.floats(20, 400))
@settings(max_examples=150, deadline=None)
def test_any_course_gives_at_most_eight_sentences(seen: list[tuple[float, str, float]], weight: float | None) -> None:
    lines: dict[str, list[tuple[float, float]]] = {}
    for hour, name, share in seen:
        low, high = COURSE_VARIABLES[name].possible
        lines.setdefault(name, []).append((hour, low + share * (high - low)))
    found = course_patterns(_course(weight=weight, **lines))
    assert len(found) <= 8
    for one in found:
        assert one.words.endswith(".")
        assert "nan" not in one.words
        assert one.place.start <= one.place.end


def test_ten_thousand_values_take_little_time() -> None:
    rng = np.random.default_rng(0)
    course = _course(HR=_line(*rng.normal(80, 10, 10_000), every=1 / 60))
    began = time.perf_counter()
    course_patterns(course)
    assert time.perf_counter() - began < 2.0
