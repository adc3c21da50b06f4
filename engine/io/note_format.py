"""The formats in which notes come: the content decides which one, and one `Note` comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.case import Note
from engine.errors import UnsupportedContent, UploadError
from engine.io.note import note_of, read_note, sound_text
from engine.io.note_cda import looks_like_cda, read_cda
from engine.io.note_document import check_document_size, is_rtf, read_rtf
from engine.io.note_docx import is_docx, read_docx
from engine.io.note_fhir import looks_like_fhir_note, read_fhir_note
from engine.io.note_html import is_html, read_html
from engine.io.note_message import looks_like_message, read_message
from engine.io.note_parts import Gathered, Part, told_once
from engine.io.note_pdf import read_pdf
from engine.words import recorded, speaking, spoken, tr

_WRAPPERS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes], Gathered]]] = {
    "C-CDA": (looks_like_cda, read_cda),
    "HL7 v2": (looks_like_message, read_message),
    "FHIR": (looks_like_fhir_note, read_fhir_note),
}
_DOCUMENTS: dict[str, tuple[Callable[[bytes], bool], Callable[[str, bytes], Note]]] = {
    "PDF": (lambda data: b"%PDF-" in data[:1024], read_pdf),
    "RTF": (is_rtf, read_rtf),
    "DOCX": (is_docx, read_docx),
    "HTML": (is_html, read_html),
}


def looks_like_formatted_note(data: bytes) -> bool:
    """Whether the bytes are a note in another format than plain text."""
    return any(looks(data) for looks, _ in (*_WRAPPERS.values(), *_DOCUMENTS.values()))


def read_any_note(name: str, data: bytes) -> Note:
    """Read a note: plain text, PDF, RTF, DOCX, HTML, C-CDA, an HL7 v2 message, or a FHIR report.

    Parameters
    ----------
    name : str
        What the reader calls the file; nothing is decided by it.

    Raises
    ------
    UploadError
        One of its kinds, where no text can be had. Nothing else is raised for any content.
    """
    for kind, (looks, read) in _WRAPPERS.items():
        if looks(data):
            check_document_size(len(data))
            return _joined(name, read(data), data, kind)
    return _read_document(name, data)


def _joined(name: str, gathered: Gathered, data: bytes, kind: str) -> Note:
    """One note of all parts of a wrapper, under the wrapper's own digest; what cannot be read of it is said.

    Raises
    ------
    UploadError
        Where no part can be read: why the first cannot.
    """
    read = [_part(name, part, kind) for part in gathered.parts]
    notes = [one for one in read if isinstance(one, Note)]
    failed = [one for one in read if isinstance(one, UploadError)]
    if not notes:
        first = failed[0]
        raise type(first)(spoken(first.happened), spoken(first.advice))
    left_out = [recorded("A document within the file was not read: {why}", why=one.happened) for one in failed]
    warnings = [*gathered.warnings, *left_out, *(words for one in notes for words in one.warnings)]
    inner = dict.fromkeys(one.format for one in notes if one.format != kind)
    text = "\n\n".join(told_once([one.text for one in notes]))
    outer = note_of(name, text, data, kind, warnings=tuple(dict.fromkeys(warnings)))
    return replace(outer, format=f"{' + '.join(inner)} in {kind}") if inner else outer


def _part(name: str, part: Part, kind: str) -> Note | UploadError:
    """Read one part of a wrapper; why it cannot be read is said in English, as it is kept with the note."""
    if isinstance(part, UploadError):
        return part
    with speaking("en"):
        try:
            if isinstance(part, str):
                return note_of(name, sound_text(part), part.encode("utf-8", "replace"), kind)
            if any(looks(part) for looks, _ in _WRAPPERS.values()):
                return UnsupportedContent(
                    tr("The {kind} document wraps another one of its like.", kind=kind), tr("Drop the inner one.")
                )
            return _read_document(name, part)
        except UploadError as error:
            return error


def _read_document(name: str, data: bytes) -> Note:
    for looks, read in _DOCUMENTS.values():
        if looks(data):
            return read(name, data)
    return read_note(name, data)
