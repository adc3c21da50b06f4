"""Figures of answers to questions: exact match by the kind of answer, and whether seeing the image helped.

Exact match: Lau et al., Scientific Data 5, 2018. Resamples draw whole images, so that both sides of a difference are
always of the same questions.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Interval, interval, mean_of, share_of

if TYPE_CHECKING:
    from engine.tasks.task import Example

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

MOVED = "answer_changes_with_the_image"  # for one of another part of the body, under the same question
_DECIMALS = 8


@dataclass(frozen=True, eq=False)
class Answered:
    """N questions with the first answer of each.

    Parameters
    ----------
    said : tuple of str
        The most probable answer.
    probability : numpy.ndarray
        ``(N,)`` calibrated, of that answer.
    given : numpy.ndarray
        ``(N,)`` bool: False where the model says that it cannot tell.
    blind : tuple of str
        The most probable answer with the image absent.
    """

    examples: tuple[Example, ...]
    said: tuple[str, ...]
    probability: Floats
    given: Flags
    blind: tuple[str, ...]

    @property
    def closed(self) -> Flags:
        """``(N,)``: the answer is yes or no, or among those that the question names."""
        return np.array([example.traits["answer"] == "closed" for example in self.examples])

    @property
    def right(self) -> Flags:
        """``(N,)``: the first answer is the true one."""
        return _match(self.said, self.examples)

    @property
    def right_blind(self) -> Flags:
        """``(N,)``: the first answer without the image is the true one."""
        return _match(self.blind, self.examples)


def question_metrics(answered: Answered, weights: Floats) -> dict[str, Interval]:
    """All figures that need no second model, with intervals by bootstrap weights ``(1 + B, N)``."""
    right, blind, given = answered.right, answered.right_blind, answered.given  # (N,) each
    kinds = {"": np.ones_like(right), "_closed": answered.closed, "_open": ~answered.closed}
    found = {}
    for ending, rows in kinds.items():
        found[f"exact_match{ending}"] = share_of(right, weights, rows)
        found[f"exact_match_without_image{ending}"] = share_of(blind, weights, rows)
        found[f"image_gain{ending}"] = difference(right, blind, weights, rows)
    found["answered"] = share_of(given, weights)
    found["exact_match_when_answered"] = share_of(right, weights, given)
    found["calibration_gap"] = _gap(answered.probability, right, weights)
    return found


def difference(one: Flags, other: Flags, weights: Floats, rows: Flags | None = None) -> Interval:
    """How much larger the share of `one` ``(N,)`` is than that of `other`, on the same resamples of `rows`."""
    return mean_of(one.astype(np.float64) - other, weights, rows)


def _gap(probability: Floats, right: Flags, weights: Floats, bins: int = 10) -> Interval:
    """Expected calibration error of the first answers (Naeini et al., AAAI 2015), in bins of equal width."""
    member = np.minimum((probability * bins).astype(int), bins - 1)  # (N,)
    off = [np.abs(weights[:, member == one] @ (probability - right)[member == one]) for one in range(bins)]
    return interval(np.sum(off, axis=0) / weights.sum(axis=1))


def _match(said: Sequence[str], examples: Sequence[Example]) -> Flags:
    return np.array([answer in example.truth for answer, example in zip(said, examples, strict=True)])


@dataclass(frozen=True, eq=False)
class QuestionEvaluation:
    """What a model answered to N questions, with its figures."""

    task: str
    model_digest: str
    answered: Answered
    metrics: dict[str, Interval]

    @property
    def n(self) -> int:
        """Number of questions."""
        return len(self.answered.examples)

    def to_json(self) -> dict[str, Any]:
        """The record that ``attending evaluate --json`` writes."""
        metrics = {name: metric.to_json(self.n) for name, metric in self.metrics.items()}
        return {"task": self.task, "n": self.n, "model_digest": self.model_digest, "metrics": metrics}

    def write_csv(self, path: Path) -> None:
        """Write one row a question: id, true answer, first answer, kind of answer, probability."""
        answered = self.answered
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["case_id", "truth", "answer", "answer_type", "p"])
            for example, said, p in zip(answered.examples, answered.said, answered.probability, strict=True):
                kind = example.traits["answer"].upper()
                writer.writerow([example.case_id, example.truth[0], said, kind, round(float(p), _DECIMALS)])
