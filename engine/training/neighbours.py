"""What a ranking of a note's labels has to beat: how often labels are, and the labels of the notes with alike words.

TF-IDF: Sparck Jones, J Documentation 28, 1972; nearest neighbours: Cover & Hart, IEEE Trans Inf Theory 13, 1967.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

_TIE = 1e-6  # by how much frequency decides between labels that the neighbours do not tell apart


def popularity(truth: Flags, count: int) -> Floats:
    """Scores ``(count, L)``: for every case the frequency of each label in training, `truth` ``(N, L)``."""
    return np.tile(truth.mean(axis=0), (count, 1))


def neighbour_votes(
    training: Sequence[str], truth: Flags, texts: Sequence[str], *, counts: Sequence[int]
) -> dict[int, Floats]:
    """Scores ``(M, L)`` of M texts: labels ``(N, L)`` of the nearest training texts, by the cosine of TF-IDF.

    Parameters
    ----------
    counts : sequence of int
        How many of the nearest vote; one array of scores for each.
    """
    vectors = TfidfVectorizer(sublinear_tf=True, min_df=2, stop_words="english")
    known, asked = vectors.fit_transform(training), vectors.transform(texts)  # (N, V), (M, V) sparse
    alike = (asked @ known.T).toarray()  # (M, N)
    return {count: votes_of_nearest(alike, truth, count=count) for count in counts}


def votes_of_nearest(alike: Floats, truth: Flags, *, count: int) -> Floats:
    """Scores ``(M, L)`` of M cases: labels ``(N, L)`` of the nearest of N, weighted by their likeness ``(M, N)``."""
    chosen = np.argsort(-alike, axis=1, kind="stable")[:, :count]  # (M, count)
    votes = np.einsum("mk,mkl->ml", np.take_along_axis(alike, chosen, axis=1), truth[chosen])  # (M, L)
    return np.asarray(votes + _TIE * truth.mean(axis=0))
