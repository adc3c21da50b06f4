"""Text notes: bytes to one `Note`, whose characters are the coordinates of every text map."""

from __future__ import annotations

import codecs
import hashlib

from engine.case import Note
from engine.errors import EmptyFile, TooLarge, UnknownFormat
from engine.io.limits import MIB, NOTE_BYTES
from engine.words import tr

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LAYOUT = frozenset("\t\n\r\f\v\x1a")
_CONTROL = frozenset(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))) - _LAYOUT
_MOST_ACCENTS = 0.3
"""Share of bytes beyond ASCII up to which a one-byte encoding is believed; Western text has a tenth of them."""


def read_note(name: str, data: bytes) -> Note:
    """Read a text file: UTF-8, UTF-16 or UTF-32 by their mark, else Windows-1252, else Latin-1.

    Its lines end in line feeds afterwards, and nothing else is changed.

    Raises
    ------
    TooLarge
        Where it has more than `NOTE_BYTES`.
    UnknownFormat
        Where the bytes are no text.
    EmptyFile
        Where there is nothing but blanks.
    """
    head = decode_text(data[: NOTE_BYTES + 1]) if len(data) <= NOTE_BYTES else decode_text(data[:4096], cut=True)
    if len(data) > NOTE_BYTES:
        raise TooLarge(
            tr("The note has more than {most} MiB of text.", most=NOTE_BYTES // MIB),
            tr("Drop one note at a time."),
        )
    return note_of(name, head, data, "text")


def note_of(name: str, text: str, data: bytes, kind: str, *, warnings: tuple[str, ...] = ()) -> Note:
    """Make the record of a text that was read from `data`; its lines end in line feeds.

    Parameters
    ----------
    kind : str
        The format, as a reader knows it: ``"PDF"``.
    warnings : tuple of str
        What of `data` is not in `text`.

    Raises
    ------
    TooLarge
        Where the text has more than `NOTE_BYTES` letters.
    EmptyFile
        Where there is nothing but blanks.
    """
    if len(text) > NOTE_BYTES:
        raise TooLarge(
            tr("The note has more than {most} MiB of text.", most=NOTE_BYTES // MIB),
            tr("Drop one note at a time."),
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\x1a")
    if not text.strip():
        raise EmptyFile(tr("The note has no text."), tr("Drop a note with text in it, or paste it."))
    return Note(text=text, digest=hashlib.sha256(data).hexdigest(), name=name, format=kind, warnings=warnings)


def decode_text(data: bytes, *, cut: bool = False) -> str:
    """Return the text of the bytes; `cut` where a character at the end may be incomplete.

    Raises
    ------
    UnknownFormat
        Where they are no text.
    """
    encodings = [encoding for mark, encoding in _MARKS if data.startswith(mark)][:1] or ["utf-8", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
        except UnicodeDecodeError:
            continue
        if not _is_text(text, data, one_byte=encoding in ("cp1252", "latin-1")):
            continue
        return text
    raise UnknownFormat(
        tr("The content is none of the formats that are read here."),
        tr("Drop DICOM, PNG, JPEG, TIFF, a note (text, PDF, DOCX, RTF, HL7, C-CDA, FHIR), or a zip of these."),
    )


def _is_text(text: str, data: bytes, *, one_byte: bool) -> bool:
    if not _CONTROL.isdisjoint(text):
        return False
    accents = sum(byte >= 0x80 for byte in data) if one_byte else 0
    return accents <= _MOST_ACCENTS * len(data)


def sound_text(text: str) -> str:
    """Return the text without control characters and lone surrogates, which broken fonts give."""
    return "".join(char for char in text if char not in _CONTROL and not "\ud800" <= char <= "\udfff")
