"""Notes that wait until the reader has seen what may identify a person in them: none is kept before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine import (
    Case,
    Identifier,
    IdentifierKind,
    Surrogates,
    find_identifiers,
    mark,
    marked_words,
    surrogates_of,
    with_names_replaced,
)

REPLACED = mark("replaced by made-up ones")
VOUCHED = mark("kept as they are: the reader has checked that they name nobody")


@dataclass
class NamesCheck:
    """The notes of one upload that wait.

    Parameters
    ----------
    waiting : list of Case
        The first is the one that is looked at.
    total : int
        How many there were.
    opened : list of str
        The ids of those that are done with, as they are called on the worklist.
    found, marked : list of Identifier
        In the first note: by the program, and by the reader.
    spared : tuple of str
        Words that stay as they are.
    """

    waiting: list[Case]
    surrogates: Surrogates
    total: int = 0
    opened: list[str] = field(default_factory=list)
    found: tuple[Identifier, ...] | None = None
    marked: list[Identifier] = field(default_factory=list)
    spared: tuple[str, ...] = ()

    @classmethod
    def of(cls, cases: Sequence[Case]) -> NamesCheck:
        """Begin with the notes of one upload, whose names become the same other names.

        Raises
        ------
        AttendingError
            If this installation's secret cannot be used.
        """
        return cls(list(cases), surrogates_of(cases), len(cases))

    @property
    def text(self) -> str:
        """The note that is looked at."""
        note = self.waiting[0].note
        return note.text if note is not None else ""

    @property
    def rank(self) -> int:
        """Which of the notes it is, from 1."""
        return self.total - len(self.waiting) + 1

    def look(self) -> tuple[Identifier, ...]:
        """Everything that was found or marked in the note, without overlap, spared words too."""
        if self.found is None:
            self.found = find_identifiers(self.text)
        free = [one for one in self.found if not any(one.start < m.end and m.start < one.end for m in self.marked)]
        return tuple(sorted([*free, *self.marked], key=lambda one: one.start))

    def to_replace(self) -> tuple[Identifier, ...]:
        """What is replaced."""
        return tuple(one for one in self.look() if self.words(one) not in self.spared)

    def words(self, one: Identifier) -> str:
        """The words of an identifier."""
        return self.text[one.start : one.end]

    def mark(self, words: str, kind: IdentifierKind) -> int:
        """Mark some words wherever they stand; return at how many places."""
        places = marked_words(self.text, words, kind)
        kept = [one for one in self.marked if not any(one.start < m.end and m.start < one.end for m in places)]
        self.marked = [*kept, *places]
        self.spared = tuple(word for word in self.spared if word.casefold() != words.strip().casefold())
        return len(places)

    def replaced(self) -> Case:
        """The case with made-up words in the place of what was found."""
        return with_names_replaced(self.waiting[0], self.to_replace(), self.surrogates)

    def done(self, case_id: str) -> None:
        """Go on with the next note."""
        self.opened.append(case_id)
        del self.waiting[0]
        self.found, self.marked, self.spared = None, [], ()
