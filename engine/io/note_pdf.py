"""PDF (ISO 32000) by pypdf: the text layer, what was typed into its forms and notes, and which pages are scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from engine.case import Note
from engine.errors import PasswordProtected, TooLarge, UnsupportedContent
from engine.io.limits import MIB, NOTE_BYTES, PDF_PAGES
from engine.io.note import note_of, sound_text
from engine.io.seam import reading
from engine.words import recorded, tr

_STAMP = 20  # words on a page that are no more than what a fax machine or an archive prints over a scan
_SCAN = 250_000  # pixels of a picture that may be a page; a letterhead's logo has fewer
_DRAWN = 400  # bytes of a page's own drawing, beyond which letters may have been drawn as lines
_FORMS_DEEP = 4
_SILENT = frozenset({"/Link", "/Popup", "/Widget"})


def read_pdf(name: str, data: bytes) -> Note:
    """Read the text layer of a PDF, page after page, each with what was typed into its forms and notes.

    Raises
    ------
    PasswordProtected
        Where it cannot be opened without a password.
    UnsupportedContent
        Where it has pages and no text: a scan.
    TooLarge
        Where it has too many pages or too much text.
    DamagedFile
        Where it cannot be parsed.
    """
    with reading("PDF"):
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted and not _opens_without_password(reader):
            raise PasswordProtected(tr("The PDF is protected by a password."), tr("Save it without one."))
        if len(reader.pages) > PDF_PAGES:
            raise TooLarge(tr("The PDF has more than {most} pages.", most=PDF_PAGES), tr("Drop the pages of one note."))
        text, unread = _pages(reader)
        if not text.strip():
            raise UnsupportedContent(
                tr("The PDF has no text: it is a scan."), tr("Paste the text, or drop a PDF with a text layer.")
            )
        return note_of(name, text, data, "PDF", warnings=tuple(_warnings(reader, unread)))


def _pages(reader: PdfReader) -> tuple[str, list[int]]:
    """The text of all pages, and the numbers of those that are pictures of text."""
    said: list[str] = []
    unread: list[int] = []
    size = 0
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        if _is_picture(page, len(text.split())):
            unread.append(number)
        said += [text, *_typed(page)]
        size += len(text)
        if size > NOTE_BYTES:
            raise TooLarge(
                tr("The PDF has more than {most} MiB of text.", most=NOTE_BYTES // MIB),
                tr("Drop the pages of one note."),
            )
    return sound_text("\n\n".join(said)), unread


def _warnings(reader: PdfReader, unread: list[int]) -> Iterator[str]:
    if unread:
        pages = ", ".join(map(str, unread))
        yield recorded("Pages of the PDF that are scans or drawings were not read: {pages}.", pages=pages)
    if "/EmbeddedFiles" in (_resolved(_resolved(reader.trailer["/Root"]).get("/Names")) or {}):
        yield recorded("Files that are attached to the PDF were not read.")


def _is_picture(page: PageObject, words: int) -> bool:
    """Whether a page shows more than its text layer says: a scan, stamped with a line or not, or letters drawn."""
    if words >= _STAMP:
        return False
    if any(pixels >= _SCAN for pixels in _pictures(page.get("/Resources"), 0)):
        return True
    contents = page.get_contents()
    return words == 0 and contents is not None and len(contents.get_data()) > _DRAWN


def _pictures(resources: Any, depth: int) -> Iterator[int]:
    """Pixels of each picture that a page uses, those within its forms too."""
    objects = _resolved((_resolved(resources) or {}).get("/XObject")) or {}
    for one in map(_resolved, objects.values()):
        if one.get("/Subtype") == "/Image":
            yield int(one.get("/Width", 0)) * int(one.get("/Height", 0))
        elif depth < _FORMS_DEEP:
            yield from _pictures(one.get("/Resources"), depth + 1)


def _typed(page: PageObject) -> Iterator[str]:
    """What was typed into the fields of a form, and into notes upon the page: neither is in its text layer."""
    for one in map(_resolved, _resolved(page.get("/Annots")) or ()):
        kind = one.get("/Subtype")
        if kind == "/Widget":
            name, value = _inherited(one, "/T"), _inherited(one, "/V")
            if value not in (None, "", "/Off"):
                yield f"{name}: {str(value).removeprefix('/')}" if name else str(value)
        elif kind not in _SILENT and one.get("/Contents"):
            yield str(_resolved(one["/Contents"]))


def _inherited(field: Mapping[str, Any], key: str) -> Any:
    """An entry of a form's field, or of the field that it is a part of."""
    found = field.get(key)
    return _resolved(found if found is not None else (_resolved(field.get("/Parent")) or {}).get(key))


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _opens_without_password(reader: PdfReader) -> bool:
    """Many PDFs are encrypted only against changes and open with an empty password."""
    try:
        return bool(reader.decrypt(""))
    except (DependencyError, FileNotDecryptedError, NotImplementedError):
        return False
