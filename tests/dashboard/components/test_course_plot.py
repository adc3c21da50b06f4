"""The course's plot shows every value once, with its relevance, and mutes exactly what was pointed at."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
import streamlit as st

from dashboard.components import course_plot as room
from dashboard.components.course_plot import _legend, course_plot, held, hour_before, period_of, rows, span
from engine import Course, Explanation, Method, Period, Trajectory, sample_case

COURSE = Course(
    hours=np.asarray([0.5, 0.5, 1.5, 2.25]),
    variables=("HR", "Lactate", "HR", "HR"),
    values=np.asarray([80.0, 3.1, 120.0, 90.0]),
    digest="x",
)
MAP = Explanation(Method.LIBRA_FULL_GRADIENT, "death", 4.0, observed=np.asarray([0.5, 2.0, np.nan, -1.0], np.float32))


def test_variables_that_occur_come_in_the_order_of_a_chart() -> None:
    drawn = rows(COURSE, None)
    assert [row["name"] for row in drawn] == ["HR", "Lactate"]
    assert drawn[0]["normal"] == (60, 100)
    assert [value[:3] for value in drawn[0]["values"]] == [(0, 0.5, 80.0), (2, 1.5, 120.0), (3, 2.25, 90.0)]


def test_relevance_goes_to_its_value_and_nothing_where_the_model_did_not_read() -> None:
    heart, lactate = rows(COURSE, MAP)
    assert [value[3] for value in heart["values"]] == [0.5, None, -1.0]
    assert [value[3] for value in lactate["values"]] == [2.0]
    assert [value[3] for value in rows(COURSE, None)[0]["values"]] == [None] * 3


def test_every_value_of_a_sample_is_drawn_once_and_can_be_sent() -> None:
    for case_id in ("course-septic-1", "course-stable-1", "course-errors-1"):
        course = sample_case(case_id).course
        assert course is not None
        observed = np.linspace(-3, 3, len(course.hours)).astype(np.float32)
        observed[::7] = np.nan
        drawn = rows(course, Explanation(Method.RELEVANCE, "death", 4.0, observed=observed))
        ranks = sorted(value[0] for row in drawn for value in row["values"])
        assert ranks == list(range(len(course.hours)))
        json.dumps(drawn, allow_nan=False)


@pytest.mark.parametrize(("value", "alike"), [(0, [0]), (1, [1]), (2, [2]), (3, [3])])
def test_a_click_holds_the_hour_of_a_variable_and_with_shift_all_its_hours(value: int, alike: list[int]) -> None:
    assert np.flatnonzero(held(COURSE, [period_of(COURSE, value, whole=False)])).tolist() == alike
    together = period_of(COURSE, value, whole=True)
    assert together == Period(0.0, math.inf, COURSE.variables[value])
    assert held(COURSE, [together]).tolist() == [name == COURSE.variables[value] for name in COURSE.variables]


def test_values_of_one_hour_go_together_and_the_last_hour_has_its_end() -> None:
    hours = np.asarray([10.0, 10.2, 10.9, 11.0, 47.5, 48.0])
    course = Course(hours, ("HR",) * 6, np.full(6, 80.0), digest="x")
    held_by = [np.flatnonzero(held(course, [period_of(course, rank, whole=False)])).tolist() for rank in range(6)]
    assert held_by == [[0, 1, 2]] * 3 + [[3]] + [[4, 5]] * 2
    assert period_of(course, 1, whole=False) == Period(10.0, 11.0, "HR")


@pytest.mark.parametrize(("hour", "alike"), [(1, [0, 1]), (2, [2]), (3, [3])])
def test_a_click_on_the_risk_holds_the_hour_before_it_of_all_variables(hour: int, alike: list[int]) -> None:
    assert np.flatnonzero(held(COURSE, [hour_before(hour)])).tolist() == alike


def test_the_last_hour_of_all_variables_has_its_end() -> None:
    course = Course(np.asarray([46.5, 47.0, 48.0]), ("HR", "MAP", "HR"), np.full(3, 80.0), digest="x")
    assert held(course, [hour_before(48)]).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("click", "told"),
    [
        ({"value": 2, "whole": False}, [Period(1.0, 2.0, "HR")]),
        ({"hour": 2}, [Period(1.0, 2.0)]),
        ({"hour": 0}, []),
        ({"hour": 49}, []),
        ({"value": 4, "whole": False}, []),
        ({"value": 2}, []),
        (None, []),
    ],
)
def test_a_click_mutes_what_was_meant(monkeypatch: pytest.MonkeyPatch, click: Any, told: list[Period]) -> None:
    sent: dict[str, Any] = {}
    muted: list[Period] = []
    monkeypatch.setattr(room, "_component", lambda: lambda **given: sent.update(given))
    course_plot(COURSE, None, key="k", height=400, on_mute=muted.append)
    monkeypatch.setattr(st, "session_state", {"k": {"muted": click}})
    sent["on_muted_change"]()
    assert muted == told


def test_a_course_that_ends_on_a_whole_hour_before_the_last_has_that_hour_alone() -> None:
    course = Course(np.asarray([28.2, 29.5, 30.0]), ("HR",) * 3, np.full(3, 80.0), digest="x")
    held_by = [np.flatnonzero(held(course, [period_of(course, rank, whole=False)])).tolist() for rank in range(3)]
    assert held_by == [[0], [1], [2]]
    assert held(course, [hour_before(30)]).tolist() == [False, True, False]


def test_what_is_muted_and_marked_is_drawn_so() -> None:
    drawn = rows(COURSE, MAP, muted=[Period(1.0, 2.0)], marked=[Period(0.0, 1.0, "HR")])
    assert [value[4:] for value in drawn[0]["values"]] == [(False, True), (True, False), (False, False)]
    assert drawn[1]["values"][0][4:] == (False, False)


def test_the_axis_has_whole_hours_and_room_for_the_risk() -> None:
    empty = Course(np.empty(0), (), np.empty(0), digest="x")
    assert (span(COURSE, None), span(empty, None)) == (3.0, 1.0)
    assert span(COURSE, Trajectory("death", (1, 48), (0.1, 0.2), (0.0, 0.1), (0.2, 0.3))) == 48.0
    assert rows(empty, None) == []


def test_the_legend_of_a_signed_map_says_both_ends() -> None:
    said = _legend(MAP)
    assert (said["signed"], said["scale"], said["title"]) == (True, 4.0, "LibraGrad full gradient for death")
    assert len(said["colors"]) == 64
