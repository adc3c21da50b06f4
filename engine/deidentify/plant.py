"""Notes that name nobody, with identifiers planted in them: what a tagger learns from and is measured on.

Whatever stood for an identifier in the source (``Dr. X``, a date) makes room for a forged one, so that most stand where
a writer put them; others come in headers, signatures and sentences, and in the place of "the patient".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.deidentify.forge import Forge
from engine.deidentify.identifiers import Identifier, IdentifierKind
from engine.deidentify.templates import ENTRIES, NOBODY, SEPARATORS, SWAPPED, TRAINING, Templates

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_TITLED = r"\b(?P<title>(?:Dr|Mr|Mrs|Ms|Miss|Drs)\.?\s+)(?P<who>(?!Is\b|The\b)[A-Z][\w'-]*(?:[ ]+[A-Z][a-z'-]+){0,2})"
_PLACEHOLDER = r"\b(?:XYZ\w*|ABC\w*|Abcd?|Xyz|X{3,}|MM/DD/YYYY|Doe|John Doe)\b|_{3,}|\*{2,}"
_ROOM = re.compile(
    rf"""{_TITLED}
    |(?P<hospital>\b(?:[A-Z][\w'.]+[ ]){{1,2}}(?:Hospital|Medical[ ]Center)\b|\bMayo[ ]Clinic\b)
    |(?P<full_date>\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b|\b{_MONTH}[ ]\d{{1,2}}(?:st|nd|rd|th)?,?[ ](?:19|20)\d\d\b
        |\bMM/DD/YYYY\b)
    |(?P<date>\b{_MONTH}[ ]\d{{1,2}}(?:st|nd|rd|th)?\b)
    |(?P<month>\b{_MONTH},?[ ](?:of[ ])?(?:19|20)\d\d\b|(?<=\bin[ ]){_MONTH}\b|(?<=\bof[ ]){_MONTH}\b
        |(?<=\bsince[ ]){_MONTH}\b)
    |(?P<old>\b9\d(?=-year|[ ]year|-yr|[ ]y/o|[ ]yo))
    |(?P<phone>\(?\d{{3}}\)?[- ]\d{{3}}-\d{{4}}\b)
    |(?P<unknown>{_PLACEHOLDER})""",
    re.VERBOSE,
)
_PATIENT = re.compile(r"\b(?:The|the|This|this) patient(?! was in| population)\b(?!'s)")
_PLACES = {
    "the hospital": ("{hospital}", "the hospital in {city}"),
    "on admission": ("on {date}", "on admission to {hospital} on {date}"),
    "today": ("today, {date},", "on {date}"),
    "at home": ("at home in {city}", "at {street}"),
    "yesterday": ("on {date}", "yesterday, {date}"),
    "emergency department": ("{hospital} emergency department",),
    "the clinic": ("{hospital}", "the {city} clinic"),
    "an MRI": ("an MRI ({accession})", "an MRI of {date}"),
}
_HELD_PLACES = {
    "emergency room": ("emergency room of {hospital}",),
    "operating room": ("operating room at {hospital}",),
    "postoperatively": ("postoperatively on {date}",),
    "a CT scan": ("a CT scan dated {date}", "a CT scan (no. {accession})"),
    "his wife": ("his wife {first}",),
    "her husband": ("her husband, {first} {last},",),
    "her mother": ("her mother {name}",),
    "the surgeon": ("the surgeon, {name},",),
}
_SOME_WORD = re.compile(r"(?<= )[A-Za-z]{3,}(?=[ ,.;)])")
_SWAPS = 0.015
"""Share of the words of a training note that make room for an identifier, whatever stands around them: what is learnt
from templates alone does not leave them."""
_SENTENCE_END = re.compile(r"(?<=[a-z]{2}[.])\s+(?=[A-Z])|\n+")
_FIELD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Seeded:
    """A note with identifiers whose places are known.

    Parameters
    ----------
    identifiers : tuple of Identifier
        In the order of the text, without overlap.
    unknown : tuple of tuple of int
        Characters [start, end) of which nobody knows whether they stand for an identifier.
    """

    text: str
    identifiers: tuple[Identifier, ...]
    unknown: tuple[tuple[int, int], ...] = ()


_UNKNOWN = "unknown"
_Part = tuple[str, "IdentifierKind | str | None"]


def fill(template: str, forge: Forge) -> list[_Part]:
    """Write a template out, in parts of one kind each."""
    parts: list[_Part] = []
    for place, text in enumerate(_FIELD.split(template)):
        parts.append(forge.make(text) if place % 2 else (text, None))
    return parts


def plant(
    text: str, forge: Forge, templates: Templates = TRAINING, *, sentences: int = 4, framed: float = 0.6
) -> Seeded:
    """Plant identifiers in a note.

    Parameters
    ----------
    templates : Templates
        Those of training also put identifiers in the place of random words.
    sentences : int
        At most so many are put between those of the note.
    framed : float
        How often there is a header, and how often a signature.
    """
    training = templates is TRAINING
    parts = _made_room(text, forge, held=not training)
    parts = _between(_swapped(parts, forge) if training else parts, forge, templates, sentences)
    if forge.chance(framed):
        parts = fill(_header(forge) if training else forge.one(*templates.headers), forge) + parts
    if forge.chance(framed):
        parts += fill(forge.one(*templates.signatures), forge)
    return _joined(_recased(parts, forge))


def bare(text: str) -> Seeded:
    """Say where a note as it came may have held identifiers, and plant none."""
    parts: list[_Part] = []
    last = 0
    for match in _ROOM.finditer(text):
        start = match.start("who") if match["who"] else match.start()
        parts += [(text[last:start], None), (text[start : match.end()], _UNKNOWN)]
        last = match.end()
    return _joined([*parts, (text[last:], None)])


def _made_room(text: str, forge: Forge, held: bool) -> list[_Part]:
    """The note with forged identifiers where others had been."""
    parts: list[_Part] = []
    last = 0
    for match in _ROOM.finditer(text):
        parts += _plain(text[last : match.start()], forge, held)
        parts += _instead(match, forge)
        last = match.end()
    return parts + _plain(text[last:], forge, held)


def _instead(match: re.Match[str], forge: Forge) -> list[_Part]:
    if match["title"]:
        return [
            (match["title"], None),
            *fill(forge.one("{last}", "{last}", "{last}", "{first} {last}", "{first}"), forge),
        ]
    field = match.lastgroup or _UNKNOWN
    if field == _UNKNOWN:
        return [(match[0], _UNKNOWN)]
    return [forge.make("full_date" if field == "date" and forge.chance(0.5) else field)]


def _plain(text: str, forge: Forge, held: bool) -> list[_Part]:
    """Words between identifiers, some of which say who, when and where instead of hinting at it."""
    hooks = _HELD_PLACES if held else _PLACES
    pattern = re.compile("|".join([_PATIENT.pattern, *(rf"\b{re.escape(hook)}\b" for hook in hooks)]))
    parts: list[_Part] = []
    last = 0
    for match in pattern.finditer(text):
        word = match[0]
        choices: Sequence[str] = hooks.get(word) or (
            "{first}",
            "{last}",
            "{name}",
            "Mr. {last}",
            "Ms. {last}",
            "Mrs. {first} {last}",
            "{initials}",
        )
        if not forge.chance(0.25 if word in hooks else 0.03 if held else 0.12):
            continue
        parts += [(text[last : match.start()], None), *fill(forge.one(*choices), forge)]
        last = match.end()
    return [*parts, (text[last:], None)]


def _swapped(parts: list[_Part], forge: Forge) -> list[_Part]:
    """The parts with identifiers in the place of some words, in contexts that no template has."""
    result: list[_Part] = []
    for text, kind in parts:
        last = 0
        for match in _SOME_WORD.finditer(text) if kind is None else ():
            if forge.chance(_SWAPS):
                result += [(text[last : match.start()], None), *fill(forge.one(*SWAPPED), forge)]
                last = match.end()
        result.append((text[last:], kind))
    return result


def _header(forge: Forge) -> str:
    """A header of a template, or one put together of entries."""
    if forge.chance(0.5):
        return forge.one(*TRAINING.headers)
    between = forge.one(*SEPARATORS)
    entries = (forge.one(*ENTRIES) for _ in range(int(forge.generator.integers(1, 7))))
    parts = (entry.partition("{") for entry in entries)
    cased = (f"{label.upper() if forge.chance(0.3) else label}{sign}{field}" for label, sign, field in parts)
    return between.join(cased) + forge.one("\n", "\n\n", ". ")


def _between(parts: list[_Part], forge: Forge, templates: Templates, most: int) -> list[_Part]:
    """The parts with sentences between their own; half as many again name nobody."""
    room = [
        (rank, end.end())
        for rank, (text, kind) in enumerate(parts)
        if kind is None
        for end in _SENTENCE_END.finditer(text)
    ]
    wanted = int(forge.generator.integers(0, most + 1))
    wording = [forge.one(*templates.sentences) for _ in range(wanted)]
    wording += [forge.one(*NOBODY) for _ in range((wanted + 1) // 2)]
    chosen = [room[int(pick)] for pick in forge.generator.integers(0, len(room), len(wording))] if room else []
    made = dict(zip(chosen, wording, strict=False))
    result: list[_Part] = []
    for rank, (text, kind) in enumerate(parts):
        last = 0
        for place in sorted(at for here, at in made if here == rank):
            result += [(text[last:place], None), *fill(made[rank, place], forge), (" ", None)]
            last = place
        result.append((text[last:], kind))
    return result


def _recased(parts: list[_Part], forge: Forge) -> list[_Part]:
    """Some notes are typed in one case only, and some identifiers."""
    change = _case_of(forge, 0.10, 0.05)
    if change:
        return [(change(text), kind) for text, kind in parts]
    each = [
        _case_of(forge, 0.05, 0.06)
        if kind in (IdentifierKind.NAME, IdentifierKind.PLACE, IdentifierKind.ORGANISATION, IdentifierKind.DATE)
        else None
        for _, kind in parts
    ]
    return [(change(text) if change else text, kind) for (text, kind), change in zip(parts, each, strict=True)]


def _case_of(forge: Forge, lower: float, upper: float) -> Callable[[str], str] | None:
    drawn = forge.generator.random()
    return str.lower if drawn < lower else str.upper if drawn < lower + upper else None


def _joined(parts: Iterable[_Part]) -> Seeded:
    """One text of the parts; names that stand side by side are one, and so are places."""
    text = ""
    found: list[Identifier] = []
    unknown: list[tuple[int, int]] = []
    for words, kind in parts:
        start, text = len(text), text + words
        if kind == _UNKNOWN:
            unknown.append((start, len(text)))
        elif isinstance(kind, IdentifierKind):
            if (
                found
                and found[-1].kind is kind
                and text[found[-1].end : start] in (" ", ", ")
                and kind in (IdentifierKind.NAME, IdentifierKind.PLACE)
            ):
                start = found.pop().start
            found.append(Identifier(start, len(text), kind))
    return Seeded(text, tuple(found), tuple(unknown))
