"""Courses as files that people have: the text of the PhysioNet challenge, a spreadsheet, a FHIR R4 Bundle."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sample_data.monitor import Observed, Stay

_START = datetime(2026, 3, 1, 7, 40, tzinfo=UTC)
_RECORD = 900001
_HEADERS = {
    "HR": "Heart rate (1/min)",
    "SysABP": "ABP systolic (mmHg)",
    "DiasABP": "ABP diastolic (mmHg)",
    "MAP": "ABP mean (mmHg)",
    "RespRate": "Respiratory rate (1/min)",
    "Temp": "Temperature (°C)",
    "Urine": "Urine output (mL)",
    "MechVent": "Ventilated",
    "FiO2": "FiO2 (%)",
    "PaO2": "PaO2 (kPa)",
    "PaCO2": "PaCO2 (kPa)",
    "Lactate": "Lactate (mmol/L)",
    "Glucose": "Glucose (mmol/L)",
    "Creatinine": "Creatinine (µmol/L)",
    "Bilirubin": "Bilirubin (µmol/L)",
}
_FROM = {
    "FiO2": (100, 0),
    "PaO2": (1 / 7.50062, 1),
    "PaCO2": (1 / 7.50062, 2),
    "Glucose": (1 / 18.016, 1),
    "Creatinine": (88.42, 0),
    "Bilirubin": (17.104, 0),
}
_CODES = {
    "HR": ("8867-4", "Heart rate", "/min"),
    "SysABP": ("76215-3", "Invasive systolic blood pressure", "mm[Hg]"),
    "DiasABP": ("76213-8", "Invasive diastolic blood pressure", "mm[Hg]"),
    "MAP": ("76214-6", "Invasive mean blood pressure", "mm[Hg]"),
    "RespRate": ("9279-1", "Respiratory rate", "/min"),
    "Temp": ("8310-5", "Body temperature", "[degF]"),
    "GCS": ("9269-2", "Glasgow coma score total", "{score}"),
    "Urine": ("9187-6", "Urine output", "mL"),
    "pH": ("2744-1", "pH of Arterial blood", "[pH]"),
    "PaO2": ("2703-7", "Oxygen [Partial pressure] in Arterial blood", "mm[Hg]"),
    "PaCO2": ("2019-8", "Carbon dioxide [Partial pressure] in Arterial blood", "mm[Hg]"),
    "Na": ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L"),
    "K": ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L"),
    "Glucose": ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL"),
    "Creatinine": ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL"),
    "WBC": ("6690-2", "Leukocytes [#/volume] in Blood", "10*3/uL"),
    "HCT": ("4544-3", "Hematocrit [Volume Fraction] of Blood", "%"),
    "SpO2": ("59408-5", "Oxygen saturation by Pulse oximetry", "%"),
}
_CUFF = {"NISysABP": ("8480-6", "Systolic blood pressure"), "NIDiasABP": ("8462-4", "Diastolic blood pressure")}


def as_physionet(stay: Stay, seen: Sequence[Observed]) -> bytes:
    """Write Time,Parameter,Value, with what holds for the stay at 00:00."""
    lines = ["Time,Parameter,Value", f"00:00,RecordID,{_RECORD}"]
    lines += [f"00:00,{name},{stay.static.get(name, -1):g}" for name in ("Age", "Gender", "Height", "ICUType")]
    for hour, name, value in seen:
        minutes = round(hour * 60)
        lines.append(f"{minutes // 60:02}:{minutes % 60:02},{name},{value:g}")
    return "\n".join([*lines, ""]).encode()


def as_table(stay: Stay, seen: Sequence[Observed]) -> bytes:
    """Write one row a time and one column a variable, in units of the European kind."""
    names = list(stay.lines)
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(["Time", "Age", "Sex", *(_HEADERS.get(name, name) for name in names)])
    about = [f"{stay.static['Age']:g}", "male" if stay.static["Gender"] else "female"]
    for hour in dict.fromkeys(hour for hour, _, _ in seen):
        row = {name: _foreign(name, value) for at, name, value in seen if at == hour}
        writer.writerow([f"{_moment(hour):%Y-%m-%d %H:%M}", *about, *(row.get(name, "") for name in names)])
    return target.getvalue().encode("utf-8-sig")


def as_bundle(stay: Stay, seen: Sequence[Observed]) -> bytes:
    """Write a collection of Observations with LOINC codes and UCUM units; cuff pressures come as components."""
    year = _START.year - int(stay.static["Age"])
    patient = {
        "resourceType": "Patient",
        "id": "synthetic",
        "gender": "male" if stay.static["Gender"] else "female",
        "birthDate": f"{year}-01-15",
    }
    resources = [patient, *(_observation(*one) for one in seen if one[1] in _CODES), *_cuffs(seen)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in resources]}
    return (json.dumps(bundle, separators=(",", ":")) + "\n").encode()


def _moment(hour: float) -> datetime:
    return _START + timedelta(minutes=round(hour * 60))


def _foreign(name: str, value: float) -> str:
    factor, digits = _FROM.get(name, (1, None))
    return f"{value:g}" if digits is None else f"{value * factor:.{digits}f}"


def _observation(hour: float, name: str, value: float) -> dict[str, Any]:
    code, display, unit = _CODES[name]
    value = round(value * 9 / 5 + 32, 1) if unit == "[degF]" else value
    return {**_frame(hour, code, display), "valueQuantity": _quantity(value, unit)}


def _frame(hour: float, code: str, display: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]},
        "subject": {"reference": "Patient/synthetic"},
        "effectiveDateTime": f"{_moment(hour):%Y-%m-%dT%H:%M:%SZ}",
    }


def _quantity(value: float, unit: str) -> dict[str, Any]:
    return {"value": value, "system": "http://unitsofmeasure.org", "code": unit}


def _cuffs(seen: Sequence[Observed]) -> list[dict[str, Any]]:
    """Cuff pressures: one panel a time, with systolic and diastolic inside."""
    panels: dict[float, list[dict[str, Any]]] = {}
    for hour, name, value in seen:
        if name in _CUFF:
            code, display = _CUFF[name]
            coding = {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]}
            panels.setdefault(hour, []).append({"code": coding, "valueQuantity": _quantity(value, "mm[Hg]")})
    title = "Blood pressure panel with all children optional"
    return [{**_frame(hour, "85354-9", title), "component": parts} for hour, parts in panels.items()]
