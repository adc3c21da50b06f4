"""The letters of a PDF: embedded DejaVu Sans for Latin, Greek and Cyrillic, embedded Droid Sans Fallback for Chinese.

A character that neither of them has is printed as a visible sign of replacement and counted; scripts that need shaping
are among those, because letters in the wrong order would read as other words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, CHINESE = "DejaVuSans", "DejaVuSans-Bold", "DroidSansFallback"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_FOLDER = Path(__file__).parent / "typefaces"
_FIRST_IDEOGRAPH = "\u2e80"  # what comes before is printed in the Latin font, so that words of one script look alike


@dataclass(frozen=True)
class Printable:
    """Text as a PDF can print it.

    Parameters
    ----------
    markup : str
        Escaped, for a paragraph of reportlab.
    missing : int
        How many characters were replaced.
    chinese : bool
        Whether it has Chinese characters: their lines break anywhere, not only at blanks.
    """

    markup: str
    missing: int
    chinese: bool


@cache
def register() -> frozenset[str]:
    """Register the Latin fonts, once a process, and return their characters."""
    faces = [_registered(name) for name in (REGULAR, BOLD)]
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    return faces[0] & faces[1]


@cache
def _chinese() -> frozenset[str]:
    """Register the Chinese font, when the first of its characters is printed, and return them."""
    return _registered(CHINESE)


def _registered(name: str) -> frozenset[str]:
    font = TTFont(name, str(_FOLDER / f"{name}.ttf"))
    pdfmetrics.registerFont(font)
    return frozenset(chr(code) for code in font.face.charToGlyph)


def printable(text: str) -> Printable:
    r"""Turn any text into what the fonts can print.

    Examples
    --------
    >>> printable("a < b\tα").markup
    'a &lt; b α'
    >>> printable("肺炎 ok").markup
    '<font name="DroidSansFallback">肺炎</font> ok'
    >>> printable("\x00\u0e01").missing
    2
    """
    drawn = [_drawn(character) for character in unicodedata.normalize("NFC", text) if not _inkless(character)]
    runs = [
        (chinese, escape("".join(character for character, _ in run)).replace("\n", "<br/>"))
        for chinese, run in groupby(drawn, key=lambda pair: pair[1])
    ]
    markup = "".join(f'<font name="{CHINESE}">{words}</font>' if chinese else words for chinese, words in runs)
    missing = sum(character == REPLACEMENT for character, _ in drawn)
    return Printable(markup, missing, any(chinese for _, chinese in drawn))


def _inkless(character: str) -> bool:
    """Marks of format and carriage returns: they have no ink, and some would turn the text around."""
    return character == "\r" or unicodedata.category(character) == "Cf"


def _drawn(character: str) -> tuple[str, bool]:
    """What is printed for a character, and whether the Chinese font prints it."""
    if character in register() or character == "\n":
        return character, False
    if character == "\t" or unicodedata.category(character) == "Zs":
        return " ", False
    if character >= _FIRST_IDEOGRAPH and character in _chinese():
        return character, True
    return REPLACEMENT, False
