"""A course and a sequence have pictures of their maps: each value has its row, its column and its colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.case import Course
from engine.interop.map_table import course_table, sequence_table
from engine.results import Explanation, Method, Span

NAMES, ROW = 170, 34  # pixels to the left of the cells, and of a row


@pytest.fixture
def course() -> Course:
    variables = ("HR", "Lactate", "HR", "HR", "Weight")
    return Course(np.array([0.2, 1.5, 2.1, 2.9, 3.0]), variables, np.array([80.0, 4.0, 90.0, 130.0, 70.0]), "d" * 64)


@pytest.fixture
def explanation() -> Explanation:
    marked = np.array([0.0, 4.0, -1.0, 2.0, np.nan], np.float32)
    return replace(Explanation(Method.LIBRA_FULL_GRADIENT, "death", 4.0), observed=marked)


def cell(table: np.ndarray, row: int, column: int, columns: int) -> np.ndarray:
    step = 1000 // columns
    return np.asarray(table[round(ROW * (row + 0.7)), NAMES + round(step * (column + 0.15))], int)


def test_variables_stand_by_how_much_they_are_marked_and_hours_without_an_observation_are_white(
    course: Course, explanation: Explanation
) -> None:
    table = np.asarray(course_table(course, explanation))
    assert len(table) == 3 * ROW  # Lactate, HR and the hours: nothing is known of the weight
    lactate, hr = (np.array([cell(table, row, hour, 4) for hour in range(4)]) for row in (0, 1))
    assert [bool((color == 255).all()) for color in lactate] == [True, False, True, True]
    assert [bool((color == 255).all()) for color in hr] == [False, True, False, True]
    assert lactate[1][0] > lactate[1][2] + 50  # red: the upper end of the scale
    assert hr[2][0] > hr[2][2]  # of two in one hour the one that is marked more, which speaks for the label


def test_a_long_course_keeps_within_the_page(explanation: Explanation) -> None:
    hours = np.arange(2000.0)
    marked = replace(explanation, observed=np.ones(2000, np.float32))
    table = course_table(Course(hours, ("HR",) * 2000, hours, "d" * 64), marked)
    assert table.width <= 2 * (NAMES + 1000)


def test_every_base_has_its_letter_s_colour_and_lines_begin_anew() -> None:
    spans = tuple(Span(at, at + 1, 4.0 if at == 35 else -4.0 if at == 2 else 0.0) for at in range(40))
    table = np.asarray(sequence_table("ACGT" * 10, replace(Explanation(Method.ATTCAT, "site", 4.0), spans=spans)))
    assert len(table) == 2 * ROW
    for_it, against, nothing = cell(table, 1, 5, 30), cell(table, 0, 2, 30), cell(table, 0, 10, 30)
    assert for_it[0] > for_it[2] + 30
    assert against[2] > against[0] + 30
    assert max(nothing) < 60
    assert (cell(table, 1, 15, 30) == 255).all()  # past the last base
