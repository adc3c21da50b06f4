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
from engine.io.narrative import narrative_text
from engine.io.seam import reading
from engine.words import mark, tr

_REPORTS = ("DiagnosticReport", "DocumentReference")
_WITHDRAWN = frozenset({"entered-in-error", "cancelled", "superseded"})
_HEAD = 65_536
_KIND = re.compile(rb'"resourceType"\s*:\s*"(\w+)"')

_Resource = Mapping[str, Any]


def looks_like_fhir_note(data: bytes) -> bool:
    """Whether the bytes are a resource with a note in it; a Bundle with observations is a course."""
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return False
    kinds = [kind.decode() for kind in _KIND.findall(data)]
    alone = bool(kinds) and kinds[0] in _REPORTS
    return alone or ("Bundle" in kinds[:2] and "Observation" not in kinds and any(kind in _REPORTS for kind in kinds))


def read_fhir_note(data: bytes) -> str | bytes:
    """Gather the text of a report: its documents, else its conclusion and narrative.

    Returns
    -------
    str or bytes
        Text, or a document of another kind that it holds.

    Raises
    ------
    DamagedFile
        Where it is no JSON.
    UnsupportedContent
        Where it holds several reports, was withdrawn, or only links to its text.
    """
    with reading(mark("FHIR resource")):
        top = json.loads(data)
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
    for attachment in _attachments(report):
        if isinstance(attachment.get("data"), str):
            return _decoded(attachment["data"])
    text = "\n\n".join(_own_words(report))
    if not text.strip():
        raise UnsupportedContent(
            tr("The FHIR report holds no text, only links to it."), tr("Drop the document itself.")
        )
    return text


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


def _decoded(data: str) -> bytes:
    try:
        return base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise UnsupportedContent(
            tr("The document in the FHIR report cannot be unpacked."), tr("Drop it itself.")
        ) from exc


def _own_words(report: _Resource) -> Iterator[str]:
    """The narrative, or the conclusion where there is none that holds it."""
    text, conclusion = report.get("text"), report.get("conclusion")
    narrative = text.get("div") if isinstance(text, dict) else None
    said = _of_html(narrative) if isinstance(narrative, str) else ""
    if said:
        yield said
    if isinstance(conclusion, str) and conclusion.strip() and conclusion.strip() not in said:
        yield f"IMPRESSION:\n{conclusion.strip()}"


def _of_html(narrative: str) -> str:
    with reading(mark("FHIR narrative")):
        return narrative_text(fromstring(narrative, forbid_dtd=True))
