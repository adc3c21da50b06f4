"""Whether two maps put the parts of a case in the same order: Spearman's rank correlation, ties by mean rank."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata


def rank_correlations(maps: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Correlate the ranks of every two maps.

    Parameters
    ----------
    maps : numpy.ndarray
        ``(M, U)``: M maps over the same U parts; minus infinity, where a map has no value, ranks last.

    Returns
    -------
    numpy.ndarray
        ``(M, M)`` in [-1, 1]; 0 for a map that is the same everywhere, which has no order.
    """
    ranks = rankdata(maps, axis=1)  # (M, U)
    centred = ranks - ranks.mean(axis=1, keepdims=True)  # (M, U)
    length = np.linalg.norm(centred, axis=1, keepdims=True)  # (M, 1)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)  # (M, U)
    return np.asarray(np.clip(unit @ unit.T, -1.0, 1.0))
