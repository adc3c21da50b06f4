"""Rich text (RTF 1.9.1) by striprtf, and what holds for documents of word processors alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

from striprtf.striprtf import rtf_to_text

from engine.case import Note
from engine.errors import TooLarge
from engine.io.limits import DOCUMENT_BYTES, MIB
from engine.io.note import note_of, sound_text
from engine.io.seam import reading
from engine.words import mark, recorded, tr

_DESTINATIONS = re.compile(rb"\\(header|footer|footnote|annotation|shptxt|dptxbxtext|pict|object)[flr]?\d*(?![a-z])")
HEADERS, COMMENTS, PICTURES = mark("headers and footers"), mark("comments"), mark("pictures")
_PASSED_OVER = {
    HEADERS: {"header", "footer"},
    mark("footnotes"): {"footnote"},
    COMMENTS: {"annotation"},
    mark("text boxes"): {"shptxt", "dptxbxtext"},
    PICTURES: {"pict", "object"},
}


def is_rtf(data: bytes) -> bool:
    """Whether the bytes begin as rich text."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf")


def read_rtf(name: str, data: bytes) -> Note:
    """Read the text of an RTF file.

    Raises
    ------
    UploadError
        Where it is too large, damaged, or has no text.
    """
    check_document_size(len(data))
    with reading(mark("RTF document")):
        text = rtf_to_text(data.decode("latin-1"), errors="replace")
    return note_of(name, sound_text(text), data, "RTF", warnings=tuple(_left_out(data)))


def _left_out(data: bytes) -> Iterator[str]:
    """The parts of an RTF file that striprtf passes over, as far as this one has them."""
    found = {match[1].decode() for match in _DESTINATIONS.finditer(data)}
    yield from (left_out(words) for words, names in _PASSED_OVER.items() if found & names)


def left_out(part: str) -> str:
    """Say that a part of a document was not read; `part` is marked for translation."""
    return recorded("Not read of the document: {part}.", part=part)


def check_document_size(size: int) -> None:
    """Refuse a document before it is parsed.

    Raises
    ------
    TooLarge
        Where `size`, in bytes as unpacked, exceeds `DOCUMENT_BYTES`.
    """
    if size > DOCUMENT_BYTES:
        raise TooLarge(
            tr("The document has more than {most} MiB.", most=DOCUMENT_BYTES // MIB),
            tr("Save it without pictures, or as plain text."),
        )
