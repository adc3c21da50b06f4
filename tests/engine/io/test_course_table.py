from __future__ import annotations

import time

import pytest

from engine.case import Course
from engine.errors import DamagedFile, EmptyFile, UnsupportedContent
from engine.io.course import read_course


def _read(text: str) -> Course:
    return read_course("x", text.encode())


@pytest.mark.parametrize(
    "header",
    ["time,variable,value", "Hours,Parameter,Result", "charttime,label,valuenum", '"Time (h)","Vital sign","Value"'],
)
def test_long_tables_are_known_by_their_headers(header: str) -> None:
    course = _read(f"{header}\n0,Heart rate,80\n1.5,Lactate,2.5\n")
    assert (course.hours.tolist(), course.variables, course.values.tolist()) == ([0, 1.5], ("HR", "Lactate"), [80, 2.5])


def test_long_tables_may_name_units() -> None:
    course = _read("time,variable,value,unit\n0,Glucose,5.55,mmol/L\n1,Glucose,100,mg/dL\n1,Temp,98.6,F\n")
    assert course.values.tolist() == pytest.approx([100, 37, 100], abs=0.02)
    with pytest.raises(UnsupportedContent, match="Glucose is given in stone"):
        _read("time,variable,value,unit\n0,Glucose,5.55,stone\n")


def test_wide_tables_have_a_column_a_variable() -> None:
    course = _read("Time;HR;Temp [°F];Glucose (mmol/L);MechVent;Doctor\n00:00;80;98,6;;yes;Dr X\n01:00;;;5,55;no;\n")
    assert course.variables == ("HR", "Temp", "MechVent", "MechVent", "Glucose")
    assert course.values.tolist() == pytest.approx([80, 37, 1, 0, 100], abs=0.02)
    assert course.warnings == (
        "Temp: 1 value given in °F, converted to °C.",
        "Glucose: 1 value given in mmol/L, converted to mg/dL.",
    )


def test_the_unit_of_a_column_is_never_overlooked() -> None:
    course = _read("time,FiO2 (%),pO2 (arterial)\n0,40,90\n")
    assert (course.values.tolist(), course.warnings) == ([0.4, 90], ("FiO2: 1 value given in %, converted.",))
    with pytest.raises(UnsupportedContent):
        _read("time,HR (kPa)\n0,40\n")


def test_names_in_quotes_may_hold_the_delimiter() -> None:
    course = _read('time,"Doctor, name","HR",Temp\n0,"X, Y",80,37\n')
    assert (course.variables, course.values.tolist()) == (("HR", "Temp"), [80, 37])
    with pytest.raises(DamagedFile, match="more than one line"):
        _read('time,HR,"Doctor,\nname",Temp\n0,80,x,37\n')


def test_the_first_line_of_a_spreadsheet_is_skipped() -> None:
    assert _read("sep=;\r\ntime;HR\r\n0;80\r\n").values.tolist() == [80]


def test_a_column_of_figures_that_is_not_known_is_named() -> None:
    assert "GGT (1)" in _read("time,HR,GGT\n0,80,30\n").warnings[0]


def test_what_holds_for_the_stay_may_be_a_column() -> None:
    course = _read("time,age,sex,height (m),HR\n0,54,female,1.7,80\n1,54,female,1.7,82\n")
    assert dict(course.static) == pytest.approx({"Age": 54, "Gender": 0, "Height": 170})


def test_limits_of_detection_and_words_are_told() -> None:
    course = _read("time,TroponinT,HR\n0,<0.01,80\n1,,pending\n2,n/a,-\n")
    assert course.values.tolist() == [80, 0.01]
    assert course.warnings == (
        "HR: 1 left out that are no numbers.",
        "TroponinT: 1 given as a limit (< or >), which is used.",
    )


@pytest.mark.parametrize("header", ["patient_id", "MRN", "stay_id"])
def test_two_patients_in_one_file_are_refused(header: str) -> None:
    assert len(_read(f"{header},time,HR\n7,0,80\n7,1,81\n").hours) == 2
    with pytest.raises(UnsupportedContent, match="more than one patient"):
        _read(f"{header},time,HR\n7,0,80\n8,1,81\n")


@pytest.mark.parametrize(
    ("text", "error"),
    [("time,HR\n", DamagedFile), ("time,HR\n0,\n", EmptyFile), ("time,HR\nnow,80\n", DamagedFile)],
)
def test_tables_without_values_or_times_are_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        _read(text)


def test_a_row_that_is_too_short_holds_what_it_holds() -> None:
    assert _read("time,HR,Temp\n0,80\n1\n2,82,37\n").values.tolist() == [80, 82, 37]


def test_ten_thousand_rows_are_read_at_once() -> None:
    rows = "\n".join(
        f"2026-03-0{1 + k // 1440}T{k // 60 % 24:02}:{k % 60:02}:00,HR,{60 + k % 50}" for k in range(10_000)
    )
    began = time.perf_counter()
    assert len(_read(f"time,variable,value\n{rows}").hours) == 10_000
    assert time.perf_counter() - began < 2.0
