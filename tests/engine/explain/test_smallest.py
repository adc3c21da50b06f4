"""The smallest part on games whose answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.explain.smallest import Margins, smallest_part


def game(weights: Sequence[float], least: float) -> Margins:
    """A part does it when its weights sum to more than `least`."""
    return lambda parts: np.array([np.dot(part, weights) - least for part in parts])


@pytest.mark.parametrize(("least", "count"), [(0.5, 1), (3.5, 4), (39.5, 40)])
def test_a_part_is_as_large_as_it_must_be(least: float, count: int) -> None:
    part = smallest_part(np.arange(40.0), game([1.0] * 40, least))
    assert part is not None
    assert np.flatnonzero(part).tolist() == list(range(40 - count, 40))


def test_what_is_not_needed_is_put_back() -> None:
    weights = np.zeros(200)
    weights[[3, 150]] = 1.0
    part = smallest_part(np.arange(200, 0, -1.0), game(weights, 1.5))
    assert part is not None
    assert np.flatnonzero(part).tolist() == [3, 150]


def test_nothing_does_it() -> None:
    assert smallest_part(np.ones(7), game([0.1] * 7, 1.0)) is None


def test_the_search_asks_little() -> None:
    asked = 0

    def counted(parts: Sequence[np.ndarray]) -> np.ndarray:
        nonlocal asked
        asked += len(parts)
        return game([1.0] * 2000, 9.5)(parts)

    part = smallest_part(np.arange(2000.0), counted)
    assert part is not None
    assert part.sum() == 10
    assert asked < 60
