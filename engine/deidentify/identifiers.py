"""What identifies a person in a note: the kinds, after the list of the HIPAA Safe Harbor (45 CFR 164.514(b)(2)).

Years alone, ages up to 89, states and countries are no identifiers there, and none here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.words import mark


class IdentifierKind(StrEnum):
    """A kind of identifier; its first letter stands for it beside the words."""

    NAME = mark("name")
    DATE = mark("date")
    PLACE = mark("place")
    ORGANISATION = mark("organisation")
    ID = mark("ID number")
    CONTACT = mark("contact")
    AGE = mark("age over 89")

    @property
    def letter(self) -> str:
        """One capital letter, another for each kind."""
        return self.value[0].upper()


@dataclass(frozen=True)
class Identifier:
    """The characters [start, end) of a text that may identify a person.

    Parameters
    ----------
    score : float
        How sure its finder is, in (0, 1]; no probability that was calibrated.
    finder : str
        Who found it: ``"model"``, ``"pattern"`` or ``"reader"``.
    """

    start: int
    end: int
    kind: IdentifierKind
    score: float = 1.0
    finder: str = "reader"


def without_overlaps(found: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Join identifiers that overlap, in the order of the text: what any of them covers stays covered.

    The kind and finder are those of the surest part, of the longest among equals.

    >>> without_overlaps([Identifier(0, 5, IdentifierKind.NAME, 0.6), Identifier(3, 9, IdentifierKind.DATE, 0.9)])
    (Identifier(start=0, end=9, kind=<IdentifierKind.DATE: 'date'>, score=0.9, finder='reader'),)
    """
    joined: list[Identifier] = []
    for one in sorted(found, key=lambda each: (each.start, -each.end)):
        last = joined[-1] if joined else None
        if last is None or one.start >= last.end:
            joined.append(one)
            continue
        lead = max(last, one, key=lambda each: (each.score, each.end - each.start))
        joined[-1] = Identifier(last.start, max(last.end, one.end), lead.kind, lead.score, lead.finder)
    return tuple(joined)


def marked_words(text: str, words: str, kind: IdentifierKind) -> tuple[Identifier, ...]:
    """Every place of some words in a text, as a reader marks them: whatever their case, and whole words only.

    >>> [one.start for one in marked_words("Ann saw ann, not Anna.", "Ann", IdentifierKind.NAME)]
    [0, 8]
    """
    sought = words.strip()
    if not sought:
        return ()
    shape = rf"(?<!\w){re.escape(sought)}(?!\w)"
    return tuple(Identifier(match.start(), match.end(), kind) for match in re.finditer(shape, text, re.IGNORECASE))
