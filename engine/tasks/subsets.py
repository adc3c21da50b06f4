"""Whether answers stay calibrated when random parts of a case are absent: the ground on which removal is believed.

A map that is judged by taking parts away is judged by what the model says of what is left: that must not be nonsense
(Hooker et al., NeurIPS 2019; Covert, Lundberg & Lee, JMLR 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluation.metrics import auroc, bootstrap_weights, expected_calibration_error, interval, macro
from engine.evaluation.report import to_metric
from engine.explain.removal import answers
from engine.explain.source_map import players_of
from engine.models.card import Metric, TrustParameters
from engine.models.checkpoint import LoadedModel
from engine.models.output import TokenNetwork
from engine.preprocess.prepared import Prepared
from engine.training.split import folds_by_group
from engine.trust.calibration import calibrate, fit_platt, fit_temperature

SHARES = (0.25, 0.5, 0.75)

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class _Row:
    rank: int
    group: str


def subset_logits(model: LoadedModel, prepared: Prepared, generator: np.random.Generator) -> Floats:
    """Logits of a case whole, and of random shares of its parts, ``(1 + len(SHARES), L)``."""
    players = players_of(prepared.geometry, prepared.inputs.presence)
    draws = generator.random((len(SHARES), len(players)))  # (S, U)
    rank = draws.argsort(axis=1).argsort(axis=1)  # (S, U)
    kept = rank < np.round(np.array(SHARES)[:, None] * len(players))  # (S, U)
    whole = np.ones((1, len(players)), np.bool_)  # (1, U)
    chosen = torch.from_numpy(np.concatenate([whole, kept])).to(model.device)  # (1 + S, U)
    presence = players.presence(chosen, prepared.inputs.presence)  # (1 + S, W, T)
    found = answers(cast(TokenNetwork, model.network), prepared.inputs, presence).mean(dim=1)  # (1 + S, L)
    return np.asarray(found.float().cpu().numpy())


def subset_figures(
    logits: Floats,
    truth: Flags,
    groups: Sequence[str],
    *,
    parts: str,
    multi_label: bool,
    served: TrustParameters | None = None,
    seed: int = 0,
) -> dict[str, Metric]:
    """Calibration and ranking on random shares of the parts, calibrated as whole cases are.

    Parameters
    ----------
    logits : numpy.ndarray
        ``(N, 1 + len(SHARES), L)``, each case whole first.
    truth : numpy.ndarray
        ``(N, L)``.
    groups : sequence of str
        The patient, or the note, of each of the N cases.
    parts : str
        What the parts are, in the names of the figures.
    served : TrustParameters or None
        What calibrates all cases; None fits it on the whole cases of one half, for the other half.
    """
    weights = bootstrap_weights(groups, seed=seed)  # (1 + B, N)
    halves = [(served, np.arange(len(truth)))] if served else _halves(logits[:, 0], truth, groups, multi_label, seed)
    found: dict[str, Metric] = {}
    for rank, share in enumerate(SHARES, start=1):
        probability = np.empty(truth.shape)  # (N, L)
        for trust, rows in halves:
            probability[rows] = calibrate(logits[rows, rank], trust, multi_label=multi_label)
        figures = {"ece": _ece(probability, truth, weights, multi_label)}
        areas = macro(auroc, truth, probability, weights)  # (1 + B,)
        figures |= {"auroc" if truth.shape[1] == 1 else "macro_auroc": areas}
        for name, samples in figures.items():
            found[f"{name}@{share:.0%} of {parts}"] = to_metric(interval(samples), len(truth))
    return found


def _ece(probability: Floats, truth: Flags, weights: Floats, multi_label: bool) -> Floats:
    """Calibration error ``(1 + B,)``: over all labels, or of the first answer where labels exclude one another."""
    if multi_label:
        return expected_calibration_error(truth, probability, weights)
    top = probability.argmax(axis=1)[:, None]  # (N, 1)
    hit, said = np.take_along_axis(truth, top, axis=1), np.take_along_axis(probability, top, axis=1)  # (N, 1) each
    return expected_calibration_error(hit, said, weights)


def _halves(
    whole: Floats, truth: Flags, groups: Sequence[str], multi_label: bool, seed: int
) -> list[tuple[TrustParameters, NDArray[np.int64]]]:
    """What calibrates the cases of each half, fitted on the whole cases ``(N, L)`` of the other, and their ranks."""
    rows = [_Row(rank, group) for rank, group in enumerate(groups)]
    found = []
    for some, rest in folds_by_group(rows, folds=2, seed=seed):
        fitted, scored = (np.array([row.rank for row in part]) for part in (some, rest))
        if multi_label:
            trust = TrustParameters(*fit_platt(whole[fitted], truth[fitted]))
        else:
            trust = TrustParameters((fit_temperature(whole[fitted], truth[fitted].argmax(axis=1)),))
        found.append((trust, scored))
    return found
