"""Notes as FHIR: a DiagnosticReport, a DocumentReference, or a Bundle that holds one (HL7 FHIR R4, 4.0.1)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from defusedxml.ElementTree import fromstring

from engine.errors import UnsupportedContent
from engine.io.fhir_xml import fhir_of_xml, looks_like_fhir_xml
from engine.io.narrative import narrative_text
from engine.io.note_parts import Gathered, Part
from engine.io.seam import reading
from engine.words import mark, recorded, tr

_REPORTS = ("DiagnosticReport", "DocumentReference")
_WITHDRAWN = frozenset({"entered-in-error", "cancelled", "superseded"})
_HEAD = 4096
_GENERATED = frozenset({"generated", "empty"})
_KIND = re.compile(rb'"resourceType"\s*:\s*"(\w+)"')

_Resource = Mapping[str, Any]


def looks_like_fhir_note(data: bytes) -> bool:
    """Whether the bytes are a resource with a note in it; a Bundle with observations is a course."""
    if looks_like_fhir_xml(data[:_HEAD]):
        return True
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    kinds = [kind.decode() for kind in _KIND.findall(data)]
    alone = bool(kinds) and kinds[0] in _REPORTS
    return alone or ("Bundle" in kinds[:2] and "Observation" not in kinds and any(kind in _REPORTS for kind in kinds))


def read_fhir_note(data: bytes) -> Gathered:
    """Gather a report: all its documents, its narrative and its conclusion.

    Raises
    ------
    DamagedFile
        Where it is neither JSON nor XML.
    UnsupportedContent
        Where it holds several reports, was withdrawn, or only links to its text.
    """
    with reading(mark("FHIR resource")):
        top = fhir_of_xml(data) if looks_like_fhir_xml(data[:_HEAD]) else json.loads(data)
    found = [one for one in _resources(top) if one.get("resourceType") in _REPORTS]
    if len(found) != 1:
        raise UnsupportedContent(
            tr("The FHIR resource holds {n} reports.", n=len(found)), tr("Drop one report at a time.")
        )
    report = found[0]
    if report.get("status") in _WITHDRAWN:
        raise UnsupportedContent(
            tr("The report was withdrawn or entered in error."), tr("Drop the one that replaced it.")
        )
    attachments = list(_attachments(report))
    documents = [_decoded(each["data"]) for each in attachments if isinstance(each.get("data"), str)]
    parts = (*documents, *_own_words(report, beside=bool(documents)))
    if not parts:
        raise UnsupportedContent(
            tr("The FHIR report holds no text, only links to it."), tr("Drop the document itself.")
        )
    return Gathered(parts, tuple(_left_out(report, len(attachments) - len(documents))))


def _left_out(report: _Resource, linked: int) -> Iterator[str]:
    """What a report refers to and is not read."""
    if linked:
        yield recorded("{n} documents of the FHIR report are only linked to and were not read.", n=linked)
    inner = report.get("contained")
    kinds = [each.get("resourceType") for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []
    if results := kinds.count("Observation"):
        yield recorded("{n} observations within the FHIR report were not read.", n=results)


def _resources(top: Any) -> list[_Resource]:
    if not isinstance(top, dict):
        return []
    if top.get("resourceType") != "Bundle":
        return [top]
    entries = top.get("entry")
    inner = [each.get("resource") for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    return [each for each in inner if isinstance(each, dict)]


def _attachments(report: _Resource) -> Iterator[_Resource]:
    forms, contents = report.get("presentedForm"), report.get("content")
    if isinstance(forms, list):
        yield from (form for form in forms if isinstance(form, dict))
    if isinstance(contents, list):
        inner = (each.get("attachment") for each in contents if isinstance(each, dict))
        yield from (attachment for attachment in inner if isinstance(attachment, dict))


def _decoded(data: str) -> Part:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return UnsupportedContent(mark("The document in the FHIR report cannot be unpacked."), mark("Drop it itself."))


def _own_words(report: _Resource, *, beside: bool) -> Iterator[str]:
    """The narrative, and the conclusion where that does not hold it.

    Beside documents a narrative that was generated from the report's own fields is not read (R4, Narrative.status): it
    repeats them.
    """
    text, conclusion = report.get("text"), report.get("conclusion")
    fields = text if isinstance(text, dict) else {}
    narrative = None if beside and fields.get("status") in _GENERATED else fields.get("div")
    said = _of_html(narrative) if isinstance(narrative, str) else ""
    if said:
        yield said
    concluded = [conclusion, *_coded(report.get("conclusionCode"))]
    words = dict.fromkeys(each.strip() for each in concluded if isinstance(each, str))
    unsaid = [each for each in words if each and each not in said]
    if unsaid:
        yield "\n".join(("IMPRESSION:", *unsaid))


def _coded(concepts: Any) -> Iterator[Any]:
    """The words of coded conclusions: their text, else what their codes are called."""
    for concept in concepts if isinstance(concepts, list) else ():
        if isinstance(concept, dict):
            codings = concept.get("coding")
            called = (
                [each.get("display") for each in codings if isinstance(each, dict)] if isinstance(codings, list) else []
            )
            yield from [concept["text"]] if concept.get("text") else called


def _of_html(narrative: str) -> str:
    with reading(mark("FHIR narrative")):
        return narrative_text(fromstring(narrative, forbid_dtd=True))
