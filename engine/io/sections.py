"""The sections of a clinical note, found by their headings, and its sentences; characters of the note are coordinates.

Headings as dictated notes write them: capitals and a colon, at the beginning of a line or after a sentence; and, alone
or at the beginning of a line, the usual names in any case. What the names mean follows the LOINC document ontology's
sections (Rajamani et al., AMIA 2014), much shortened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from engine.case import Stretch
from engine.words import mark


class SectionKind(StrEnum):
    """What a section of a note is about."""

    ALLERGIES = mark("allergies")
    FAMILY = mark("family history")
    REVIEW = mark("review of systems")
    MEDICATIONS = mark("medications")
    PLAN = mark("plan")
    ASSESSMENT = mark("assessment")
    COURSE = mark("course")
    SOCIAL = mark("social history")
    HISTORY = mark("history")
    FINDINGS = mark("findings")
    PROCEDURE = mark("procedure")
    EXAM = mark("examination")
    DATA = mark("laboratory and imaging")
    OTHER = mark("other")


@dataclass(frozen=True)
class Section:
    """A part of a note.

    Parameters
    ----------
    heading : str
        As it is written, without its colon; empty for what stands before the first heading.
    start, end : int
        Its characters, the heading included.
    body : int
        First character after the heading and its colon.
    """

    heading: str
    kind: SectionKind
    start: int
    body: int
    end: int

    @property
    def stretch(self) -> Stretch:
        """Its characters, the heading included."""
        return Stretch(self.start, self.end)


# The first that fits counts: "medication allergies" are allergies, "indications for procedure" a history.
_NAMES: tuple[tuple[SectionKind, str], ...] = (
    (SectionKind.ALLERGIES, r"allerg(?:y|ies|ens?)\b|\bnkda\b"),
    (SectionKind.FAMILY, r"^family\b(?! practice)|\bfamily (?:medical |psychiatric )?history|^f[. ]?hx?\b"),
    (SectionKind.REVIEW, r"review of (?:other )?systems?|^ros\b"),
    (
        SectionKind.MEDICATIONS,
        r"\bmedications?\b|\bmeds?\b|\bmedicines\b|^drugs?$|\bprescriptions?\b|premedications?|^infusions?$",
    ),
    (
        SectionKind.PLAN,
        r"\bplans?\b|recommend|\btreatments?\b|\btherap(?:y|ies)\b|disposition|instructions?\b|\bfollow[ -]?up\b"
        r"|\bmanagement\b|\borders?\b|\bintervention|\bgoals?\b|medical decision making|^rx$|^p$|^a ?[/&] ?p$",
    ),
    (
        SectionKind.ASSESSMENT,
        r"diagnos[ei]s|assessment|impression|\bdx\b|conclusion|formulation|\baxis\b|^problems?\b|problem list|^a$"
        r"|summary$",
    ),
    (SectionKind.COURSE, r"\bcourse\b|delivery note"),
    (SectionKind.SOCIAL, r"^(?:personal|social|sexual|legal|occupational)\b|^s[. ]?hx?\b|^habits$"),
    (
        SectionKind.HISTORY,
        r"history|\bhx\b|^hpi\b|\bpmhx?\b|\bpshx?\b|^subjective|complaints?\b|\breasons?\b|\bindications?\b|illness"
        r"|immunizations?|background|identifying|identification|^s$|\bcc\b|symptoms",
    ),
    (SectionKind.FINDINGS, r"^(?:(?!procedure|technique|operation).)*\bfindings?\b(?!.*(?:procedure|technique))"),
    (
        SectionKind.PROCEDURE,
        r"procedure|operati(?:on|ve)|surger(?:y|ies)|\btechnique\b|an[ae]?esthe|\bimplants?\b|\bdetails? of\b"
        r"|^description$|hardware|components|^title\b|prosthesis|^drains?$|tourniquet",
    ),
    (
        SectionKind.EXAM,
        r"\bexam(?:ination)?s?\b|^pe$|^vitals?\b|vital signs|^general(?: appearance)?$|^gen$|heent|^objective"
        r"|mental status",
    ),
    (
        SectionKind.DATA,
        r"\blab(?:orator(?:y|ies)|s)?\b|\bstud(?:y|ies)\b|imaging|radiolog|x-?rays?\b|\bdata\b|\be[ck]g\b|patholog"
        r"|\bresults\b",
    ),
)
_KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in _NAMES)

_NUMBER = r"(?:\d{1,2}[.)][ \t]*)?"
_MARKED = r"[#*_]{0,6}[ \t]*"  # Markdown, as other programs write notes
_END = r"[ \t]*[*_]{0,3}[ \t]*"
_HEADING = re.compile(
    # capitals and a colon, at the beginning of a line or after a sentence
    rf"(?:^[ \t]*{_MARKED}|(?<=[.,;])[ \t]*){_NUMBER}(?P<capitals>[A-Z][A-Z0-9 /&,'()-]{{0,60}}?){_END}:[*_]{{0,3}}"
    # any case and a colon, at the beginning of a line
    rf"|^[ \t]*{_MARKED}{_NUMBER}(?P<usual>[A-Za-z][A-Za-z /&,'()-]{{0,48}}?){_END}:[*_]{{0,3}}"
    # capitals and a dash, at the beginning of a line
    r"|^[ \t]*(?P<dashed>[A-Z][A-Z /&]{2,40}?)[ \t]+[-–—][ \t]+(?=\S)"
    # alone on its line
    rf"|^[ \t]*{_MARKED}{_NUMBER}(?P<alone>[A-Z][A-Za-z /&-]{{3,40}}?){_END}$",
    re.MULTILINE,
)
_MOST_WORDS = 6  # of a heading that is not written in capitals: "Patient states the following:" is none

_SMALL = frozenset({"of", "and", "the", "in", "on", "for", "with", "at", "to", "or", "/", "&", "-"})

_STOP = re.compile(r"[.!?]+(?=[\"')\]]*\s)|\n")
_NO_STOP = re.compile(r"(?:\b(?:Dr|Mr|Mrs|Ms|St|vs|No|approx|Jr|Sr|e\.g|i\.e)|(?:^|\s)[A-Z]|(?:^|\s)\d{1,2})$")
_FULL_LINE = 40  # letters of a line that may have been broken where it was full, rather than where something ends
_ENDED = tuple(".!?:;")
_GOES_ON = re.compile(r"[ \t]*(?![a-z][.)])[a-z]")  # in small letters, and no "a." of a list


def split_sections(text: str) -> tuple[Section, ...]:
    """Cut a note at its headings, into parts that cover it from its first character to its last, in order.

    A heading that names nothing known here, such as an organ, goes on with the kind of the section before it: "HEART:"
    after "PHYSICAL EXAMINATION:" is examined, after "PLAN:" it is planned for.

    Examples
    --------
    >>> [(part.heading, str(part.kind)) for part in split_sections("HISTORY: Cough. PLAN: Rest.")]
    [('HISTORY', 'history'), ('PLAN', 'plan')]
    """
    found = [(match, name) for match in _HEADING.finditer(text) if (name := _name(match))]
    edges = [*(match.start(match.lastgroup or 0) for match, _ in found), len(text)]
    parts, kind = [], SectionKind.OTHER
    if edges[0] > 0:
        parts.append(Section("", kind, 0, 0, edges[0]))
    for (match, name), (start, end) in zip(found, pairwise(edges), strict=True):
        kind = kind_of(name) or kind
        parts.append(Section(name, kind, start, match.end(), end))
    return tuple(parts)


def kind_of(heading: str) -> SectionKind | None:
    """Tell what a heading announces; None where it names nothing known.

    >>> kind_of("DISCHARGE MEDICATIONS"), kind_of("ABDOMEN")
    (<SectionKind.MEDICATIONS: 'medications'>, None)
    """
    name = " ".join(heading.casefold().split())
    return next((kind for kind, pattern in _KINDS if pattern.search(name)), None)


def sentences(text: str, start: int = 0, end: int | None = None) -> Iterator[Stretch]:
    """Yield the sentences of a part of a note, without the blanks around them.

    A line feed ends one too, but where a full line goes on in small letters, as PDF and mail break them.

    Examples
    --------
    >>> [text[s.start : s.end] for text in ["Seen by Dr. Low. 2.5 mg daily."] for s in sentences(text)]
    ['Seen by Dr. Low.', '2.5 mg daily.']
    """
    end = len(text) if end is None else end
    begin = start
    for match in _STOP.finditer(text, start, end):
        if match[0] == "." and _NO_STOP.search(text, begin, match.start()):
            continue
        if match[0] == "\n" and _is_broken(text, match.start()):
            continue
        yield from _trimmed(text, begin, match.end())
        begin = match.end()
    yield from _trimmed(text, begin, end)


def _is_broken(text: str, at: int) -> bool:
    """Whether the line that ends at a place goes on in the next."""
    line = text[text.rfind("\n", 0, at) + 1 : at].rstrip()
    return len(line) >= _FULL_LINE and not line.endswith(_ENDED) and _GOES_ON.match(text, at + 1) is not None


def _trimmed(text: str, start: int, end: int) -> Iterator[Stretch]:
    inside = text[start:end]
    if inside.strip():
        yield Stretch(start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip()))


def _name(match: re.Match[str]) -> str:
    """The heading that was matched; empty where it only looks like one."""
    name = match[match.lastgroup or 0]
    if match.lastgroup == "capitals" and len(name) > 1:
        return name
    known = kind_of(name) is not None and len(name.split()) <= _MOST_WORDS
    if match.lastgroup == "alone":
        known = known and (name.isupper() or all(word[0].isupper() or word in _SMALL for word in name.split()))
    return name if known else ""
