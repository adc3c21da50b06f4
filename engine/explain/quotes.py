"""The sentences of a long note that carry an answer: a summary by quotation, which cannot say what the note does not.

A sentence carries what the map gives to its words together. Sentences as of `engine.io.sections`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.io.sections import sentences
from engine.results import Span


@dataclass(frozen=True)
class Quote:
    """The characters [start, end) of a sentence, and its share, in (0, 1], of all that speaks for the answer."""

    start: int
    end: int
    share: float


def key_sentences(text: str, spans: Sequence[Span], *, most: int = 3) -> tuple[Quote, ...]:
    """Choose the sentences that speak most for an answer, and put them in the order of the note.

    Of sentences that say the same, as notes do that are carried forward, the one that speaks most is quoted.

    Parameters
    ----------
    spans : sequence of Span
        The map, in characters of `text`; negative relevance counts against its sentence.

    Examples
    --------
    >>> key_sentences("He skis. His knee locks.", [Span(0, 2, 0.5), Span(13, 17, 1.5)], most=1)
    (Quote(start=9, end=24, share=0.75),)
    """
    found = []
    for sentence in sentences(text):
        carried = sum(span.relevance for span in spans if sentence.start <= span.start < sentence.end)
        if carried > 0:
            found.append((carried, sentence))
    total = sum(carried for carried, _ in found)
    ranked = sorted(found, key=lambda one: -one[0])
    first = [ranked[at] for at in unrepeated([text[one.start : one.end] for _, one in ranked])][:most]
    quotes = (Quote(sentence.start, sentence.end, carried / total) for carried, sentence in first)
    return tuple(sorted(quotes, key=lambda quote: quote.start))


def unrepeated(said: Sequence[str]) -> list[int]:
    """Ranks of the sentences that say something new, whatever their case and line ends.

    Examples
    --------
    >>> unrepeated(["No fever.", "Rest.", "NO  FEVER."])
    [0, 1]
    """
    first: dict[str, int] = {}
    for rank, words in enumerate(said):
        first.setdefault(" ".join(words.casefold().split()), rank)
    return list(first.values())
