"""Notes as C-CDA: the narrative of each section of a Clinical Document Architecture document, under its title.

HL7 CDA R2 (2005), section 4.3.5: the narrative block is what its author attests, so that the coded entries beside it
are not read. Names, addresses and dates of the header are left where they are.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from engine.errors import UnsupportedContent
from engine.io.narrative import narrative_text
from engine.io.note_parts import Gathered, Part
from engine.io.seam import reading
from engine.words import mark, recorded, tr

_HL7 = "{urn:hl7-org:v3}"
_DEEP = 60
_HEAD = 4096


def looks_like_cda(data: bytes) -> bool:
    """Whether the bytes begin as a CDA document."""
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"<") and b"ClinicalDocument" in head and b"urn:hl7-org:v3" in head


def read_cda(data: bytes) -> Gathered:
    """Gather the sections' narratives; the bytes of the document where it only wraps a file of another kind.

    Raises
    ------
    DamagedFile
        Where it is no sound XML, or declares entities.
    UnsupportedContent
        Where it has no narrative.
    """
    with reading(mark("CDA document")):
        root = fromstring(data, forbid_dtd=True)
    wrapped = root.find(f"{_HL7}component/{_HL7}nonXMLBody/{_HL7}text")
    if wrapped is not None:
        return Gathered((_unwrapped(wrapped),))
    sections = root.findall(f"{_HL7}component/{_HL7}structuredBody/{_HL7}component/{_HL7}section")
    text = "\n\n".join(part for section in sections for part in _narratives(section, 0))
    if not text.strip():
        raise UnsupportedContent(
            tr("The CDA document has no narrative text."), tr("Export it with its narrative, or as PDF.")
        )
    pictures = sum(1 for _ in root.iter(f"{_HL7}observationMedia"))
    said = recorded("{n} pictures of the document were not read.", n=pictures)
    return Gathered((text,), (said,) if pictures else ())


def _unwrapped(wrapped: Element) -> Part:
    said = "".join(wrapped.itertext())
    if wrapped.get("representation") != "B64":
        return said.encode()
    try:
        return base64.b64decode("".join(said.split()), validate=True)
    except (binascii.Error, ValueError):
        return UnsupportedContent(mark("What the CDA document wraps cannot be unpacked."), mark("Export it as PDF."))


def _narratives(section: Element, depth: int) -> Iterator[str]:
    """Title and narrative of a section, then those of the sections within it."""
    title = "".join(section.findtext(f"{_HL7}title") or "").strip()
    text = section.find(f"{_HL7}text")
    said = narrative_text(text) if text is not None else ""
    if said:
        yield f"{title.rstrip(':').upper()}:\n{said}" if title else said
    if depth < _DEEP:
        for inner in section.findall(f"{_HL7}component/{_HL7}section"):
            yield from _narratives(inner, depth + 1)
