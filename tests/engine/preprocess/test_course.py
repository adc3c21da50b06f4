"""Courses become cells, one a variable and hour, and values of the cells go back to the observations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.case import Course
from engine.preprocess.course import HOUR, HOURS, KIND, READING, VALUE, VARIABLES, prepare_course
from tests.engine.courses import random_course


def _course(hours: list[float], names: list[str], values: list[float], **static: float) -> Course:
    return Course(np.array(hours), tuple(names), np.array(values), "digest", static=static)


def test_observations_of_one_variable_and_hour_are_one_cell() -> None:
    course = _course([0.2, 0.5, 0.8, 3.0, 3.5], ["HR", "HR", "pH", "HR", "Unknown"], [60, 80, 7.4, 90, 1], Age=70.0)
    inputs, geometry, coverage = prepare_course(course)
    assert inputs.values.shape == (1, 4, 4)
    assert inputs.presence.all()
    assert inputs.values[0, :, VALUE].tolist() == pytest.approx([70.0, 7.4, 90.0, 70.0])
    assert inputs.values[0, :, HOUR].tolist() == [0, 0, 3, 0]
    assert (inputs.values[..., READING] == 4).all()
    assert geometry.variables == ("HR", "pH", "HR")
    assert geometry.tokens.tolist() == [0, 0, 1, 2, -1]
    assert coverage == pytest.approx(0.8)


def test_values_go_back_to_observations_and_weigh_1_on_average() -> None:
    course = _course([0.2, 0.5, 0.8, 60.0], ["HR", "HR", "pH", "HR"], [60, 80, 7.4, 90])
    _, geometry, _ = prepare_course(course)
    observed = geometry.to_observed(np.array([4.0, -1.0]))
    np.testing.assert_allclose(observed[:3], np.array([2, 2, -1]) * 3 / 5, rtol=1e-6)
    assert np.isnan(observed[3])
    assert (geometry.to_observed(np.zeros(2))[:3] == 0).all()


def test_what_is_unknown_is_no_token_and_the_unit_is_one() -> None:
    inputs, geometry, _ = prepare_course(_course([1.0], ["HR"], [80.0], Height=170.0, ICUType=2.0))
    kinds = inputs.values[0, :, KIND].tolist()
    assert kinds == [1 + VARIABLES.index("HR"), len(VARIABLES) + 3, len(VARIABLES) + 6]
    assert geometry.count == 1


def test_what_holds_for_the_whole_course_is_not_known_before_it_was_charted() -> None:
    charted = _course([1.0, 30.5, 40.0], ["HR", "Weight", "Weight"], [80.0, 90.0, 95.0], Weight=90.0, Height=170.0)
    inputs, geometry, _ = prepare_course(replace(charted, static_since={"Height": 45.0}))
    assert inputs.values[0, :, HOUR].tolist() == [1, 30, 40, 45, 30]
    assert geometry.reading == 46
    never = prepare_course(replace(charted, static_since={"Height": 50.0, "Weight": 49.0}))
    assert never[0].values.shape == (1, 3, 4)


def test_the_weight_of_the_whole_course_goes_with_the_cell_that_it_is_a_copy_of() -> None:
    course = _course([0.5, 3.0, 5.0], ["HR", "Weight", "Weight"], [80, 70, 72], Weight=70.0, Age=60.0)
    _, geometry, _ = prepare_course(course)
    assert geometry.variables == ("HR", "Weight", "Weight")
    assert sorted(geometry.cells[3:].tolist()) == [-1, 1]


def test_a_course_without_anything_is_read_all_the_same() -> None:
    inputs, geometry, coverage = prepare_course(_course([], [], []))
    assert inputs.values.shape == (1, 1, 4)
    assert not inputs.presence.any()
    assert (geometry.count, geometry.reading, coverage) == (0, 1, 1.0)
    assert geometry.to_observed(np.zeros(1)).shape == (0,)


def test_ten_thousand_observations_are_no_more_cells_than_there_are() -> None:
    inputs, geometry, coverage = prepare_course(random_course(10_000))
    assert inputs.presence.sum() <= HOURS * len(VARIABLES) + 3
    assert coverage == 1.0
    assert np.isfinite(geometry.to_observed(torch.rand(inputs.values.shape[1]).numpy())).all()


def test_nothing_after_two_days_is_read() -> None:
    course = random_course(hours=72.0)
    late = course.hours > HOURS
    inputs, geometry, coverage = prepare_course(course)
    other = replace(course, values=np.where(late, 0.0, course.values))
    assert torch.equal(prepare_course(other)[0].values, inputs.values)
    assert ((geometry.tokens < 0) == late).all()
    assert coverage == pytest.approx(1 - late.mean())
