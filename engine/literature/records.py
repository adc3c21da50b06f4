"""What a library holds and what a search in it finds, as plain frozen records without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.case import Stretch
from engine.results import Span


@dataclass(frozen=True)
class Abstract:
    """One abstract.

    Parameters
    ----------
    identifier : str
        PubMed's number, or whatever the file calls it; empty where it has none.
    year : int or None
        Of publication; None where it is not known.
    source : str
        The journal, or the file that it came from.
    """

    identifier: str
    title: str
    text: str
    year: int | None = None
    source: str = ""

    @property
    def words(self) -> str:
        """What the model reads: the title, and the text on the next line."""
        return f"{self.title}\n{self.text}" if self.title else self.text

    @property
    def citation(self) -> str:
        """One line to cite it by, of what is known.

        >>> Abstract("77", "On gout", "Gout hurts.", 1991, "J Joints").citation
        'On gout. J Joints. 1991. PMID or id: 77.'
        """
        known = (
            self.title.rstrip("."),
            self.source,
            str(self.year or ""),
            self.identifier and f"PMID or id: {self.identifier}",
        )
        return "".join(f"{part}. " for part in known if part).strip()


@dataclass(frozen=True)
class RefusedRow:
    """A row, an article or a file that could not be taken, and why."""

    where: str
    reason: str


@dataclass(frozen=True)
class Gathered:
    """What a file holds: its abstracts, and what of it was refused."""

    abstracts: tuple[Abstract, ...]
    refused: tuple[RefusedRow, ...] = ()


@dataclass(frozen=True)
class Added:
    """What adding did: how many are new, and how many were there already."""

    new: int
    known: int


@dataclass(frozen=True)
class Match:
    """A sentence of an abstract, by its characters in `Abstract.words`, and its share of the similarity."""

    place: Stretch
    share: float


@dataclass(frozen=True)
class Hit:
    """One abstract that was found.

    Parameters
    ----------
    number : int
        Its number in the library.
    similarity : float
        Cosine of its key and the question's, in [-1, 1].
    sentences : tuple of Match
        Those that carry most of the similarity for their length, the strongest first.
    """

    number: int
    abstract: Abstract
    similarity: float
    sentences: tuple[Match, ...]
    pairs: WordPairs


@dataclass(frozen=True, eq=False)
class WordPairs:
    """Why two texts are alike: the term that each pair of words adds to their similarity.

    Parameters
    ----------
    asked, found : tuple of Span
        The Q words of the question and the A words of the abstract; the relevance of a word is the sum of its terms.
    terms : numpy.ndarray
        ``(Q, A)`` float32.
    rest : float
        Terms of the tokens that stand for no word; with all others they sum to the similarity.
    """

    asked: tuple[Span, ...]
    found: tuple[Span, ...]
    terms: NDArray[np.float32]
    rest: float

    @property
    def similarity(self) -> float:
        """The cosine, in [-1, 1]."""
        return float(self.terms.sum()) + self.rest


@dataclass(frozen=True)
class MatchCheck:
    """Whether the words that are marked in an abstract carry its similarity, against as many words picked at random.

    Parameters
    ----------
    whole, without_marked : float
        Similarity with all words, and without the marked ones.
    without_random, low, high : float
        Mean similarity without as many random words, and the lowest and highest of the draws' middle 95 %.
    removed, words, draws : int
        How many words were taken away, of how many, and how often at random.
    """

    whole: float
    without_marked: float
    without_random: float
    low: float
    high: float
    removed: int
    words: int
    draws: int

    @property
    def passed(self) -> bool:
        """Whether the marked words matter more than 95 % of the random choices."""
        return self.without_marked < self.low


@dataclass(frozen=True)
class Found:
    """The answer to a question: the best hits, of how many abstracts, and the share of the question that was read."""

    hits: tuple[Hit, ...]
    searched: int
    model_digest: str
    seconds: float
    coverage: float = 1.0
