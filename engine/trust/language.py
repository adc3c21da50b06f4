"""Whether a text is in the language that the text models were taught: English, in sentences, shorthand or lists.

Shorthand, lists of drugs and echo reports have as few of English's commonest words as Spanish has, so what is counted
is evidence of something else: another script, the commonest words of other languages, letters with marks; hardly any
letters at all; and words that the model can only spell. A few words alone say too little, unless by their script.
"""

from __future__ import annotations

import re
import unicodedata

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from tokenizers import Tokenizer

from engine.trust.question_domain import word_reasons
from engine.words import mark, recorded

LEAST_LATIN = 0.7  # share of the letters
LEAST_LETTERS = 0.3  # share of the signs that are no blanks: 0.77 and more in the notes of the training set
FEWEST_WORDS = 8  # under which words are not counted
FEWEST_FOREIGN = 3
LEAST_FOREIGN = 0.1  # share of the words
LEAST_KNOWN = 0.35  # share of the words that are read rather than spelt; an admission in shorthand has 0.6

# German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish and Polish, each once; without what English notes
# use for something else, such as LA, IM, ER, Na, MA, DI, OS, plus, son, met or die.
_FOREIGN = frozenset(
    re.findall(
        r"\S+",
        """
    der und ist nicht mit von dem eine einer einem einen wurde wird sich auf für bei nach auch zum zur keine kein ohne
    seit über sind aus durch vor das ein ich sie
    le les des du une dans avec sans qui que il elle aux cette ses depuis été est et ne
    el los las una unos por para con sin del su sus como más fue desde pero este esta ha años durante sobre de se un
    di che della dei delle nel nella alla gli sono dal dopo per da si
    uma dos das em com não ao foi há pelo pela sem
    het een van voor niet zijn aan bij uit geen hij naar ook wordt werd heeft
    och är inte på som från ett det att av ikke og efter
    się nie jest od przez dla oraz bez
        """,
    )
)
_ENGLISH = ENGLISH_STOP_WORDS - _FOREIGN
_WORD = re.compile(r"[^\W\d_]+")


def language_reasons(text: str, tokenizer: Tokenizer, *, kind: str = mark("note")) -> list[str]:
    """What in a text's language puts it outside; empty where nothing does.

    Parameters
    ----------
    tokenizer : tokenizers.Tokenizer
        The model's.
    kind : str
        What the text is, in the reader's words.
    """
    signs = [sign for sign in text if not sign.isspace()]
    letters = [sign for sign in signs if sign.isalpha()]
    if len(letters) < LEAST_LETTERS * len(signs):
        return [recorded("The {kind} is hardly anything but numbers and signs: there is nothing to read.", kind=kind)]
    words = _WORD.findall(text.casefold())
    if not is_english(text):
        return [recorded("The {kind} is not in English, the one language that the model was taught.", kind=kind)]
    return word_reasons(text, tokenizer, kind=kind, least=LEAST_KNOWN) if len(words) >= FEWEST_WORDS else []


def is_english(text: str) -> bool:
    """Tell whether nothing in a text is evidence of another language; a few words in Latin letters pass.

    Examples
    --------
    >>> is_english("NKDA. Lasix 40 mg po qd.")
    True
    >>> is_english("Keine Hinweise auf eine Pneumonie, kein Erguss und keine Stauung.")
    False
    """
    letters = [sign for sign in text if sign.isalpha()]
    return _latin(letters) >= LEAST_LATIN * len(letters) and not _speaks_another(_WORD.findall(text.casefold()))


def _latin(letters: list[str]) -> int:
    return sum(letter.isascii() or unicodedata.name(letter, "").startswith("LATIN") for letter in letters)


def _speaks_another(words: list[str]) -> bool:
    """Whether the commonest words of other languages, and words with marks, outnumber the commonest of English."""
    if len(words) < FEWEST_WORDS:
        return False
    foreign = sum(word in _FOREIGN or not word.isascii() for word in words)
    english = sum(word in _ENGLISH for word in words)
    return foreign >= FEWEST_FOREIGN and foreign >= LEAST_FOREIGN * len(words) and foreign > english
