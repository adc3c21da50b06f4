"""Which treatments a note's plan names, and what of the note is withheld from a model that is to suggest them.

The rules, in order:

1. Plan, medications, procedure and course of treatment are the sections that state treatment (`engine.io.sections`).
2. A treatment is true for a note where a sentence of these sections names it (`engine.tasks.treatment_lexicon`) and
   does not deny or end it (`engine.io.negation`). Drugs count in plan and medications; procedures count in the plan and
   in the first `TITLE` characters of a procedure section that is no description of how it was done. The course of
   treatment is withheld and never mined: it tells of tests as much as of treatment.
3. All of these sections are withheld, and every other sentence that names any treatment of the lexicon, denied or not.
   What is withheld never depends on what was mined, so that a note without a plan is cut alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.case import Stretch
from engine.io.negation import Assertion, assertion_of
from engine.io.sections import Section, SectionKind, sentences, split_sections
from engine.tasks.treatment_lexicon import TREATMENTS, Treatment

STATING = frozenset({SectionKind.PLAN, SectionKind.MEDICATIONS, SectionKind.PROCEDURE, SectionKind.COURSE})
TITLE = 400  # characters: the name of an operation stands first

_DESCRIPTION = re.compile(r"description|detail|technique|note|an[ae]?esthe|drain|tourniquet", re.IGNORECASE)
_ANY = re.compile("|".join(f"(?:{treatment.pattern.pattern})" for treatment in TREATMENTS), re.IGNORECASE)


def mined_treatments(text: str) -> tuple[str, ...]:
    """Name the treatments that a note's plan, medications and procedures state, in the order of the lexicon.

    Examples
    --------
    >>> mined_treatments("HISTORY: Reflux. PLAN: Start omeprazole, stop ibuprofen.")
    ('acid suppression',)
    """
    found: set[str] = set()
    for section in split_sections(text):
        for sentence in _mined_sentences(text, section):
            said = text[sentence.start : sentence.end]
            if _ANY.search(said):
                found |= {treatment.name for treatment in _countable(section) if _states(said, treatment)}
    return tuple(treatment.name for treatment in TREATMENTS if treatment.name in found)


def withheld(text: str) -> tuple[Stretch, ...]:
    """Find the parts of a note that a model of treatments must not read, in order, without overlap.

    Examples
    --------
    >>> withheld("HISTORY: Reflux. Takes omeprazole. PLAN: Rest.")
    (Stretch(start=17, end=46),)
    """
    parts: list[Stretch] = []
    for section in split_sections(text):
        for part in _withheld_of(text, section):
            if parts and not text[parts[-1].end : part.start].strip():
                parts[-1] = Stretch(parts[-1].start, part.end)
            else:
                parts.append(part)
    return tuple(parts)


def without(text: str, parts: tuple[Stretch, ...]) -> str:
    """Blank parts of a text out; every other character stays at its place.

    >>> without("Reflux. Omeprazole.", (Stretch(8, 19),))
    'Reflux.            '
    """
    letters = list(text)
    for part in parts:
        letters[part.start : part.end] = " " * (part.end - part.start)
    return "".join(letters)


def states_treatment(text: str) -> bool:
    """Tell whether a note has a section from which treatments are mined."""
    return any(next(_mined_sentences(text, section), None) for section in split_sections(text))


def _withheld_of(text: str, section: Section) -> Iterator[Stretch]:
    if section.kind in STATING:
        yield section.stretch
        return
    for sentence in sentences(text, section.body, section.end):
        if _ANY.search(text, sentence.start, sentence.end):
            yield sentence


def _mined_sentences(text: str, section: Section) -> Iterator[Stretch]:
    if section.kind in (SectionKind.PLAN, SectionKind.MEDICATIONS):
        yield from sentences(text, section.body, section.end)
    elif section.kind is SectionKind.PROCEDURE and not _DESCRIPTION.search(section.heading):
        yield from sentences(text, section.body, min(section.end, section.body + TITLE))


def _countable(section: Section) -> tuple[Treatment, ...]:
    if section.kind is SectionKind.PLAN:
        return TREATMENTS
    drugs = section.kind is SectionKind.MEDICATIONS
    return tuple(treatment for treatment in TREATMENTS if treatment.drug is drugs)


def _states(sentence: str, treatment: Treatment) -> bool:
    return any(
        assertion_of(sentence, place.start, place.end) in (Assertion.AFFIRMED, Assertion.POSSIBLE)
        for place in treatment.mentions(sentence)
    )
