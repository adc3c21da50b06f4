"""The letters of a PDF: embedded DejaVu Sans for Latin, Greek and Cyrillic, the viewer's own font for Chinese.

A character that none of them has is printed as a visible sign of replacement and counted; scripts that need shaping are
among those, because letters in the wrong order would read as other words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, CHINESE = "DejaVuSans", "DejaVuSans-Bold", "STSong-Light"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_FOLDER = Path(__file__).parent / "typefaces"
_CHINESE_CODE = "gbk"  # what STSong-Light has: Adobe-GB1 holds all of GBK
_FIRST_IDEOGRAPH = "\u2e80"
_GREY = "#e6eaee"  # stays where a viewer has no Chinese font, so that nothing vanishes unseen


@dataclass(frozen=True)
class Printable:
    """Text as a PDF can print it.

    Parameters
    ----------
    markup : str
        Escaped, for a paragraph of reportlab.
    missing : int
        How many characters were replaced.
    borrowed : bool
        Whether the viewer's own Chinese font is needed.
    """

    markup: str
    missing: int
    borrowed: bool


@cache
def register() -> frozenset[str]:
    """Register the fonts, once a process, and return the characters of the embedded ones."""
    faces = []
    for name in (REGULAR, BOLD):
        font = TTFont(name, str(_FOLDER / f"{name}.ttf"))
        pdfmetrics.registerFont(font)
        faces.append({chr(code) for code in font.face.charToGlyph})
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
    return frozenset(faces[0] & faces[1])


def printable(text: str) -> Printable:
    r"""Turn any text into what the fonts can print.

    Examples
    --------
    >>> printable("a < b\tα").markup
    'a &lt; b α'
    >>> printable("肺炎 ok").markup
    '<font name="STSong-Light" backColor="#e6eaee">肺炎</font> ok'
    >>> printable("\x00\u0e01").missing
    2
    """
    drawn = [_drawn(character) for character in unicodedata.normalize("NFC", text) if not _inkless(character)]
    runs = [
        (chinese, escape("".join(character for character, _ in run)).replace("\n", "<br/>"))
        for chinese, run in groupby(drawn, key=lambda pair: pair[1])
    ]
    markup = "".join(
        f'<font name="{CHINESE}" backColor="{_GREY}">{words}</font>' if chinese else words for chinese, words in runs
    )
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
    if character >= _FIRST_IDEOGRAPH and _in_chinese_font(character):
        return character, True
    return REPLACEMENT, False


def _in_chinese_font(character: str) -> bool:
    try:
        character.encode(_CHINESE_CODE)
    except UnicodeEncodeError:
        return False
    return True
