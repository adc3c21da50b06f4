"""A ranking of labels beside rankings that know no head: how often labels are, and what the nearest cases have.

Both are made from the memory that is shipped with a model, so that nobody needs the training texts for them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Interval, mean_of, ranking_metrics, recall_and_precision
from engine.evaluation.retrieval import cosines
from engine.training.neighbours import popularity, votes_of_nearest
from engine.trust.similar import Memory, names_of

POPULARITY, NEAREST = "popularity", "nearest notes by embedding"
VOTING = 20  # nearest notes that vote: as many as the Review page asks
NEEDS_TEXTS = (
    "The ranking by the nearest notes by TF-IDF needs the training texts, which are not shipped: its figures stand in "
    "the model's card."
)

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


def beside_baselines(
    truth: Flags, probability: Floats, embeddings: Floats, memory: Memory, weights: Floats, *, offered: int
) -> dict[str, Interval]:
    """Measure both baselines, and what a model's ranking gains over each of them on the same cases.

    Parameters
    ----------
    truth, probability : numpy.ndarray
        ``(N, L)``, of the model.
    embeddings : numpy.ndarray
        ``(N, D)``, of the model.
    memory : mapping
        From `engine.trust.similar.remember`.
    weights : numpy.ndarray
        ``(1 + B, N)``.
    """
    known = memory["truth"].numpy()  # (M, L)
    alike = cosines(embeddings, memory["embeddings"].float().numpy())  # (N, M)
    rivals = {
        POPULARITY: popularity(known, len(truth)),
        NEAREST: votes_of_nearest(alike, known, count=VOTING),
    }  # (N, L) each
    found: dict[str, Interval] = {}
    for name, scores in rivals.items():
        own = ranking_metrics(truth, scores, weights, offered=offered)
        found |= {f"{figure} of {name}": one for figure, one in own.items()}
        found |= ranking_gains(truth, probability, scores, weights, offered=offered, over=name)
    return found


def ranking_gains(
    truth: Flags, ours: Floats, theirs: Floats, weights: Floats, *, offered: int, over: str
) -> dict[str, Interval]:
    """By how much one ranking ``(N, L)`` is better than another one on the same cases and the same resamples."""
    known = truth.any(axis=1)  # (N,)
    pairs = [recall_and_precision(truth[known], scores[known], offered=offered) for scores in (ours, theirs)]
    drawn, count = weights[:, known], int(known.sum())  # (1 + B, n)
    return {
        f"gain in {figure}@{offered} over {over}": replace(mean_of(mine - other, drawn), n=count)
        for figure, mine, other in zip(("recall", "precision"), *pairs, strict=True)
    }


def remarks(case_ids: Collection[str], memory: Memory) -> tuple[str, ...]:
    """Say what a reader of these figures has to know."""
    remembered = {name.split(" · ")[0] for name in names_of(memory)}
    again = sum(case_id in remembered for case_id in case_ids)
    if not again:
        return (NEEDS_TEXTS,)
    learnt = f"{again} of {len(case_ids)} cases are in the model's memory: figures flatter model and neighbours."
    return NEEDS_TEXTS, learnt
