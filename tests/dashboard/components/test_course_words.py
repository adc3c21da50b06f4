"""A course is told in words: whom it is about, what stands out, and what was wrong with its record."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.components.course_words import about_line
from engine import sample_case


def test_whom_it_is_about_is_told_as_far_as_it_is_known() -> None:
    lines = [about_line(course) for case_id in SAMPLES if (course := sample_case(case_id).course)]
    assert lines[0].startswith("64 years · female · 168 cm · 82 kg · cardiac surgery recovery · 38")
    assert lines[1] == "58 years · male · 240 values of 19 variables"


SAMPLES = ("course-stable-1", "course-errors-1")


def page() -> None:
    """Draw the words of a course with <b> in its warnings."""
    from dataclasses import replace

    from dashboard.components.course_words import about, patterns, record_notes
    from engine import sample_case

    course = sample_case("course-septic-1").course
    assert course is not None
    course = replace(course, warnings=("<b>x</b>",))
    about(course)
    patterns(course)
    record_notes(course)


def test_what_stands_out_is_listed_and_files_are_escaped() -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    html = "\n".join(element.proto.body for element in app.get("html"))
    assert "<b>MAP</b> fell from" in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert app.expander[0].label == "The record: 1 note on what was left out or converted"


def doubted() -> None:
    """Draw the notes of a course of which one value has no unit."""
    from dashboard.components.course_words import record_notes
    from engine import read_upload

    (course,) = read_upload("c.csv", b"hours,variable,value\n1,HR,80\n2,Glucose,12.5\n")
    record_notes(course)


def test_a_unit_that_may_be_wrong_is_not_folded_away() -> None:
    app = AppTest.from_function(doubted).run()
    assert not app.exception
    assert "no unit is given" in app.warning[0].value
