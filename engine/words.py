"""What a reader is told, in the reader's language (GNU gettext: the English sentence is the key of its translation).

The language belongs to the context (`contextvars`): every page run speaks its own, and work that it starts in another
thread speaks it too where the context is carried along.

What is told at once is said by `tr`. What is kept, in the store or with a session, is English whoever asked for it:
labels, and sentences that are made by `recorded`. `spoken` says it to a reader.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType

LANGUAGES = MappingProxyType({"en": "English", "zh_CN": "简体中文"})
"""The languages that are spoken, by the name that their speakers give them."""

_LOCALES = Path(__file__).with_name("locales")
_DOMAINS = ("engine", "dashboard")
_RECORDS = _DOMAINS[0]
_BETWEEN = " · "
_FIGURE = re.compile(r"(.+) (\d\.\d+)")
_TELLING = 6  # letters of its own that tell a sentence with places for values from others
_LONGEST = 600  # letters of a sentence of a record
_SHORT = 60  # letters of what stands in a line of the worklist
_MOST_MEANINGS = 100  # databases refuse questions without end
_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language of this context, a key of `LANGUAGES`."""
    return _language.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a language until the end of the block; English where it is none of `LANGUAGES`."""
    token = _language.set(name if name in LANGUAGES else "en")
    try:
        yield
    finally:
        _language.reset(token)


def tr(message: str, /, **values: object) -> str:
    """A sentence in the language of this context.

    Parameters
    ----------
    message : str
        The English sentence, with places for values as `str.format` has them.
    values : object
        What stands in these places; without any, braces are left alone.
    """
    said = _catalogue(language()).gettext(message)
    return said.format(**values) if values else said


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """A sentence about a number of things in the language of this context; the number stands at ``{n}``."""
    return _catalogue(language()).ngettext(one, many, n).format(n=n, **values)


def mark(message: str, /) -> str:
    """Mark a sentence for translation where it is made before a language is known; `tr` speaks it later."""
    return message


def recorded(message: str, /, **values: object) -> str:
    """A sentence of a record: in English, whatever the language of this context; `spoken` says it to a reader.

    Examples
    --------
    >>> with speaking("zh_CN"):
    ...     recorded("It looks upside down.")
    'It looks upside down.'
    """
    return message.format(**values) if values else message


def spoken(said: str, /) -> str:
    """A label or a sentence of a record in the language of this context; as it is where the catalogues lack it.

    A value within a sentence is spoken too, so that a label in it has its name; so are the parts of a headline.

    Examples
    --------
    >>> with speaking("zh_CN"):
    ...     spoken("normal 0.93"), spoken("allergy to penicillin"), spoken("any other words")
    ('正常 0.93', '青霉素类过敏', 'any other words')
    """
    if not said or language() == "en":
        return str(said)
    known = _catalogue(language()).gettext(said)
    if known != said:
        return known
    for pattern, translation in _templates(language()) if len(said) <= _LONGEST else ():
        match = pattern.fullmatch(said)
        if match:
            return "".join(
                words + (spoken(match[place]) if place else "") for words, place, *_ in Formatter().parse(translation)
            )
    head, between, rest = said.partition(_BETWEEN)
    if between:
        return f"{spoken(head)}{between}{spoken(rest)}"
    figure = _FIGURE.fullmatch(said)
    return f"{spoken(figure[1])} {figure[2]}" if figure else str(said)


def meanings(said: str, /) -> tuple[str, ...]:
    """Short English sentences of which some words stand in the language of this context, the closest first.

    With them whoever searches finds what is kept, which is English, by what stands on the screen. None where words are
    of ASCII alone, as they are kept then, and where English is spoken.

    Examples
    --------
    >>> with speaking("zh_CN"):
    ...     meanings("病毒性肺炎")[0], meanings("pneumonia")
    ('viral pneumonia', ())
    """
    sought = said.casefold()
    if language() == "en" or sought.isascii():
        return ()
    found = [(len(shown), message) for message, shown in _short(language()) if sought in shown]
    return tuple(message for _, message in sorted(found)[:_MOST_MEANINGS])


class _Catalogue(gettext.GNUTranslations):
    """A catalogue that can list what is in it."""

    _catalog: dict[str | tuple[str, int], str]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each English sentence that has one form, with its translation."""
        for message, translation in self._catalog.items():
            if isinstance(message, str) and message:
                yield message, translation


@cache
def _templates(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences of records in one language, as patterns of their English; those that say most come first."""
    pairs = [pair for pair in _pairs(name, _RECORDS) if "{" in pair[0]]
    pairs.sort(key=lambda pair: -_letters(pair[0]))
    return tuple((_pattern(message), said) for message, said in pairs if _is_telling(message))


@cache
def _short(name: str) -> tuple[tuple[str, str], ...]:
    """The short sentences of one language, in small letters, with their English."""
    pairs = [pair for domain in _DOMAINS for pair in _pairs(name, domain)]
    return tuple((message, shown.casefold()) for message, shown in dict(pairs).items() if len(shown) <= _SHORT)


def _pairs(name: str, domain: str) -> list[tuple[str, str]]:
    found = gettext.translation(domain, str(_LOCALES), [name], class_=_Catalogue, fallback=True)
    return list(found.pairs()) if isinstance(found, _Catalogue) else []


def _letters(message: str) -> int:
    """How many letters of a sentence are its own, and no value's."""
    return sum(letter.isalpha() for words, *_ in Formatter().parse(message) for letter in words)


def _is_telling(message: str) -> bool:
    """Whether a sentence is known by its own words: it has some letters, or takes no values but numbers."""
    kinds = [kind for _, place, kind, _ in Formatter().parse(message) if place]
    return _letters(message) >= _TELLING or all(kinds)


def _pattern(message: str) -> re.Pattern[str]:
    """What matches a sentence whatever its values are; those with a format are numbers and have no blanks."""
    parts, known = "", set[str]()
    for words, place, kind, _ in Formatter().parse(message):
        parts += re.escape(words)
        if place:
            value = r"\S+?" if kind else ".+?"
            parts += f"(?P={place})" if place in known else f"(?P<{place}>{value})"
            known.add(place)
    return re.compile(parts, re.DOTALL)


@cache
def _catalogue(name: str) -> gettext.NullTranslations:
    """All domains of one language as one; English needs none."""
    catalogue = gettext.NullTranslations()
    if name != "en":
        for domain in _DOMAINS:
            found = gettext.translation(domain, str(_LOCALES), [name], fallback=True)
            found.add_fallback(catalogue)
            catalogue = found
    return catalogue
