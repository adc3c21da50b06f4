"""Bytes to text: Unicode by its mark or its pattern, Western one-byte letters, and the encodings of other scripts.

Text in another script is no note for the models, but it is one for its reader, and the language gate says why no model
answers. Its encoding is guessed by charset-normalizer, among few.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator

from charset_normalizer import from_bytes

from engine.errors import UnknownFormat
from engine.words import tr

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = ("cp1252", "latin-1")
_OTHER_SCRIPTS = ["gb18030", "big5", "cp932", "cp1251"]
_NARROW_KANA = re.compile("[\uff61-\uff9f]")  # what Chinese looks like when it is taken for Japanese
_LAYOUT = frozenset("\t\n\r\f\v\x1a")
CONTROL = frozenset(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))) - _LAYOUT
"""Characters that no text has."""

_MOST_ACCENTS = 0.3
"""Share of bytes beyond ASCII up to which a one-byte encoding is believed; Western text has a tenth of them."""
_RUNS = re.compile(rb"[\x80-\xff]{2,}")
_FEWEST_IN_RUNS = 8
_SHARE_IN_RUNS = 0.6  # of the bytes beyond ASCII: accents stand alone, two bytes of a character side by side
_FEWEST_NULS = 0.3  # of the high bytes of UTF-16: blanks, digits and Latin letters have them
_MOST_NULS = 0.02  # of its low bytes
_HEAD = 4096
_LONGEST_CHARACTER = 4  # bytes


def decode_text(data: bytes, *, cut: bool = False) -> str:
    """Return the text of the bytes; `cut` where a character at the end may be incomplete.

    Raises
    ------
    UnknownFormat
        Where they are no text.
    """
    for text in _readings(data, cut):
        if text and CONTROL.isdisjoint(text):
            return text
    raise UnknownFormat(
        tr("The content is none of the formats that are read here."),
        tr(
            "Drop DICOM, PNG, JPEG, TIFF, a note (text, PDF, DOCX, RTF, HTML, HL7, C-CDA, FHIR), a course (CSV, FHIR), "
            "FASTA, or a zip of these."
        ),
    )


def _readings(data: bytes, cut: bool) -> Iterator[str]:
    """What the bytes may say, the most probable first; nothing where they cannot be decoded."""
    marked = [encoding for mark, encoding in _MARKS if data.startswith(mark)][:1]
    for encoding in marked or ["utf-8", *_unmarked_utf16(data)]:
        yield _decoded(data, encoding, cut)
    if marked:
        return
    beyond = sum(byte >= 0x80 for byte in data)
    runs = sum(len(run) for run in _RUNS.findall(data))
    if runs >= max(_FEWEST_IN_RUNS, _SHARE_IN_RUNS * beyond):
        yield _of_another_script(data, cut)
    if beyond <= _MOST_ACCENTS * len(data):
        yield from (_decoded(data, encoding, cut) for encoding in _WESTERN)
    yield _of_another_script(data, cut)


def _decoded(data: bytes, encoding: str, cut: bool) -> str:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=not cut)
    except UnicodeDecodeError:
        return ""


def _unmarked_utf16(data: bytes) -> Iterator[str]:
    """UTF-16 that lacks its mark, told by the NUL that every second byte is."""
    even, odd = data[:_HEAD:2], data[1:_HEAD:2]
    for name, high, low in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if high and high.count(0) >= _FEWEST_NULS * len(high) and low.count(0) <= _MOST_NULS * len(low):
            yield name


def _of_another_script(data: bytes, cut: bool) -> str:
    """Text in an East Asian or Cyrillic encoding; empty where most of its letters beyond ASCII are of neither."""
    for spare in range(_LONGEST_CHARACTER if cut else 1):
        for found in from_bytes(data[: len(data) - spare], cp_isolation=_OTHER_SCRIPTS):
            text = str(found)
            if _is_of_another_script(text):
                return text
    return ""


def _is_of_another_script(text: str) -> bool:
    beyond = [letter for letter in text if letter.isalpha() and not letter.isascii()]
    latin = sum(unicodedata.name(letter, "LATIN").startswith("LATIN") for letter in beyond)
    return latin < len(beyond) / 2 and not _NARROW_KANA.search(text)
