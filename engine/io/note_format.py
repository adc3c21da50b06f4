"""The formats in which notes come: the content decides which one, and one `Note` comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.case import Note
from engine.errors import UnsupportedContent
from engine.io.note import note_of, read_note, read_pdf, sound_text
from engine.io.note_cda import looks_like_cda, read_cda
from engine.io.note_document import check_document_size, is_docx, is_rtf, read_docx, read_rtf
from engine.io.note_fhir import looks_like_fhir_note, read_fhir_note
from engine.io.note_message import looks_like_message, read_message
from engine.words import tr

# What is read from them is text, or the bytes of a document that they wrap.
_WRAPPERS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes], str | bytes]]] = {
    "C-CDA": (looks_like_cda, read_cda),
    "HL7 v2": (looks_like_message, read_message),
    "FHIR": (looks_like_fhir_note, read_fhir_note),
}
_DOCUMENTS: dict[str, tuple[Callable[[bytes], bool], Callable[[str, bytes], Note]]] = {
    "PDF": (lambda data: b"%PDF-" in data[:1024], read_pdf),
    "RTF": (is_rtf, read_rtf),
    "DOCX": (is_docx, read_docx),
}


def looks_like_formatted_note(data: bytes) -> bool:
    """Whether the bytes are a note in another format than plain text."""
    return any(looks(data) for looks, _ in (*_WRAPPERS.values(), *_DOCUMENTS.values()))


def read_any_note(name: str, data: bytes) -> Note:
    """Read a note: plain text, PDF, RTF, DOCX, C-CDA, an HL7 v2 message, or a FHIR report.

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
            said = read(data)
            return _unwrapped(name, said, data, kind) if isinstance(said, bytes) else _note(name, said, data, kind)
    return _read_document(name, data)


def _note(name: str, text: str, data: bytes, kind: str) -> Note:
    return note_of(name, sound_text(text), data, kind)


def _unwrapped(name: str, inner: bytes, data: bytes, kind: str) -> Note:
    """The note that a wrapper carries, under the wrapper's own digest."""
    if any(looks(inner) for looks, _ in _WRAPPERS.values()):
        raise UnsupportedContent(
            tr("The {kind} document wraps another one of its like.", kind=kind), tr("Drop the inner one.")
        )
    found = _read_document(name, inner)
    outer = _note(name, found.text, data, kind)
    return replace(outer, format=f"{found.format} in {kind}")


def _read_document(name: str, data: bytes) -> Note:
    for looks, read in _DOCUMENTS.values():
        if looks(data):
            return read(name, data)
    return read_note(name, data)
