"""Figures of drafted impressions: ROUGE against what was written, and what of a draft its findings do not say.

Findings that repeat make any figure easy, and so do normal reports: figures are given of all, of distinct findings, and
without normal ones. Resamples draw groups of equal findings.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.drafts import CheckKind
from engine.evaluation.metrics import Interval, mean_of, share_of
from engine.evaluation.rouge import Rouge, rouge
from engine.io.chest_findings import check

if TYPE_CHECKING:
    from engine.tasks.task import Example

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
NORMAL = "normal"


@dataclass(frozen=True, eq=False)
class Impressions:
    """N reports with what was generated for them.

    Parameters
    ----------
    generated : tuple of str
        The best draft of each, whether it would be shown or not.
    confidence : numpy.ndarray
        ``(N,)``: mean probability of a word piece.
    shown : numpy.ndarray
        ``(N,)`` bool: the draft would be shown.
    """

    examples: tuple[Example, ...]
    generated: tuple[str, ...]
    confidence: Floats
    shown: Flags

    @property
    def known(self) -> Flags:
        """``(N,)``: somebody wrote an impression."""
        return np.array([bool(example.written) for example in self.examples])

    def rouge(self) -> dict[Rouge, Floats]:
        """F1 of every report, ``(N,)`` each; 0 where no impression was written."""
        pairs = zip(self.examples, self.generated, strict=True)
        found = [rouge(example.written, text) for example, text in pairs]
        return {kind: np.array([one[kind] for one in found]) for kind in Rouge}


def distinct(examples: Sequence[Example]) -> Flags:
    """Mark, ``(N,)``, the first example of each group."""
    first = {example.group: rank for rank, example in reversed(list(enumerate(examples)))}
    return np.array([first[example.group] == rank for rank, example in enumerate(examples)])


def draft_metrics(drafted: Impressions, weights: Floats) -> dict[str, Interval]:
    """All figures of drafts, with intervals by bootstrap weights ``(1 + B, N)``; none of parts that are empty."""
    known, shown = drafted.known, drafted.shown  # (N,) each
    found = {
        f"{kind}{ending}": mean_of(values, weights, rows)
        for kind, values in drafted.rouge().items()
        for ending, rows in parts_of(drafted).items()
        if rows.any()
    }
    found["shown"] = share_of(shown, weights)
    written = tuple(example.written for example in drafted.examples)
    for name, texts, rows in (("drafts shown", drafted.generated, shown), ("impressions written", written, known)):
        for kind in (CheckKind.NOT_THERE, CheckKind.DENIED) if rows.any() else ():
            found[f"{name} with a finding {kind}"] = share_of(_names(texts, drafted.examples, kind), weights, rows)
    return found


def parts_of(drafted: Impressions) -> dict[str, Flags]:
    """The reports ``(N,)`` that each figure of a draft is of, by the end of its name."""
    known, shown = drafted.known, drafted.shown  # (N,) each
    normal = np.array([NORMAL in example.truth for example in drafted.examples])  # (N,)
    return {
        "": known,
        " of distinct findings": known & distinct(drafted.examples),
        " without normal reports": known & ~normal,
        " of shown drafts": known & shown,
        " of withheld drafts": known & ~shown,
    }


def _names(texts: Sequence[str], examples: Sequence[Example], kind: CheckKind) -> Flags:
    """Whether each text says something of a kind that its findings do not, ``(N,)``."""
    pairs = zip(texts, examples, strict=True)
    return np.array([any(one.kind is kind for one in check(text, example.text or "")) for text, example in pairs])


def add_to_csv(drafted: Impressions, path: Path) -> None:
    """Add the impression that was written, the one that was generated, and whether it is shown, to a table of cases.

    Parameters
    ----------
    path : pathlib.Path
        As `engine.evaluation.evaluate.Evaluation.write_csv` wrote it, rows in the order of `drafted`.
    """
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*header, "reference", "generated", "shown"])
        for row, example, text, shown in zip(rows, drafted.examples, drafted.generated, drafted.shown, strict=True):
            writer.writerow([*row, example.written, text, int(shown)])
