"""The last linear parts of a reader of abstracts, fitted to their optimum once the layers below stand still.

Head: scikit-learn's logistic regression. Key: directions in which the texts of one category differ count less
(within-class whitening, shrunk after Friedman, J Am Stat Assoc 84, 1989), and those that part the
categories count more (linear discriminants; Rao, J R Stat Soc B 10, 1948).
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

STRENGTH = 0.01  # inverse of the penalty, for embeddings of deviation 1
SHRINKAGE = 1.0  # of the covariance within categories, in its mean variance
EMPHASIS = 1.0  # of the directions that part the categories
_SMALLEST = 1e-6

Matrix = NDArray[np.float32]


def fit_head(seen: Matrix, target: NDArray[np.int64], head: nn.Linear) -> None:
    """Fit a head to embeddings ``(N, D)`` and labels ``(N,)``; one that no text has keeps a logit far below all."""
    mean, deviation = seen.mean(axis=0), seen.std(axis=0) + _SMALLEST  # (D,), (D,)
    fitted = LogisticRegression(C=STRENGTH, max_iter=300).fit((seen - mean) / deviation, target)
    weight = np.zeros(tuple(head.weight.shape))  # (L, D)
    bias = np.full(len(weight), float(fitted.intercept_.min()) - np.log(len(seen)))  # (L,)
    weight[fitted.classes_] = fitted.coef_ / deviation
    bias[fitted.classes_] = fitted.intercept_ - weight[fitted.classes_] @ mean
    _set(head, weight, bias)


def fit_key(seen: Matrix, target: NDArray[np.int64], key: nn.Linear) -> None:
    """Fit a key to embeddings ``(N, D)`` and labels ``(N,)``."""
    mean, deviation = seen.mean(axis=0), seen.std(axis=0) + _SMALLEST  # (D,), (D,)
    scaled = (seen - mean) / deviation  # (N, D)
    labels, member = np.unique(target, return_inverse=True)
    centres = np.stack([scaled[member == rank].mean(axis=0) for rank in range(len(labels))])  # (C, D)
    rest = scaled - centres[member]  # (N, D)
    within = rest.T @ rest / len(rest)  # (D, D)
    variances, directions = np.linalg.eigh(within + SHRINKAGE * np.trace(within) / len(within) * np.eye(len(within)))
    whiten = directions / np.sqrt(variances)  # (D, D)
    sizes = np.sqrt(np.bincount(member))[:, None]  # (C, 1)
    _, _, parting = np.linalg.svd(sizes * (centres @ whiten), full_matrices=False)  # (C, D)
    parting = parting[: min(len(labels) - 1, key.out_features // 2)]  # (c, D)
    white = scaled @ whiten  # (N, D)
    _, _, spread = np.linalg.svd(white - white @ parting.T @ parting, full_matrices=False)  # (D, D)
    kept = np.concatenate([(1 + EMPHASIS) * parting, spread[: key.out_features - len(parting)]])  # (K, D)
    weight = kept @ whiten.T / deviation  # (K, D)
    _set(key, weight, -weight @ mean)


def _set(linear: nn.Linear, weight: NDArray[np.floating], bias: NDArray[np.floating]) -> None:
    parts: tuple[tuple[Tensor, NDArray[np.floating]], ...] = ((linear.weight, weight), (linear.bias, bias))
    with torch.no_grad():
        for part, value in parts:
            part.copy_(torch.from_numpy(value))
