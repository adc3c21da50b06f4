from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.trust.similar import nearest, remember

LABELS = ("well", "ill")


def _fan(count: int = 10) -> np.ndarray:
    """Unit vectors that turn by equal steps: the farther along, the farther apart."""
    angles = np.linspace(0, 1, count)
    return np.stack([np.cos(angles), np.sin(angles), np.zeros(count)], axis=1)


def _truth(count: int = 10) -> np.ndarray:
    return np.eye(2, dtype=bool)[(np.arange(count) >= 5).astype(int)]


def test_the_nearest_come_first_with_their_labels() -> None:
    found = nearest(3 * _fan()[9], remember(_fan(), _truth()), LABELS, count=6)
    assert found.searched == 10
    assert [case.labels for case in found.cases] == [("ill",)] * 5 + [("well",)]
    assert [case.distance for case in found.cases] == sorted(case.distance for case in found.cases)
    assert found.cases[0].distance == pytest.approx(0.0, abs=1e-3)


def test_among_those_with_a_label_the_nearest_come_first() -> None:
    found = nearest(_fan()[9], remember(_fan(), _truth()), LABELS, count=2, carrying="well")
    assert found.searched == 5
    assert [case.labels for case in found.cases] == [("well",)] * 2
    assert found.cases[0].distance == pytest.approx(1 - np.cos(5 / 9), abs=1e-3)


def test_the_typical_distance_is_that_of_neighbours() -> None:
    memory = remember(_fan(), _truth())
    assert nearest(_fan()[0], memory, LABELS, count=1).typical == pytest.approx(1 - np.cos(1 / 9), abs=1e-3)


def test_what_is_kept_is_small_and_names_nobody() -> None:
    memory = remember(np.random.default_rng(0).standard_normal((2000, 192)), np.ones((2000, 3), bool))
    assert set(memory) == {"embeddings", "truth", "typical"}
    assert memory["embeddings"].dtype == torch.float16
    assert sum(value.numel() * value.element_size() for value in memory.values()) < 1e6


def test_several_labels_are_all_told() -> None:
    found = nearest(_fan()[0], remember(_fan(), np.ones((10, 2), bool)), LABELS, count=1)
    assert found.cases[0].labels == LABELS


def test_one_byte_a_number_points_nearly_the_same_way() -> None:
    seen = np.random.default_rng(0).standard_normal((1600, 384))
    memory = remember(seen, np.ones((1600, 26), bool), [f"note {rank}" for rank in range(1600)], coarse=True)
    assert sum(value.numel() * value.element_size() for value in memory.values()) < 7e5
    labels = [str(rank) for rank in range(26)]
    for rank in (0, 800, 1599):
        first = nearest(seen[rank], memory, labels, count=1).cases[0]
        assert (first.name, first.distance) == (f"note {rank}", pytest.approx(0.0, abs=1e-3))
