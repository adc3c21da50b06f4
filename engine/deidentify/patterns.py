"""Identifiers that are known by their shape, as recognisers of Presidio (Microsoft, MIT licence).

Its own recognisers of telephone numbers, internet addresses and cards are used as they are; those of e-mail and web
addresses are not, for they would fetch a list of domains.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
)

from engine.deidentify.identifiers import IdentifierKind

for _name in ("presidio-analyzer", "presidio-anonymizer"):
    logging.getLogger(_name).disabled = True  # what they log may quote the note

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:(?:19|20)\d\d)"
_STATE = (
    r"(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|"
    r"V[AT]|W[AIVY])"
)
_WAY = (
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|boulevard|blvd|court|ct|terrace|highway|hwy|parkway|pkwy|square|"
    r"way)"
)
_PROPER = r"(?-i:\p{Lu}[\p{L}\p{M}'’-]+)"
_STOP = r"(?:(?<=\b\p{L}{1,3})\.)?"  # "St. Mary", but not "Street. Call"
_LABEL = (
    r"(?:MRN|med(?:ical)? rec(?:ord)?|hospital|unit|chart|account|acct|accession|specimen|case|policy|member|"
    r"license|licence|job|serial|NHS|NPI|DEA|insurance|encounter|visit|patient id|record|health card|social security)"
)
_HOUSE = (
    r"(?-i:[Hh]ospital|HOSPITAL|Medical Cent(?:er|re)|Health System|Healthcare|Infirmary|Hospice|Nursing Home|"
    r"Institute|"
    r"(?:Diagnostic )?Imaging|(?:Surg(?:ery|ical)|Cancer|Heart|Rehabilitation|Health) Center|Clinic|Family Practice|"
    r"Urgent Care|Pediatrics|Associates|Pharmacy|Insurance|Mutual|(?:High|Middle|Elementary) School|University|College|"
    r"Foundation|Inc\b\.?|LLC|Ltd)\b"
)
_NO_HOUSE = (
    r"(?-i:The|This|Our|Mental|Outpatient|Pain|Day|Surgery|Nursing|[A-Z]\w+ology|Orthop\w+|Spine|Wound|Sleep|Walk|National|"
    r"Magnetic|Resonance|Nuclear|Medical|General|Children|American|Acute|Emergency|Family|Health|Life|Medicare|"
    r"Private)\b"
)
_NURSE = r"Nurse(?! (?:Practitioner|Anesthetist|Midwife|Manager))"
_TITLE = rf"(?:Drs?|Mr|Mrs|Ms|Miss|Prof|Doctor|{_NURSE}|Officer|Judge|Pastor|Rev)"
_DEGREE = r"(?-i:M\.?D\b|D\.?O\.|RN\b|NP\b|PA-C\b|Ph\.?D\b|DDS\b|DPM\b|FACS\b)"

_SHAPES: Mapping[IdentifierKind, Mapping[str, float]] = {
    IdentifierKind.DATE: {
        rf"(?<![\d/.-]){_DAY}([/.-]){_DAY}\1(?:{_YEAR}|\d\d)(?![\d/]|[.-]\d)": 0.75,
        rf"(?<![\d/.-]){_YEAR}([/.-])(?:0?[1-9]|1[0-2])\1{_DAY}(?!\d)": 0.85,
        rf"(?<!\d){_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)": 0.5,
        rf"\b{_MONTH}\b\.?[ -]{_DAY}(?:st|nd|rd|th)?\b(?:[ ,-]+(?:{_YEAR}|'\d\d)\b)?(?!\s*(?:mg|ml|mcg|cc)\b)": 0.7,
        rf"\b{_DAY}(?:st|nd|rd|th)?(?:[ -]of)?[ -]{_MONTH}\b\.?(?:[ ,-]+(?:{_YEAR}|'?\d\d)\b)?": 0.7,
        rf"\b{_MONTH}\b\.?,?[ ](?:of )?{_YEAR}\b": 0.85,
        rf"(?<![\d/])(?:0?[1-9]|1[0-2])/{_YEAR}(?![\d/])": 0.8,
    },
    IdentifierKind.AGE: {
        r"(?<![\d./])(?:9\d|1[01]\d)(?=[\s-]*(?:years?|yrs?|y)?[\s./-]*(?:old|o\b|of age\b))": 0.9,
        r"(?<![\d./])(?:9\d|1[01]\d)(?=[\s-]+(?:years?|yrs?)\b)": 0.6,
        r"(?<=\b(?:aged|age|age:|age of|turned)\s)(?:9\d|1[01]\d)\b": 0.9,
    },
    IdentifierKind.CONTACT: {
        r"\b[\w.+%-]+@[\w-]+(?:\.[\w-]+)+": 1.0,
        r"\b(?:https?://|www\.)[^\s<>()\"]+[\w/]": 0.95,
        r"(?<![\d-])(?:\+?1[ .-]?)?\(?\d{3}\)?[ ./-]{0,2}\d{3}[ .-]\d{4}(?:\s*(?:x|ext\.?)\s*\d+)?(?!\d)": 0.85,
        r"(?<!\S)\+\d{1,3}[\d ()-]{7,16}\d": 0.85,
        r"(?<=\b(?:phone|tel|telephone|fax|pager|cell|mobile|call|ext)\b[.:#\s]{0,3})[\d(+][\d ()./-]{4,18}\d": 0.85,
    },
    IdentifierKind.ID: {
        r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])": 0.85,
        rf"(?<=\b{_LABEL}\s*(?:number|no|num|identifier|id|lot)?[.:#\s]*)(?=[\w-]*\d{{3}})[A-Z\d][\w-]{{3,}}": 0.8,
        r"(?<![\w.,/-])\d{7,}(?![\w/]|[.,]\d)": 0.5,
        r"(?<![\w-])(?-i:(?=[A-Z\d-]*\d\d\d)(?=\d*[A-Z])[A-Z\d]{2,}(?:-?[A-Z\d]+)*\d{3,}[A-Z\d]*)(?![\w-])": 0.4,
    },
    IdentifierKind.PLACE: {
        rf"\b\d{{1,5}}[A-Z]?\s+(?:{_PROPER}{_STOP}\s+){{1,3}}{_WAY}\b\.?(?:,? (?:apt|suite|unit|#)\.? ?\w+)?": 0.85,
        rf"(?-i:\b{_STATE}),?\s+\d{{5}}(?:-\d{{4}})?\b": 0.85,
        r"\bP\.? ?O\.? Box \d+\b": 0.9,
    },
    IdentifierKind.ORGANISATION: {
        rf"\b(?!{_NO_HOUSE})(?:{_PROPER}{_STOP}\s+(?:of\s+)?){{1,4}}{_HOUSE}": 0.6,
    },
    IdentifierKind.NAME: {
        rf"(?<=\b{_TITLE}\b\.?\s+)(?!Is\b){_PROPER}(?:[ ](?:\p{{Lu}}\.[ ])?{_PROPER})?": 0.75,
        rf"\b{_PROPER}(?:[ ]\p{{Lu}}\.?)?[ ]{_PROPER}(?=,?\s+{_DEGREE})": 0.8,
    },
}  # fmt: skip
"""Regular expressions, which Presidio reads without regard to case except in ``(?-i:...)``, and how sure they are."""

_PRESIDIO = {
    "PHONE_NUMBER": IdentifierKind.CONTACT,
    "IP_ADDRESS": IdentifierKind.CONTACT,
    "MAC_ADDRESS": IdentifierKind.CONTACT,
    "CREDIT_CARD": IdentifierKind.ID,
}


def kind_of(entity: str) -> IdentifierKind:
    """Our kind of what Presidio calls an entity."""
    return _PRESIDIO[entity] if entity in _PRESIDIO else IdentifierKind[entity]


def recognisers() -> list[EntityRecognizer]:
    """Make the recognisers by shape."""
    ours = [
        PatternRecognizer(
            supported_entity=kind.name,
            name=f"{kind.value} by shape",
            patterns=[
                Pattern(f"{kind.value} {rank}", shape, score) for rank, (shape, score) in enumerate(shapes.items())
            ],
        )
        for kind, shapes in _SHAPES.items()
    ]
    return [*ours, PhoneRecognizer(leniency=2), IpRecognizer(), MacAddressRecognizer(), CreditCardRecognizer()]
