"""Ruled in, uncertain or ruled out: split conformal prediction for each label, conditional on its truth.

For one label let p be the calibrated probability. "True" is a possible answer unless p lies below all but a share
alpha of the calibration cases that have the label; "false" is one unless p lies above all but a share alpha of those
that have it not. One possible answer rules in or out; two, or none, are uncertain. So a label that is there is ruled
out in at most alpha of new cases, and one that is not there is ruled in in at most alpha, at any sample size.

References: Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World, 2005 (label-conditional validity); Ding et
al., NeurIPS 2023 (classes with few examples share a quantile).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.models.card import TrustParameters
from engine.results import Call

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

# What is less probable than not is never ruled in, the reverse never ruled out: this only adds uncertain calls.
EVEN = 0.5


def calls(probabilities: Floats, trust: TrustParameters) -> tuple[Call, ...]:
    """Say of each label what its thresholds allow, for calibrated probabilities ``(L,)``.

    >>> trust = TrustParameters(temperatures=(1.0,), rule_out=(0.2, 0.2), rule_in=(0.6, 0.6))
    >>> calls(np.array([0.7, 0.4]), trust)
    (<Call.RULED_IN: 'ruled in'>, <Call.UNCERTAIN: 'uncertain'>)
    """
    limits = zip(probabilities, trust.rule_out, trust.rule_in, strict=True)
    return tuple(_call(float(probability), low, high) for probability, low, high in limits)


def fit_conformal(
    probabilities: Floats, truth: Flags, *, coverage: float = 0.9
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Choose the thresholds on cases that the model was not trained on.

    Labels with too few cases for a quantile of their own, fewer than ``1 / (1 - coverage) - 1``, share that of all such
    labels together; the guarantee then holds for them on average.

    Parameters
    ----------
    probabilities, truth : numpy.ndarray
        ``(N, L)``: calibrated probabilities, and bool.

    Returns
    -------
    tuple of tuple of float
        `rule_out` and `rule_in` of `TrustParameters`: a label is ruled out below the first, ruled in above the second.

    Raises
    ------
    ValueError
        Where `coverage` is not in (0, 1).
    """
    if not 0 < coverage < 1:
        raise ValueError(f"coverage must lie between 0 and 1, not {coverage}")
    lower = _quantiles(probabilities, truth, 1 - coverage)
    upper = 1 - _quantiles(1 - probabilities, ~truth, 1 - coverage)
    return tuple(np.minimum(lower, EVEN).tolist()), tuple(np.maximum(upper, EVEN).tolist())


def _quantiles(scores: Floats, members: Flags, alpha: float) -> Floats:
    """For each label the score under which at most a share `alpha` of new members falls, ``(L,)``."""
    rare = _rank(members.sum(0), alpha) == 0  # (L,)
    shared = _quantile(scores[:, rare][members[:, rare]], alpha)
    own = [_quantile(scores[members[:, k], k], alpha) for k in range(scores.shape[1])]
    return np.where(rare, shared, own)


def _quantile(scores: Floats, alpha: float) -> float:
    """Return the ``floor(alpha (n + 1))``-th smallest of n scores, or 0 where that is none: nothing falls under it."""
    rank = int(_rank(np.asarray(len(scores)), alpha))
    return float(np.sort(scores)[rank - 1]) if rank else 0.0


def _rank(count: NDArray[Any], alpha: float) -> NDArray[np.int64]:
    # The small term keeps 0.1 * 10 from being floored to 0 by binary rounding of 1 - coverage.
    return np.floor(alpha * (count + 1) + 1e-9).astype(np.int64)


def _call(probability: float, lower: float, upper: float) -> Call:
    if probability > upper:
        return Call.RULED_IN if probability >= lower else Call.UNCERTAIN
    return Call.RULED_OUT if probability < lower else Call.UNCERTAIN
