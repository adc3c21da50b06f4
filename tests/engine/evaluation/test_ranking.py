"""Rankings that know no head, made from a memory: what each scores, and what another one gains over it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.metrics import bootstrap_weights
from engine.evaluation.ranking import NEEDS_TEXTS, beside_baselines, ranking_gains, remarks
from engine.trust.similar import remember

TRUTH = np.array([[True, False, False], [True, False, False], [False, True, False], [True, False, False]])
SEEN = np.array([[1.0, 0.1], [1.0, 0.0], [0.0, 1.0], [1.0, 0.2]])
MEMORY = remember(SEEN, TRUTH, ["n1 · Surgery", "n2 · Surgery", "n3 · Urology", "n4"])


def _weights(count: int) -> np.ndarray:
    return bootstrap_weights([str(rank) for rank in range(count)], repeats=50, seed=0)


def test_the_commonest_label_is_popular_and_the_nearest_cases_know_better() -> None:
    asked = np.array([[False, True, False], [True, False, False]])
    found = beside_baselines(
        asked, asked.astype(float), np.array([[0.1, 5.0], [5.0, 0.1]]), MEMORY, _weights(2), offered=1
    )
    assert found["recall@1 of popularity"].value == 0.5
    assert found["recall@1 of nearest notes by embedding"].value == 1.0
    assert found["gain in recall@1 over popularity"].value == 0.5
    assert found["gain in recall@1 over nearest notes by embedding"].value == 0.0


def test_cases_without_a_label_count_neither_way() -> None:
    asked = np.array([[True, False], [False, False]])
    gains = ranking_gains(asked, np.eye(2), np.eye(2)[::-1], _weights(2), offered=1, over="x")
    assert gains["gain in recall@1 over x"].value == pytest.approx(1.0)


def test_it_is_said_which_baseline_is_missing_and_which_cases_were_learnt() -> None:
    assert remarks(["n9"], MEMORY) == (NEEDS_TEXTS,)
    assert "2 of 3 cases are in the model's memory" in remarks(["n1", "n4", "n9"], MEMORY)[1]
