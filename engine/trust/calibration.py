"""Calibrated probabilities: temperature scaling for one-of-many labels, Platt scaling for independent ones.

References: Guo et al., ICML 2017 (temperature); Platt, Advances in Large Margin Classifiers, 1999 (slope, bias and
smoothed targets).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_softmax, softmax

from engine.models.card import TrustParameters

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

# Pull of a label's own temperature and bias towards those of all labels together: few cases, little freedom.
PRIOR_CASES = 4.0


def calibrate(logits: ArrayLike, trust: TrustParameters, *, multi_label: bool) -> Floats:
    """Turn a model's logits into calibrated probabilities.

    Parameters
    ----------
    logits : array_like
        ``(..., L)``: an array, or a Tensor on the CPU.
    trust : TrustParameters
        Of the model's card.
    multi_label : bool
        True where labels are independent, False where they exclude one another.

    Returns
    -------
    numpy.ndarray
        ``(..., L)`` float64 in [0, 1]; summing to 1 where labels exclude one another.

    Examples
    --------
    >>> calibrate(np.zeros(2), TrustParameters(temperatures=(1.5,)), multi_label=False)
    array([0.5, 0.5])
    """
    scaled = np.asarray(logits, np.float64) / trust.temperatures  # (..., L)
    return np.asarray(expit(scaled + trust.biases) if multi_label else softmax(scaled, axis=-1))


def fit_temperature(logits: Floats, truth: NDArray[np.integer[Any]]) -> float:
    """Fit the temperature of labels that exclude one another, by maximum likelihood.

    Parameters
    ----------
    logits : numpy.ndarray
        ``(N, L)`` of cases that the model was not trained on.
    truth : numpy.ndarray
        ``(N,)`` index of the true label.

    Raises
    ------
    ValueError
        Where there is no case.
    """
    _require_cases(logits)
    rows = np.arange(len(truth))

    def loss(parameters: Floats) -> float:
        return float(-log_softmax(logits / np.exp(parameters[0]), axis=1)[rows, truth].mean())

    return float(np.exp(_minimise(loss, [0.0])[0]))


def fit_platt(logits: Floats, truth: Flags) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Fit a temperature and a bias for each of L independent labels, drawn towards the fit of all labels together.

    Parameters
    ----------
    logits, truth : numpy.ndarray
        ``(N, L)`` of cases that the model was not trained on; `truth` is bool.

    Returns
    -------
    tuple of tuple of float
        Temperatures and biases, L each.

    Raises
    ------
    ValueError
        Where there is no case.
    """
    _require_cases(logits)
    pooled = _minimise(_platt_loss(logits.ravel(), truth.ravel()), [0.0, 0.0])  # (2,) log temperature, bias
    labels = range(logits.shape[1])
    fits = [_minimise(_platt_loss(logits[:, k], truth[:, k], prior=pooled), pooled) for k in labels]  # L of (2,)
    return tuple(float(np.exp(fit[0])) for fit in fits), tuple(float(fit[1]) for fit in fits)


def best_f1_threshold(probability: Floats, truth: Flags) -> float:
    """Choose the one threshold, in [0, 1], that gives the highest micro-F1 over all labels; arrays ``(N, L)``.

    Raises
    ------
    ValueError
        Where no label is true.
    """
    scores, hits = probability.ravel(), truth.ravel()  # (N*L,)
    if not hits.any():
        raise ValueError("no true label to choose a threshold for")
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(hits[order]) / (np.arange(1, len(hits) + 1) + hits.sum())  # (N*L,)
    best = int(f1.argmax())
    following = scores[order[min(best + 1, len(order) - 1)]]
    return float((scores[order[best]] + following) / 2)


def balanced_threshold(score: Floats, truth: Flags) -> float:
    """Choose the threshold with the highest mean of sensitivity and specificity (Youden's index); arrays ``(N,)``.

    Raises
    ------
    ValueError
        Where one of the two classes is empty.
    """
    if not truth.any() or truth.all():
        raise ValueError("both classes are needed to choose a threshold")
    order = np.argsort(-score, kind="stable")
    youden = np.cumsum(truth[order]) / truth.sum() - np.cumsum(~truth[order]) / (~truth).sum()  # (N,)
    best = int(youden.argmax())
    following = score[order[min(best + 1, len(order) - 1)]]
    return float((score[order[best]] + following) / 2)


def _platt_loss(logits: Floats, truth: Flags, *, prior: Floats | None = None) -> Callable[[Floats], float]:
    """Cross-entropy with Platt's smoothed targets, plus the pull towards `prior`; arrays ``(N,)``."""
    positives = int(truth.sum())
    negatives = len(truth) - positives
    target = np.where(truth, (positives + 1) / (positives + 2), 1 / (negatives + 2))  # (N,)

    def loss(parameters: Floats) -> float:
        scaled = logits / np.exp(parameters[0]) + parameters[1]  # (N,)
        fit = np.logaddexp(0, scaled) - target * scaled  # (N,)
        pull = 0.0 if prior is None else PRIOR_CASES * float(np.square(parameters - prior).sum())
        return float(fit.sum() + pull) / len(truth)

    return loss


def _minimise(loss: Callable[[Floats], float], start: Sequence[float] | Floats) -> Floats:
    found = minimize(loss, np.asarray(start, np.float64), method="Nelder-Mead")
    return np.asarray(found.x)


def _require_cases(logits: Floats) -> None:
    if not len(logits):
        raise ValueError("calibration needs at least one case")
