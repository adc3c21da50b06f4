"""Figures of a search by similarity: of the texts that lie nearest, the share that has the label of what was asked.

Precision at k: Manning, Raghavan and Schütze, Introduction to Information Retrieval, 2008, section 8.4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAREST = 5
IN_MEMORY = f"precision@{NEAREST} among training abstracts"
AMONG_THEMSELVES = f"precision@{NEAREST} among the abstracts themselves"

Floats = NDArray[np.floating[Any]]


def precision_at(alike: Floats, asked: NDArray[np.int64], known: NDArray[np.int64], *, count: int = NEAREST) -> Floats:
    """For each question the share of the most similar texts that have its label.

    Parameters
    ----------
    alike : numpy.ndarray
        ``(N, M)``: similarity of N questions to M texts; -inf where a text must not be found, such as the question.
    asked, known : numpy.ndarray
        Labels of the questions ``(N,)`` and of the texts ``(M,)``.

    Returns
    -------
    numpy.ndarray
        ``(N,)`` in [0, 1].

    Examples
    --------
    >>> precision_at(np.array([[0.9, 0.1, 0.8]]), np.array([1]), np.array([1, 1, 0]), count=2)
    array([0.5])
    """
    first = np.argsort(-alike, axis=1, kind="stable")[:, :count]  # (N, count)
    return np.asarray((known[first] == asked[:, None]).mean(axis=1))


def cosines(one: Floats, other: Floats) -> Floats:
    """Cosines ``(N, M)`` of vectors ``(N, D)`` and ``(M, D)``."""
    return np.asarray(_unit(one) @ _unit(other).T)


def among_themselves(alike: Floats) -> Floats:
    """Similarities ``(N, N)`` of texts to one another, none of them to itself; the argument stays as it is."""
    left = alike.copy()
    np.fill_diagonal(left, -np.inf)
    return left


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-9))
