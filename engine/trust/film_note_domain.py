"""Whether a note that came with a film is one for the model: in its language, on a child of its ages."""

from __future__ import annotations

import re

from tokenizers import Tokenizer

from engine.case import Note
from engine.trust.language import language_reasons
from engine.trust.question_domain import word_reasons
from engine.words import mark, recorded

_IN_A_YEAR = {"year": 1.0, "yr": 1.0, "y": 1.0, "month": 12.0, "mo": 12.0, "week": 52.18, "day": 365.25}
_AGE = re.compile(
    r"\b(?P<number>\d{1,3})[\s-]*(?P<unit>year|yr|month|mo|week|day)s?[\s-]*(?:old|of age)\b"
    r"|\b(?P<short>\d{1,3})\s*(?P<letter>y)\s*[/.]?\s*o\b"
    r"|\b(?:aged?|age:)\s*(?P<stated>\d{1,3})\b(?!\s*(?:months?|weeks?|days?))",
    re.IGNORECASE,
)


def stated_years(text: str) -> float | None:
    """The first age that a note states, in years; None where it states none.

    Examples
    --------
    >>> stated_years("An 18-month-old girl."), stated_years("67 y/o male."), stated_years("Seen today.")
    (1.5, 67.0, None)
    """
    match = _AGE.search(text)
    if match is None:
        return None
    number = float(match["number"] or match["short"] or match["stated"])
    return number / _IN_A_YEAR[(match["unit"] or match["letter"] or "year").lower()]


def note_reasons(note: Note, tokenizer: Tokenizer, ages: tuple[float, float] | None) -> list[str]:
    """What puts a note outside; empty where nothing does.

    Parameters
    ----------
    ages : tuple of float or None
        Youngest and oldest that the model knows, in whole years; None where they are not known.
    """
    years = stated_years(note.text)
    if ages is not None and years is not None and not ages[0] <= years < ages[1] + 1:
        outside = mark(
            "The note is on a patient outside the ages that the model knows, {youngest:g} to {oldest:g} years."
        )
        return [recorded(outside, youngest=ages[0], oldest=ages[1])]
    return language_reasons(note.text, tokenizer) or word_reasons(note.text, tokenizer, kind=mark("note"))
