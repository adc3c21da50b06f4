"""The measured half of a note classifier's card: what makes its answers believable, and how good they are.

Calibration, threshold and conformal limits are fitted on all validation notes. Figures are cross-fitted: fitted on one
half of the validation groups, scored on the other half, and the other way round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from engine.models.card import Metric
from engine.models.output import ModelInput
from engine.models.text import TextTransformer
from engine.preprocess.text import Pieces, TokenOffsets, cut_windows, window_starts
from engine.results import Method
from engine.tasks.assessment import Assessment
from engine.tasks.many_labels import figures, fit_trust, judge, report
from engine.tasks.map_scales import scales_on
from engine.tasks.one_label import Labelled
from engine.tasks.task import Example
from engine.training.notes import LabelledNotes, predict_notes

SUBSETS = (0.25, 0.5, 0.75, 1.0)  # shares of the first window's words at which the model is tried
MAIN = ("macro_auroc", "micro_f1", "lrap")  # what the subsets and the linear model are compared on
LINEAR = "TF-IDF and logistic regression"
MAP_NOTES = 24  # notes on which the colour scales are measured

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class HeldNotes:
    """Validation notes: as rows of the data set, and as word pieces with their truth."""

    examples: tuple[Example, ...]
    notes: LabelledNotes
    labels: tuple[str, ...]

    @property
    def labelled(self) -> Labelled:
        """The same notes without their words."""
        return Labelled(self.examples, self.notes.truth, self.labels)


def assess(network: TextTransformer, tokenizer: Tokenizer, held: HeldNotes, linear: Floats, *, seed: int) -> Assessment:
    """Fit what trust needs on all validation notes, and measure the model by cross-fitting.

    Parameters
    ----------
    linear : numpy.ndarray
        ``(N, L)`` logits of the linear model for the same notes, treated alike.
    """
    logits = predict_notes(network, tokenizer, held.notes.pieces)  # (N, L)
    labelled = held.labelled
    weights = labelled.weights(seed)  # (1 + B, N)
    judged = judge(logits, labelled, seed)
    metrics = figures(judged, labelled, weights)
    beside = figures(judge(linear, labelled, seed), labelled, weights)
    metrics |= {f"{name} of {LINEAR}": beside[name] for name in MAIN}
    for share in SUBSETS:
        partial = predict_notes(network, tokenizer, held.notes.pieces, first_only=True, kept=share, seed=seed)  # (N, L)
        some = figures(judge(partial, labelled, seed), labelled, weights)
        metrics |= {f"{name}@{share:.0%} of the first window's words": some[name] for name in MAIN}
    return Assessment(fit_trust(logits, held.notes.truth), metrics, report(judged, labelled, weights))


def compare_with_linear(metrics: Mapping[str, Metric]) -> str:
    """Say in one sentence which model does better on the same notes, for the card's limits."""
    pairs = [(name, metrics[name].value, metrics[f"{name} of {LINEAR}"].value) for name in MAIN]
    better = [ours > theirs for _, ours, theirs in pairs]
    verdict = "better" if all(better) else "worse" if not any(better) else "in part better, in part worse"
    figures = ", ".join(f"{name.replace('_', ' ')} {ours:.3f} against {theirs:.3f}" for name, ours, theirs in pairs)
    return f"On the validation notes it does {verdict} than {LINEAR}: {figures}. Its use is the map over words."


def measure_map_scales(
    network: TextTransformer, tokenizer: Tokenizer, notes: LabelledNotes, methods: Sequence[Method] | None = None
) -> dict[str, float]:
    """Measure the colour scale of explanation methods on some notes; of all methods where none are named."""
    return scales_on(network, (_windows(network, tokenizer, pieces) for pieces in notes.pieces[:MAP_NOTES]), methods)


def _windows(network: TextTransformer, tokenizer: Tokenizer, pieces: Pieces) -> tuple[ModelInput, TokenOffsets]:
    inputs, offsets = cut_windows([(pieces, start) for start in window_starts(len(pieces.ids))], tokenizer)
    return inputs.to(next(network.parameters()).device), offsets
