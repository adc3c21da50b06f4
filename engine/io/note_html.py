"""Notes as HTML: what a page says, without its marks, scripts and comments, by lxml and the reader of narratives."""

from __future__ import annotations

import re

from lxml import etree, html

from engine.case import Note
from engine.errors import EmptyFile
from engine.io.encodings import decode_text
from engine.io.narrative import narrative_text
from engine.io.note import note_of, sound_text
from engine.io.note_document import PICTURES, check_document_size, left_out
from engine.io.seam import reading
from engine.words import tr

_START = re.compile(
    rb"\A[\xef\xbb\xbf\s]*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S
)
_DECLARED = re.compile(r"\A[\ufeff\s]*<\?xml[^>]*>")
_UNSEEN = ("head", "script", "style", "template", "noscript")
_HEAD = 4096


def is_html(data: bytes) -> bool:
    """Whether the bytes begin as a page of HTML."""
    return _START.match(data[:_HEAD]) is not None


def read_html(name: str, data: bytes) -> Note:
    """Read what a page says, a line for each paragraph, item and row.

    Raises
    ------
    UploadError
        Where it is too large, nested too deeply, or has no text.
    """
    check_document_size(len(data))
    text = _DECLARED.sub("", decode_text(data))
    with reading("HTML"):
        root = html.document_fromstring(text, parser=html.HTMLParser(remove_comments=True, remove_pis=True))
        etree.strip_elements(root, *_UNSEEN, with_tail=False)
        body = root.find("body")
        if body is None:
            raise EmptyFile(tr("The note has no text."), tr("Drop a note with text in it, or paste it."))
        pictures = (left_out(PICTURES),) if body.find(".//img") is not None else ()
        said = narrative_text(body)
    return note_of(name, sound_text(said), data, "HTML", warnings=pictures)
