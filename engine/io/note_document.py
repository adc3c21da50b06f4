"""Notes from word processors: DOCX (ISO/IEC 29500) by python-docx and RTF by striprtf, in the order of reading.

Headers, footers, comments and text boxes are not read: letterheads hold addresses, and no words of the note.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO

from docx import Document
from docx.document import Document as DocumentPart
from docx.table import Table, _Cell
from striprtf.striprtf import rtf_to_text

from engine.case import Note
from engine.errors import TooLarge
from engine.io.limits import DOCUMENT_BYTES, MIB
from engine.io.note import note_of, sound_text
from engine.io.seam import reading
from engine.words import mark, tr

_BODY = "word/document.xml"
_TABLES_DEEP = 4


def is_rtf(data: bytes) -> bool:
    """Whether the bytes begin as rich text."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rtf")


def is_docx(data: bytes) -> bool:
    """Whether the bytes are a zip archive with the body of a DOCX document in it."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _BODY in archive.namelist()
    except Exception:  # zipfile trusts the directory: IndexError and struct.error are among what it raises
        return False


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
    return note_of(name, sound_text(text), data, "RTF")


def read_docx(name: str, data: bytes) -> Note:
    """Read the paragraphs and tables of a DOCX file; the cells of a row stand side by side, between tabs.

    Raises
    ------
    UploadError
        Where it is too large, unpacks to too much, is damaged, or has no text.
    """
    with reading(mark("DOCX document")):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            check_document_size(sum(member.file_size for member in archive.infolist()))
        document = Document(BytesIO(data))
        text = "\n".join(_blocks(document, depth=0))
    return note_of(name, sound_text(text), data, "DOCX")


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


def _blocks(part: DocumentPart | _Cell, depth: int) -> Iterator[str]:
    for block in part.iter_inner_content():
        if not isinstance(block, Table):
            yield block.text
        elif depth < _TABLES_DEEP:
            for row in block.rows:
                cells = list(dict.fromkeys(cell._tc for cell in row.cells))  # a merged cell comes once a column
                yield "\t".join(" ".join(_blocks(_Cell(cell, block), depth + 1)).strip() for cell in cells)
