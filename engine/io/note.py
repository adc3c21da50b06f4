"""Text notes: bytes to one `Note`, whose characters are the coordinates of every text map."""

from __future__ import annotations

import hashlib

from engine.case import Note
from engine.errors import EmptyFile, TooLarge
from engine.io.encodings import CONTROL, decode_text
from engine.io.limits import MIB, NOTE_BYTES
from engine.words import tr


def read_note(name: str, data: bytes) -> Note:
    """Read a text file, whose encoding is found as of `engine.io.encodings`.

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


def sound_text(text: str) -> str:
    """Return the text without control characters and lone surrogates, which broken fonts give."""
    return "".join(char for char in text if char not in CONTROL and not "\ud800" <= char <= "\udfff")
