"""Notes as DOCX (ISO/IEC 29500-1, WordprocessingML), opened by python-docx, in the order of reading.

Text boxes, content controls, insertions that nobody has accepted yet, footnotes and endnotes are read; what was deleted
is not. Headers and footers are not read either, as letterheads hold names and addresses; the note says so.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from defusedxml.ElementTree import fromstring
from docx import Document
from docx.opc.part import Part

from engine.case import Note
from engine.io.archive import packed_names
from engine.io.note import note_of, sound_text
from engine.io.note_document import COMMENTS, HEADERS, PICTURES, check_document_size, left_out
from engine.io.seam import reading
from engine.words import mark

_BODY = "word/document.xml"
_BLANKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DELETED = frozenset({"del", "moveFrom", "Fallback"})  # the fallback says what its choice says, for older programs
_UNSAID = _DELETED | {"pPr", "txbxContent"}  # tabs of a style; boxes follow their paragraph
_PICTURED = frozenset({"blip", "imagedata", "OLEObject", "chart", "relIds"})
_NOTED = ("/footnotes", "/endnotes")


def is_docx(data: bytes) -> bool:
    """Whether the bytes are a zip archive with the body of a DOCX document in it."""
    return data.startswith(b"PK\x03\x04") and _BODY in packed_names(data)


def read_docx(name: str, data: bytes) -> Note:
    """Read the paragraphs, tables and text boxes of a DOCX file; the cells of a row stand side by side, between tabs.

    Raises
    ------
    UploadError
        Where it is too large, unpacks to too much, is damaged, or has no text.
    """
    with reading(mark("DOCX document")):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            check_document_size(sum(member.file_size for member in archive.infolist()))
        document = Document(BytesIO(data))
        body = document.element.body
        parts = [(one.reltype, one.target_part) for one in document.part.rels.values() if not one.is_external]
        noted = (_root(part) for kind, part in parts if kind.endswith(_NOTED))
        text = "\n".join(line for root in (body, *noted) for line in _blocks(root))
        warnings = tuple(map(left_out, _left_out(body, parts)))
    return note_of(name, sound_text(text), data, "DOCX", warnings=warnings)


def _left_out(body: Any, parts: list[tuple[str, Part]]) -> Iterator[str]:
    for words, kinds in ((HEADERS, ("/header", "/footer")), (COMMENTS, ("/comments",))):
        if any(_says_something(_root(part)) for kind, part in parts if kind.endswith(kinds)):
            yield words
    if any(_name(node) in _PICTURED for node in _within(body)):
        yield PICTURES


def _root(part: Part) -> Any:
    return fromstring(part.blob, forbid_dtd=True)


def _says_something(root: Any) -> bool:
    return any(line.strip() for line in _blocks(root))


def _blocks(node: Any) -> Iterator[str]:
    """Paragraphs and rows, whatever frames them."""
    for child in node:
        match _name(child):
            case "p":
                yield "".join(_inline(child))
                for box in _inside(child, "txbxContent"):
                    yield from _blocks(box)
            case "tbl":
                yield from ("\t".join(_cells(row)) for row in _inside(child, "tr") if not _is_deleted(row))
            case name if name not in _UNSAID:
                yield from _blocks(child)


def _cells(row: Any) -> Iterator[str]:
    return (" ".join(_blocks(cell)).strip() for cell in _inside(row, "tc"))


def _inline(node: Any) -> Iterator[str]:
    for child in node:
        name = _name(child)
        if name == "t":
            yield child.text or ""
        elif name in _BLANKS:
            yield _BLANKS[name]
        elif name not in _UNSAID:
            yield from _inline(child)


def _inside(node: Any, name: str) -> Iterator[Any]:
    """The outermost elements of a name within another one."""
    for child in node:
        if _name(child) == name:
            yield child
        elif _name(child) not in _DELETED and _name(child) != "tbl":
            yield from _inside(child, name)


def _within(node: Any) -> Iterator[Any]:
    """All elements within another one that were not deleted."""
    for child in node:
        if _name(child) not in _DELETED:
            yield child
            yield from _within(child)


def _is_deleted(row: Any) -> bool:
    return any(_name(mark) == "del" for one in row if _name(one) == "trPr" for mark in one)


def _name(node: Any) -> str:
    """The name of an element without its namespace; comments have none."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
