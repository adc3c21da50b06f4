"""Notes as HL7 v2 messages: the observations of ORU and MDM messages (HL7 v2.5.1, chapters 7 and 9), by python-hl7.

The text stands in the OBX segments and in the notes to them, NTE. Who the patient is, and where they live, stands in
others, which are not read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

import hl7

from engine.errors import DamagedFile, UnsupportedContent
from engine.io.encodings import decode_text
from engine.io.note_parts import Gathered, Part
from engine.io.seam import reading
from engine.words import mark, recorded, tr

_START = re.compile(rb"\A[\x0b\xef\xbb\xbf\s]*MSH[^\w\s]")
_FRAME = b"\x0b\x1c \t\r\n"
_CODED = frozenset({"CE", "CWE", "CNE"})
_TEXT = frozenset({"TX", "FT", "ST", "DT", "TM", "TS", "DTM"}) | _CODED
_NUMBERS = frozenset({"NM", "SN"})
_TYPE = re.compile("[A-Z]{2,3}")
_WITHDRAWN = frozenset({"D", "W", "X"})
_BREAKS = re.compile(r"\\\.(?:br|sp|in|ti|fi|nf|ce|sk)[^\\]*\\")
_STYLES = re.compile(r"\\[HN]\\")
_VALUE_TYPE, _NAME, _VALUE, _UNIT, _STATUS = 2, 3, 5, 6, 11
_NOTE = 3


def looks_like_message(data: bytes) -> bool:
    """Whether the bytes begin as an HL7 v2 message, framed (MLLP) or not."""
    return _START.match(data[:64]) is not None


def read_message(data: bytes) -> Gathered:
    """Gather the observations of a message, the notes on them and the documents among them, in their order.

    Raises
    ------
    DamagedFile
        Where it cannot be parsed.
    UnsupportedContent
        Where it holds several messages, or no text.
    """
    text = decode_text(data.strip(_FRAME)).replace("\r\n", "\r").replace("\n", "\r")
    with reading(mark("HL7 message")):
        message = hl7.parse(text)
        if len(message.segments("MSH")) > 1:
            raise UnsupportedContent(tr("The file holds several HL7 messages."), tr("Drop one message at a time."))
        sound = list(_sound(message))
        parts = tuple(_parts(message, sound))
    if not parts:
        raise UnsupportedContent(
            tr("The HL7 message holds no text."), tr("Drop an ORU or MDM message with OBX segments.")
        )
    return Gathered(parts, tuple(_left_out(sound)))


def _sound(message: hl7.Message) -> Iterator[hl7.Segment]:
    """Observations and notes, without those that were withdrawn: a note belongs to what stands before it."""
    withdrawn = False
    for segment in message:
        if _kind(segment) != "NTE":
            withdrawn = _kind(segment) == "OBX" and _field(segment, _STATUS) in _WITHDRAWN
        if _kind(segment) in ("OBX", "NTE") and not withdrawn:
            yield segment


def _parts(message: hl7.Message, segments: list[hl7.Segment]) -> Iterator[Part]:
    """Documents, and the lines between them."""
    for carried, run in groupby(segments, key=lambda one: _value_type(one) == "ED"):
        if carried:
            yield from (_document(_field(one, _VALUE).split(message.separators[3])) for one in run)
        elif (words := "\n".join(_lines(message, list(run)))).strip():
            yield words


def _left_out(segments: list[hl7.Segment]) -> Iterator[str]:
    """What stands in values of kinds that are no words."""
    kinds = Counter(_value_type(one) for one in segments if _kind(one) == "OBX" and _field(one, _VALUE))
    for kind, count in kinds.items():
        if kind not in _TEXT | _NUMBERS | {"ED"}:
            named = kind if _TYPE.fullmatch(kind) else "?"
            yield recorded("{n} observations of the HL7 type {kind} were not read.", n=count, kind=named)


def _lines(message: hl7.Message, segments: list[hl7.Segment]) -> Iterator[str]:
    """Text under the name of its observation, said once; numbers behind theirs; notes as they are."""
    before = ""
    for segment in segments:
        if _kind(segment) == "NTE":
            yield from (_plain(message, part) for part in _field(segment, _NOTE).split(message.separators[2]) if part)
            continue
        kind, value = _value_type(segment), _field(segment, _VALUE)
        name = _spoken(message, _field(segment, _NAME))
        if kind in _NUMBERS:
            yield f"{name}: {value.replace('^', '')} {_spoken(message, _field(segment, _UNIT))}".rstrip()
        elif kind in _TEXT and value:
            if name and name != before:
                yield f"{name.rstrip(':').upper()}:"
            repeated = value.split(message.separators[2])
            yield from (_spoken(message, part) if kind in _CODED else _plain(message, part) for part in repeated)
        before = name


def _kind(segment: hl7.Segment) -> str:
    return str(segment[0])


def _value_type(segment: hl7.Segment) -> str:
    return _field(segment, _VALUE_TYPE) if _kind(segment) == "OBX" else ""


def _field(segment: hl7.Segment, place: int) -> str:
    return str(segment[place]).strip() if place < len(segment) else ""


def _spoken(message: hl7.Message, coded: str) -> str:
    """The words of a coded element: its text, else its identifier."""
    parts = coded.split(message.separators[3])
    return _plain(message, next((part for part in (*parts[1:2], parts[0]) if part), ""))


def _plain(message: hl7.Message, said: str) -> str:
    """Text without escapes: line breaks are kept, highlighting is not (chapter 2.7)."""
    return str(message.unescape(_STYLES.sub("", _BREAKS.sub("\n", said)))).strip()


def _document(parts: list[str]) -> Part:
    """An encapsulated document (ED): source, type, subtype, encoding, data."""
    if len(parts) < 5 or parts[3].lower() not in ("base64", "a"):
        return UnsupportedContent(
            mark("The HL7 message carries a document that is not read."), mark("Drop the document itself.")
        )
    try:
        return base64.b64decode(parts[4]) if parts[3].lower() == "base64" else parts[4].encode()
    except binascii.Error:
        return DamagedFile(
            mark("The document in the HL7 message cannot be unpacked."), mark("Drop the document itself.")
        )
