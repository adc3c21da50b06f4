from __future__ import annotations

import pytest

from engine.errors import UnsupportedContent
from engine.io import course_variables
from engine.io.course_variables import COURSE_VARIABLES, STATIC_VARIABLES, find_variable, way_from

CHALLENGE = [
    "Albumin",
    "ALP",
    "ALT",
    "AST",
    "Bilirubin",
    "BUN",
    "Cholesterol",
    "Creatinine",
    "DiasABP",
    "FiO2",
    "GCS",
    "Glucose",
    "HCO3",
    "HCT",
    "HR",
    "K",
    "Lactate",
    "Mg",
    "MAP",
    "MechVent",
    "Na",
    "NIDiasABP",
    "NIMAP",
    "NISysABP",
    "PaCO2",
    "PaO2",
    "pH",
    "Platelets",
    "RespRate",
    "SaO2",
    "SysABP",
    "Temp",
    "TroponinI",
    "TroponinT",
    "Urine",
    "WBC",
    "Weight",
]


def test_the_variables_are_those_of_the_challenge() -> None:
    assert sorted(COURSE_VARIABLES) == sorted(CHALLENGE)
    assert list(STATIC_VARIABLES) == ["Age", "Gender", "Height", "ICUType"]


def test_no_name_or_code_means_two_things() -> None:
    everything = (*COURSE_VARIABLES.values(), *STATIC_VARIABLES.values(), course_variables._UREA)
    names = [name for variable in everything for name in course_variables._names(variable)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", CHALLENGE)
def test_every_unit_that_is_accepted_has_its_spellings(name: str) -> None:
    variable = COURSE_VARIABLES[name]
    assert {variable.unit, *variable.units} <= set(course_variables._SPELLINGS)
    low, high = variable.possible
    assert low < high
    assert variable.normal is None or low <= variable.normal[1] <= high
    assert find_variable(name) is find_variable(variable.title) is variable


@pytest.mark.parametrize(
    ("name", "unit", "given", "value"),
    [
        ("Temp", "[degF]", 98.6, 37.0),
        ("Temp", "°F", 98.6, 37.0),
        ("Temp", "K", 310.15, 37.0),
        ("Glucose", "mmol/l", 5.55, 99.99),
        ("Creatinine", "µmol/L", 88.42, 1.0),
        ("Creatinine", "umol/L", 88.42, 1.0),
        ("Bilirubin", "μmol/L", 17.104, 1.0),
        ("PaO2", "kPa", 12.0, 90.01),
        ("SysABP", "mm[Hg]", 120.0, 120.0),
        ("SysABP", "mm Hg", 120.0, 120.0),
        ("Lactate", "mg/dL", 18.016, 2.0),
        ("FiO2", "%", 40.0, 0.4),
        ("HCT", "L/L", 0.4, 40.0),
        ("urea", "mmol/L", 10.0, 28.013),
        ("urea", "", 10.0, 28.013),
        ("urea", "mg/dL", 60.0, 28.02),
        ("BUN", "mmol/L", 10.0, 28.013),
        ("Na", "mEq/L", 140.0, 140.0),
        ("WBC", "10*3/uL", 11.0, 11.0),
        ("Platelets", "/uL", 150_000.0, 150.0),
        ("ALT", "µkat/L", 1.0, 60.0),
        ("TroponinI", "ng/L", 40.0, 0.04),
        ("HR", "{beats}/min", 80.0, 80.0),
        ("Weight", "lbs", 154.0, 69.85),
    ],
)
def test_units_are_converted(name: str, unit: str, given: float, value: float) -> None:
    variable = find_variable(name)
    assert variable is not None
    factor, offset = way_from(variable, unit)
    assert given * factor + offset == pytest.approx(value, rel=1e-3)


def test_a_unit_that_is_not_read_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedContent, match="Lactate is given in furlongs") as refused:
        way_from(COURSE_VARIABLES["Lactate"], "furlongs")
    assert "mmol/L, mg/dL" in refused.value.advice


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Heart_Rate", "HR"),
        ("8867-4", "HR"),
        ("SBP", "NISysABP"),
        ("76215-3", "SysABP"),
        ("pO2 (arterial)", "PaO2"),
        ("GGT", None),
    ],
)
def test_names_and_codes_find_their_variable(said: str, name: str | None) -> None:
    found = find_variable(said)
    assert (found.name if found else None) == name


def test_pulse_oximetry_is_not_taken_for_arterial_saturation() -> None:
    assert find_variable("SpO2") is None
    assert find_variable("59408-5") is None
