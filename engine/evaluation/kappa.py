"""Agreement beyond chance, all resamples at once: Cohen's kappa of two, Fleiss' kappa of more.

References: Cohen, Educ Psychol Meas 20, 1960; Fleiss, Psychol Bull 76, 1971.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def cohen_kappa(first: NDArray[Any], second: NDArray[Any], weights: Floats) -> Floats:
    """Agreement of two raters.

    Parameters
    ----------
    first, second : numpy.ndarray
        ``(N,)``: what each of them called each case.
    weights : numpy.ndarray
        ``(B, N)``: how often each case was drawn.

    Returns
    -------
    numpy.ndarray
        ``(B,)`` in [-1, 1]; NaN where chance alone would agree on everything.
    """
    total = weights.sum(axis=1)  # (B,)
    categories = np.union1d(first, second)  # (K,)
    own, other = (
        weights @ (rater[:, None] == categories).astype(float) / total[:, None] for rater in (first, second)
    )  # (B, K) each: floats, for products of flags are slow
    observed = weights @ (first == second).astype(float) / total  # (B,)
    return _beyond_chance(observed, (own * other).sum(axis=1))


def fleiss_kappa(counts: NDArray[Any], weights: Floats) -> Floats:
    """Agreement of R raters, at least 2, who need not be the same ones on every case.

    Parameters
    ----------
    counts : numpy.ndarray
        ``(N, K)``: how many raters called each case each category; every row sums to R.
    weights : numpy.ndarray
        ``(B, N)``: how often each case was drawn.

    Returns
    -------
    numpy.ndarray
        ``(B,)``; NaN where chance alone would agree on everything.

    Raises
    ------
    ValueError
        If the cases were not all called by the same number of raters, at least 2.
    """
    raters = counts.sum(axis=1)  # (N,)
    if not len(counts) or raters.min() != raters.max() or raters[0] < 2:
        raise ValueError("Fleiss' kappa needs the same number of raters, at least 2, on every case")
    total, several = weights.sum(axis=1), int(raters[0])
    pairs = ((counts**2).sum(axis=1) - several) / (several * (several - 1))  # (N,) share of pairs that agree
    shares = weights @ counts.astype(float) / (several * total)[:, None]  # (B, K)
    return _beyond_chance(weights @ pairs / total, (shares**2).sum(axis=1))


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    left: Floats = 1 - expected  # (B,)
    found: Floats = np.full(left.shape, np.nan)
    np.divide(observed - expected, left, out=found, where=left > 1e-12)
    return found
