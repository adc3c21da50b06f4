"""Files with text in them that is no note: documents of other office programs, and markup of kinds not known here."""

from __future__ import annotations

import json
import re

from engine.errors import UnsupportedContent
from engine.io.archive import packed_names
from engine.io.limits import NOTE_BYTES
from engine.io.note_docx import is_docx
from engine.words import tr

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # what Word, Excel and PowerPoint wrote before 2007
_PACKED = frozenset({"mimetype", "[Content_Types].xml"})  # OpenDocument and EPUB; Office since 2007
_XML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\s")
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[{\[]")


def refuse_foreign(content: bytes) -> None:
    """Refuse the documents of office programs but DOCX, which else would be archives of markup.

    Raises
    ------
    UnsupportedContent
        Where it is one.
    """
    if content.startswith(_COMPOUND) or (packed_names(content) & _PACKED and not is_docx(content)):
        raise UnsupportedContent(
            tr("It is a document of an office program, of a kind that is not read here."),
            tr("Save it as DOCX, PDF or plain text."),
        )


def refuse_markup(content: bytes) -> None:
    """Refuse what no reader of notes has known for its own, and is XML or JSON all the same.

    Raises
    ------
    UnsupportedContent
        Where it is.
    """
    if _XML.match(content) or (_JSON.match(content) and len(content) <= NOTE_BYTES and _is_json(content)):
        raise UnsupportedContent(
            tr("It is XML or JSON, but neither a C-CDA document nor a FHIR report."),
            tr("Export the note as C-CDA, FHIR, PDF or plain text."),
        )


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
