"""How well identifiers are found: recall by character and by identifier, precision, and false alarms, by note."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.deidentify.identifiers import Identifier, IdentifierKind
from engine.deidentify.plant import Seeded
from engine.evaluation.metrics import interval
from engine.evaluation.report import to_metric
from engine.models.card import Metric

_REPEATS = 1000
Find = Callable[[str], Sequence[Identifier]]


@dataclass(frozen=True)
class Tally:
    """A share, counted in one note: `part` of `whole`."""

    part: float
    whole: float


def measure(notes: Sequence[Seeded], find: Find, *, seed: int = 0) -> dict[str, Metric]:
    """Find the identifiers of notes in which they are known.

    An identifier is found where every letter and figure of it is covered, whatever kind it is said to be. What is found
    where nobody knows what stands there counts neither for nor against.

    Returns
    -------
    mapping of str to Metric
        With 95 % intervals by note (bootstrap); `n` counts identifiers, or what was found for precision.
    """
    rows = [_tallies(note, find(note.text)) for note in notes]
    names = sorted({name for row in rows for name in row})
    return {name: _metric([row.get(name, Tally(0, 0)) for row in rows], seed) for name in names}


def count_alarms(notes: Sequence[Seeded], find: Find, *, seed: int = 0) -> Metric:
    """False alarms a note, in notes without identifiers but what `Seeded.unknown` may hide."""
    rows = [Tally(sum(_alarm(note, one) for one in find(note.text)), 1) for note in notes]
    return _metric(rows, seed)


def missed(note: Seeded, found: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """The identifiers of a note of which anything was left."""
    covered = _covered(note.text, found)
    signs = _signs(note.text)
    return tuple(one for one in note.identifiers if (signs & ~covered)[one.start : one.end].any())


def alarms(note: Seeded, found: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """What was found where nothing had been planted."""
    return tuple(one for one in found if _alarm(note, one))


def _tallies(note: Seeded, found: Sequence[Identifier]) -> Mapping[str, Tally]:
    covered, signs = _covered(note.text, found), _signs(note.text)
    planted = _covered(note.text, note.identifiers) & signs
    lost = set(missed(note, found))
    row = {
        "recall of identifiers": Tally(len(note.identifiers) - len(lost), len(note.identifiers)),
        "recall of characters": Tally(float((planted & covered).sum()), float(planted.sum())),
        "precision": Tally(sum(not _alarm(note, one) for one in found), len(found)),
    }
    for kind in IdentifierKind:
        ours = [one for one in note.identifiers if one.kind is kind]
        row[f"recall of identifiers: {kind.value}"] = Tally(sum(one not in lost for one in ours), len(ours))
    return row


def _alarm(note: Seeded, one: Identifier) -> bool:
    places = [(known.start, known.end) for known in note.identifiers] + list(note.unknown)
    return all(end <= one.start or start >= one.end for start, end in places)


def _covered(text: str, found: Sequence[Identifier]) -> NDArray[np.bool_]:
    """``(C,)``: the characters that identifiers cover."""
    covered = np.zeros(len(text), bool)
    for one in found:
        covered[one.start : one.end] = True
    return covered


def _signs(text: str) -> NDArray[np.bool_]:
    """``(C,)``: the letters and figures."""
    return np.array([sign.isalnum() for sign in text], bool)


def _metric(rows: Sequence[Tally], seed: int) -> Metric:
    """The ratio of the sums, with its interval over notes drawn again."""
    part, whole = np.array([row.part for row in rows]), np.array([row.whole for row in rows])
    drawn = np.random.default_rng(seed).integers(0, len(rows), (_REPEATS, len(rows)))
    ratios = part[drawn].sum(1) / np.maximum(whole[drawn].sum(1), 1)
    found = interval(np.concatenate([[part.sum() / max(whole.sum(), 1)], ratios]))
    return to_metric(found, int(whole.sum()))
