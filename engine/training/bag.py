"""The votes of single words: a linear model over the mean of a text's word pieces, as weights for each of them.

TF-IDF: Sparck Jones, J Documentation 28, 1972; scikit-learn's logistic regression. As a mean over pieces it is what a
network computes that pools its tokens, so that its weights can ride beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, vstack
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from engine.preprocess.text import BODY, SPECIAL, Pieces, window_starts

STRENGTH = 10.0  # inverse of the penalty, for texts of length 1 on average

Floats = NDArray[np.floating[Any]]


def piece_shares(texts: Sequence[Pieces], vocabulary: int) -> csr_array:
    """Share of each word piece in each text ``(N, V)``, as a network reads it: the mean over its windows."""
    return vstack([_shares(pieces, vocabulary) for pieces in texts], format="csr")


def fit_votes(shares: csr_array, target: NDArray[np.int64], *, labels: int) -> Tensor:
    """Votes ``(V, L)`` of each piece for each of L labels, such that their mean over a text is a logit.

    Parameters
    ----------
    shares : scipy.sparse.csr_array
        ``(N, V)``.
    target : numpy.ndarray
        ``(N,)``: the label of each text; one that no text has gets votes of 0.
    """
    found = np.bincount(shares.indices, minlength=shares.shape[1])  # (V,): texts with the piece
    rarity = np.log((1 + shares.shape[0]) / (1 + found)) + 1  # (V,)
    weighted = shares @ diags_array(rarity)  # (N, V)
    length = np.sqrt(weighted.multiply(weighted).sum(axis=1)).mean()
    fitted = LogisticRegression(C=STRENGTH, max_iter=300).fit(weighted / length, target)
    votes = np.zeros((shares.shape[1], labels), np.float32)  # (V, L)
    votes[:, fitted.classes_] = (fitted.coef_ * rarity / length).T
    return torch.from_numpy(votes)


def votes_for(shares: csr_array, votes: Tensor) -> NDArray[np.float32]:
    """Mean of the votes of N texts, ``(N, L)``."""
    return np.asarray(shares @ votes.numpy(), np.float32)


def _shares(pieces: Pieces, vocabulary: int) -> csr_array:
    windows = [pieces.ids[start : start + BODY] for start in window_starts(len(pieces.ids))]
    ids = np.concatenate(windows)
    values = np.concatenate([np.full(len(each), 1 / (len(each) + len(SPECIAL)) / len(windows)) for each in windows])
    return csr_array((values, (np.zeros(len(ids), np.int64), ids)), shape=(1, vocabulary))
