from __future__ import annotations

import json
from typing import Any

import pytest

from engine.case import Course
from engine.errors import DamagedFile, EmptyFile, UnsupportedContent
from engine.io.content import read_content
from engine.io.course import read_course


def _observation(loinc: str, value: float, unit: str, *, hour: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": f"2026-03-01T{hour:02}:00:00Z",
        "code": {"coding": [{"system": "http://loinc.org", "code": loinc}]},
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        **more,
    }


def _read(*resources: Any) -> Course:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}
    return read_course("x", json.dumps(bundle).encode())


def test_observations_are_read_by_code_and_unit() -> None:
    course = _read(
        _observation("8867-4", 80, "/min"),
        _observation("8310-5", 98.6, "[degF]", hour=11),
        _observation("15074-8", 5.55, "mmol/L", hour=12),
        _observation("22664-7", 10, "mmol/L", hour=13),
    )
    assert course.hours.tolist() == [0, 1, 2, 3]
    assert course.variables == ("HR", "Temp", "Glucose", "BUN")
    assert course.values.tolist() == pytest.approx([80, 37, 100, 28], abs=0.05)
    assert course.format == "FHIR"
    assert course.warnings == (
        "Temp: 1 value given in [degF], converted to °C.",
        "Glucose: 1 value given in mmol/L, converted to mg/dL.",
        "BUN: 1 value given in mmol/L (Urea), converted to mg/dL (Blood urea nitrogen).",
    )


def test_blood_pressure_comes_as_components() -> None:
    def part(code: str, value: float) -> dict[str, Any]:
        quantity = {"value": value, "unit": "mmHg", "code": "mm[Hg]"}
        return {"code": {"coding": [{"code": code}]}, "valueQuantity": quantity}

    panel = _observation("85354-9", 0, "", component=[part("8480-6", 120), part("8462-4", 80)])
    del panel["valueQuantity"]
    course = _read(panel)
    assert (course.variables, course.values.tolist()) == (("NISysABP", "NIDiasABP"), [120, 80])


def test_a_name_does_where_there_is_no_code() -> None:
    named = _observation("local-1", 2.5, "mmol/L", code={"text": "Lactate"})
    assert _read(named).variables == ("Lactate",)


def test_pulse_oximetry_is_not_arterial_saturation() -> None:
    both = {"coding": [{"code": "2708-6"}, {"code": "59408-5"}]}
    course = _read(_observation("8867-4", 80, "/min"), _observation("", 97, "%", code=both))
    assert course.variables == ("HR",)
    assert "SpO2 (1)" in course.warnings[0]


def test_gender_and_age_are_all_that_is_read_of_a_patient() -> None:
    patient = {"resourceType": "Patient", "gender": "male", "birthDate": "1960-03-02", "name": [{"family": "Doe"}]}
    course = _read(patient, _observation("8867-4", 80, "/min"))
    assert dict(course.static) == {"Gender": 1.0, "Age": 65.0}
    assert "Doe" not in repr(course)


def test_withdrawn_and_timeless_observations_are_left_out() -> None:
    timeless = _observation("8867-4", 90, "/min")
    del timeless["effectiveDateTime"]
    course = _read(
        _observation("8867-4", 80, "/min"), timeless, _observation("8867-4", 99, "/min", status="entered-in-error")
    )
    assert course.values.tolist() == [80]
    assert len(course.warnings) == 2


@pytest.mark.parametrize(
    ("resources", "error"),
    [
        ([], UnsupportedContent),
        ([{"resourceType": "Patient"}], UnsupportedContent),
        (
            [
                _observation("8867-4", 80, "/min"),
                _observation("8867-4", 80, "/min", subject={"reference": "Patient/2"}),
            ],
            UnsupportedContent,
        ),
        ([_observation("8867-4", 80, "kg")], UnsupportedContent),
        (
            [_observation("8867-4", 80, "/min"), _observation("8867-4", 8, "/min", effectiveDateTime="2026-03-01")],
            DamagedFile,
        ),
        ([_observation("8867-4", 80, "/min", valueQuantity="80")], EmptyFile),
        ([None, 7, "x", {"resourceType": "Observation", "code": [], "component": {}}], EmptyFile),
    ],
)
def test_other_bundles_are_refused(resources: list[Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        _read(*resources)


HEART, LATER = _observation("8867-4", 80, "/min"), _observation("2524-7", 3, "mmol/L", hour=14)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([HEART, LATER]),
        json.dumps([HEART, LATER], indent=2),
        f"{json.dumps(HEART)}\n{json.dumps(LATER)}\n",
        json.dumps([{"resourceType": "Bundle", "entry": [{"resource": HEART}]}, LATER]),
    ],
)
def test_arrays_and_lines_of_observations_are_a_course(text: str) -> None:
    (course,) = read_content("x", text.encode())
    assert isinstance(course, Course)
    assert (course.format, course.variables, course.hours.tolist()) == ("FHIR", ("HR", "Lactate"), [0, 4])


def test_an_observation_alone_is_a_course() -> None:
    (course,) = read_content("x", json.dumps(HEART).encode())
    assert isinstance(course, Course)
    assert course.values.tolist() == [80]


@pytest.mark.parametrize("text", ['[{"resourceType": "Patient"}]', '[{"resourceType": "DiagnosticReport"}, {}]'])
def test_arrays_of_other_resources_are_refused_and_no_note(text: str) -> None:
    with pytest.raises(UnsupportedContent):
        read_content("x", text.encode())


def test_a_line_that_is_cut_off_is_refused() -> None:
    with pytest.raises(DamagedFile):
        read_content("x", f"{json.dumps(HEART)}\n{json.dumps(LATER)[:-9]}\n".encode())


def test_limits_are_used_and_told_as_in_tables() -> None:
    below = {"value": 0.3, "comparator": "<", "unit": "mmol/L"}
    course = _read(HEART, _observation("2524-7", 0, "", valueQuantity=below))
    assert course.values.tolist() == [80, 0.3]
    assert course.warnings == ("2524-7: 1 given as a limit (< or >), which is used.",)


def test_another_resource_is_refused() -> None:
    with pytest.raises(UnsupportedContent, match="no Bundle"):
        read_course("x", b'{"resourceType": "Patient"}')
    with pytest.raises(DamagedFile):
        read_course("x", b'{"resourceType": "Bundle", ')
