"""Notes as HL7 v2 messages: the observations of ORU and MDM messages (HL7 v2.5.1, chapters 7 and 9), by python-hl7.

The text stands in the OBX segments. Who the patient is, and where they live, stands in others, which are not read.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import hl7

from engine.errors import UnsupportedContent
from engine.io.note import decode_text
from engine.io.seam import reading
from engine.words import mark, tr

_START = re.compile(rb"\A[\x0b\xef\xbb\xbf\s]*MSH[^\w\s]")
_FRAME = b"\x0b\x1c \t\r\n"
_TEXT = frozenset({"TX", "FT", "ST", "CE", "CWE"})
_NUMBERS = frozenset({"NM", "SN"})
_WITHDRAWN = frozenset({"D", "W", "X"})
_BREAKS = re.compile(r"\\\.(?:br|sp|in|ti|fi|nf|ce|sk)[^\\]*\\")
_STYLES = re.compile(r"\\[HN]\\")
_VALUE_TYPE, _NAME, _VALUE, _UNIT, _STATUS = 2, 3, 5, 6, 11


def looks_like_message(data: bytes) -> bool:
    """Whether the bytes begin as an HL7 v2 message, framed (MLLP) or not."""
    return _START.match(data[:64]) is not None


def read_message(data: bytes) -> str | bytes:
    """Gather the text of a message; the bytes of a document where it only carries one.

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
        seen = [segment for segment in message if str(segment[0]) == "OBX"]
        sound = [segment for segment in seen if _field(segment, _STATUS) not in _WITHDRAWN]
        carried = [segment for segment in sound if _field(segment, _VALUE_TYPE) == "ED"]
        words = "\n".join(_lines(message, sound))
        if not words.strip() and carried:
            return _document(_field(carried[0], _VALUE).split(message.separators[3]))
    if not words.strip():
        raise UnsupportedContent(
            tr("The HL7 message holds no text."), tr("Drop an ORU or MDM message with OBX segments.")
        )
    return words


def _lines(message: hl7.Message, segments: list[hl7.Segment]) -> Iterator[str]:
    """Text under the name of its observation, said once; numbers behind theirs."""
    before = ""
    for segment in segments:
        kind, value = _field(segment, _VALUE_TYPE), _field(segment, _VALUE)
        name = _spoken(message, _field(segment, _NAME))
        if kind in _NUMBERS:
            yield f"{name}: {value.replace('^', '')} {_spoken(message, _field(segment, _UNIT))}".rstrip()
        elif kind in _TEXT and value:
            if name and name != before:
                yield f"{name.rstrip(':').upper()}:"
            repeated = value.split(message.separators[2])
            yield from (_spoken(message, part) if kind in ("CE", "CWE") else _plain(message, part) for part in repeated)
        before = name


def _field(segment: hl7.Segment, place: int) -> str:
    return str(segment[place]).strip() if place < len(segment) else ""


def _spoken(message: hl7.Message, coded: str) -> str:
    """The words of a coded element: its text, else its identifier."""
    parts = coded.split(message.separators[3])
    return _plain(message, next((part for part in (*parts[1:2], parts[0]) if part), ""))


def _plain(message: hl7.Message, said: str) -> str:
    """Text without escapes: line breaks are kept, highlighting is not (chapter 2.7)."""
    return str(message.unescape(_STYLES.sub("", _BREAKS.sub("\n", said)))).strip()


def _document(parts: list[str]) -> bytes:
    """An encapsulated document (ED): source, type, subtype, encoding, data."""
    if len(parts) < 5 or parts[3].lower() not in ("base64", "a"):
        raise UnsupportedContent(
            tr("The HL7 message carries a document that is not read."), tr("Drop the document itself.")
        )
    return base64.b64decode(parts[4]) if parts[3].lower() == "base64" else parts[4].encode()
