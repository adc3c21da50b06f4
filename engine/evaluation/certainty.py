"""How often a model commits itself, and whether what it rules out is rightly ruled out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Interval, share_of
from engine.results import Call

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]


def certainty_figures(truth: Flags, calls: NDArray[np.object_], weights: Floats) -> dict[str, Interval]:
    """Coverage of the conformal calls, and the share of the cases that they decide.

    Parameters
    ----------
    truth, calls : numpy.ndarray
        ``(N, L)``: bool, one True a row; and `Call`.
    weights : numpy.ndarray
        ``(1+B, N)`` from `bootstrap_weights`.

    Returns
    -------
    dict of str to Interval
        ``conformal_coverage``, the share of cases whose true label was not ruled out; ``conformal_decided``, the share
        of cases with no label left uncertain.
    """
    kept = calls[truth] != Call.RULED_OUT  # (N,)
    decided = (calls != Call.UNCERTAIN).all(axis=1)  # (N,)
    return {"conformal_coverage": share_of(kept, weights), "conformal_decided": share_of(decided, weights)}
