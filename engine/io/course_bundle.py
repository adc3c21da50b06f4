"""Courses as FHIR: Observations of one patient, in a Bundle, an array, lines (NDJSON) or alone.

They are read by LOINC code or by name, with units of UCUM. HL7 FHIR R4 (4.0.1): Bundle, Observation (its components
among them) and Patient; codes of LOINC.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

from engine.errors import UnsupportedContent
from engine.io.course_times import hours_from_start, moment
from engine.io.course_variables import find_variable
from engine.io.observations import LIMITS, Observations
from engine.io.seam import reading
from engine.words import mark, recorded, tr

_FHIR = re.compile(r'"resourceType"\s*:\s*"\w+"')
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_READ = frozenset({"Bundle", "Observation"})
_PULSE_OXIMETRY = "59408-5"
_GENDERS = {"male": 1.0, "female": 0.0}
_YEAR = 365.25

_Resource = Mapping[str, Any]


def looks_like_bundle(head: str) -> bool:
    """Whether the beginning of a text is that of FHIR resources in JSON."""
    return head.lstrip("\ufeff \t\r\n").startswith(("{", "[")) and _FHIR.search(head) is not None


def read_bundle(text: str) -> Observations:
    """Gather the observations of a Bundle, of an array, of lines with one resource each, or a single one.

    Raises
    ------
    DamagedFile
        Where it is no JSON, or its times contradict one another.
    UnsupportedContent
        Where it is another resource, holds no observations, or is about more than one patient.
    """
    resources = _resources(text)
    observed = [resource for resource in resources if resource.get("resourceType") == "Observation"]
    patients = [resource for resource in resources if resource.get("resourceType") == "Patient"]
    if not observed:
        raise UnsupportedContent(tr("The FHIR Bundle holds no observations."), tr("Export a Bundle of Observations."))
    if len({_subject(resource) for resource in observed} - {""}) > 1 or len(patients) > 1:
        raise UnsupportedContent(
            tr("The FHIR Bundle is about more than one patient."), tr("Export one Bundle for each.")
        )
    found = Observations()
    sound = [resource for resource in observed if resource.get("status") not in _WITHDRAWN]
    timed = [(when, resource) for resource in sound if (when := _when(resource)) is not None]
    _tell(found, len(observed) - len(sound), mark("withdrawn or entered in error"))
    _tell(found, len(sound) - len(timed), mark("without a time"))
    if timed:
        hours = hours_from_start([when for when, _ in timed])
        bounded: Counter[str] = Counter()
        for hour, (_, resource) in zip(hours.tolist(), timed, strict=True):
            for name, value, unit, limit in _values(resource):
                found.add(hour, name, value, unit)
                bounded[name] += limit
        found.tell(LIMITS, {name: count for name, count in bounded.items() if find_variable(name)})
    _about(found, patients, [when for when, _ in timed])
    return found


def _resources(text: str) -> list[_Resource]:
    """All resources of a text, those of Bundles one by one."""
    with reading(mark("FHIR resource")):
        try:
            top = json.loads(text)
        except json.JSONDecodeError:
            top = [json.loads(line) for line in text.split("\n") if line.strip()]
    tops = [_dict(each) for each in (top if isinstance(top, list) else [top])]
    if len(tops) == 1 and tops[0].get("resourceType") not in _READ:
        raise UnsupportedContent(tr("The FHIR resource is no Bundle."), tr("Export a Bundle of Observations."))
    return list(chain.from_iterable(map(_unpacked, tops)))


def _unpacked(resource: _Resource) -> list[_Resource]:
    if resource.get("resourceType") != "Bundle":
        return [resource]
    return [_dict(_dict(entry).get("resource")) for entry in _list(resource.get("entry"))]


def _tell(found: Observations, count: int, what: str) -> None:
    if count:
        one = recorded("1 observation left out: {what}.", what=what)
        found.warnings.append(one if count == 1 else recorded("{n} observations left out: {what}.", n=count, what=what))


def _dict(thing: Any) -> _Resource:
    return thing if isinstance(thing, dict) else {}


def _list(thing: Any) -> list[Any]:
    return thing if isinstance(thing, list) else []


def _text(thing: Any) -> str:
    return thing if isinstance(thing, str) else ""


def _subject(resource: _Resource) -> str:
    subject = _dict(resource.get("subject"))
    return _text(subject.get("reference")) or _text(_dict(subject.get("identifier")).get("value"))


def _when(resource: _Resource) -> datetime | None:
    period = _dict(resource.get("effectivePeriod"))
    for said in (resource.get("effectiveDateTime"), resource.get("effectiveInstant"), period.get("start")):
        if (when := moment(_text(said))) is not None:
            return when
    return None


def _values(resource: _Resource) -> Iterator[tuple[str, float, str, bool]]:
    """Name, value and unit of an observation and of each of its components, and whether the value is a limit."""
    for part in (resource, *map(_dict, _list(resource.get("component")))):
        quantity = _dict(part.get("valueQuantity"))
        value = next((part[key] for key in ("valueInteger", "valueBoolean") if key in part), quantity.get("value"))
        if isinstance(value, int | float) and abs(value) < 1e300 and math.isfinite(value):
            unit = _text(quantity.get("code")) or _text(quantity.get("unit"))
            yield _name(_dict(part.get("code"))), float(value), unit, bool(_text(quantity.get("comparator")))


def _name(code: _Resource) -> str:
    """The code or word by which we know what was observed, else the first word that there is."""
    coding = [_dict(each) for each in _list(code.get("coding"))]
    codes = [_text(each.get("code")) for each in coding]
    words = [_text(code.get("text")), *(_text(each.get("display")) for each in coding)]
    if _PULSE_OXIMETRY in codes:
        return "SpO2"  # by pulse oximetry: another thing than the saturation of arterial blood
    said = [word for word in (*codes, *words) if word]
    return next((word for word in said if find_variable(word)), next((word for word in (*words, *codes) if word), "?"))


def _about(found: Observations, patients: list[_Resource], times: list[datetime]) -> None:
    """Gender, and age in whole years at the first observation; nothing else of a patient is read."""
    for patient in patients:
        gender = _GENDERS.get(_text(patient.get("gender")))
        if gender is not None:
            found.static["Gender"] = gender
        born = moment(_text(patient.get("birthDate")))
        if born is not None and times:
            found.static["Age"] = float((_day(min(times)) - _day(born)).days // _YEAR)


def _day(when: datetime) -> date:
    return when.date()
