"""The linear model that every text Transformer is measured against: TF-IDF and logistic regression, label by label.

Sparck Jones, J Documentation 28, 1972 (IDF); scikit-learn's implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

# Weak regularisation: most notes are long, and the rarest labels have 20 notes.
STRENGTH = 10.0


def linear_logits(training: Sequence[str], truth: NDArray[np.bool_], texts: Sequence[str]) -> NDArray[np.floating[Any]]:
    """Logits ``(M, L)`` of M texts by models fitted on N training texts with labels ``(N, L)``."""
    vectors = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
    known, asked = vectors.fit_transform(training), vectors.transform(texts)  # (N, V), (M, V) sparse
    columns = [_column(known, column, asked) for column in truth.T]  # L of (M,)
    return np.stack(columns, axis=1)  # (M, L)


def _column(known: csr_matrix, truth: NDArray[np.bool_], asked: csr_matrix) -> NDArray[np.floating[Any]]:
    """Logits ``(M,)`` of one label; its log odds where the training texts all agree and nothing can be fitted."""
    if truth.all() or not truth.any():
        return np.full(asked.shape[0], np.log((truth.sum() + 1) / ((~truth).sum() + 1)))
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000).fit(known, truth)
    return np.asarray(fitted.decision_function(asked))
