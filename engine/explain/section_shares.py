"""How a map is spread over the sections of a note, and over its sentences; each with its length beside it.

A long section gathers relevance by being long: its share means something only beside its share of the words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.case import Stretch
from engine.io.sections import Section, SectionKind, sentences, split_sections
from engine.results import Span


@dataclass(frozen=True)
class NoteSection:
    """Consecutive parts of a note that are about the same.

    Parameters
    ----------
    headings : tuple of str
        As they are written; empty for what stands before the first heading.
    start, end : int
        Its characters, the headings included.
    words : int
        As they are counted by blanks.
    """

    kind: SectionKind
    headings: tuple[str, ...]
    start: int
    end: int
    words: int


@dataclass(frozen=True)
class SectionShare:
    """What a section holds of a map.

    Parameters
    ----------
    speaks_for, against : float
        Shares of all relevance, for and against alike, in [0, 1].
    extent : float
        Its share of the words that were read, in [0, 1]; 0 where the model read none of it.
    """

    speaks_for: float
    against: float
    extent: float

    @property
    def net(self) -> float:
        """What it adds to the label, less what it takes from it, in [-1, 1]."""
        return self.speaks_for - self.against

    @property
    def density(self) -> float:
        """All its relevance beside its length: 1 where its words weigh what words weigh on average."""
        return (self.speaks_for + self.against) / self.extent if self.extent else 0.0


def note_sections(text: str) -> tuple[NoteSection, ...]:
    """Cut a note into sections of one kind each, in its order; together they hold all its characters.

    Examples
    --------
    >>> [(str(s.kind), s.headings, s.words) for s in note_sections("CC: Cough. HPI: A week. PLAN: Rest.")]
    [('history', ('CC', 'HPI'), 5), ('plan', ('PLAN',), 2)]
    """

    def joined(parts: Sequence[Section]) -> NoteSection:
        start, end = parts[0].start, parts[-1].end
        headings = tuple(part.heading for part in parts if part.heading)
        return NoteSection(parts[0].kind, headings, start, end, len(text[start:end].split()))

    return tuple(joined(list(parts)) for _, parts in groupby(split_sections(text), key=lambda part: part.kind))


def note_sentences(text: str) -> tuple[Stretch, ...]:
    """Cut a note into sentences, none of which runs on into another section.

    Examples
    --------
    >>> [text[s.start : s.end] for text in ["HPI: A week, PLAN: Rest."] for s in note_sentences(text)]
    ['HPI: A week,', 'PLAN: Rest.']
    """
    return tuple(one for part in split_sections(text) for one in sentences(text, part.start, part.end))


def section_shares(
    sections: Sequence[NoteSection], spans: Sequence[Span], *, total: float | None = None
) -> tuple[SectionShare, ...]:
    """Tell what each section of a note holds of a map on its words.

    Parameters
    ----------
    spans : sequence of Span
        The words that were read, in the order of the note.
    total : float or None
        What the shares are of: the sum of all relevance without its sign where nothing is given. Two maps that are
        held against each other are shares of the same.
    """
    whole = total if total is not None else sum(abs(span.relevance) for span in spans)
    whole = whole or 1.0
    starts = [span.start for span in spans]
    found = []
    for section in sections:
        inside = spans[bisect_left(starts, section.start) : bisect_left(starts, section.end)]
        pro = sum(span.relevance for span in inside if span.relevance > 0)
        con = -sum(span.relevance for span in inside if span.relevance < 0)
        found.append(SectionShare(pro / whole, con / whole, len(inside) / max(len(spans), 1)))
    return tuple(found)


def sentence_sums(places: Sequence[Stretch], spans: Sequence[Span]) -> tuple[float | None, ...]:
    """Sum a map up by sentence, in multiples of an average sentence that was read.

    Returns
    -------
    tuple of float or None
        One a sentence; None where the model read no word of it.

    Examples
    --------
    >>> sentence_sums([Stretch(0, 9), Stretch(10, 12)], [Span(0, 4, 1.0), Span(5, 8, 2.0), Span(10, 12, -1.0)])
    (1.5, -0.5)
    """
    starts = [span.start for span in spans]
    inside = [spans[bisect_left(starts, one.start) : bisect_left(starts, one.end)] for one in places]
    sums = [sum(span.relevance for span in words) if words else None for words in inside]
    read = [abs(value) for value in sums if value is not None]
    average = sum(read) / len(read) if any(read) else 1.0
    return tuple(None if value is None else value / average for value in sums)
