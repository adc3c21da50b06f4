"""Rank correlations of maps, against scipy's and where there is no order."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr

from engine.explain.agreement import rank_correlations


def test_it_is_spearmans() -> None:
    maps = np.random.default_rng(0).integers(0, 9, size=(4, 30)).astype(float)
    np.testing.assert_allclose(rank_correlations(maps), spearmanr(maps, axis=1).statistic)


def test_any_rising_change_of_scale_agrees_fully_and_its_reverse_not_at_all() -> None:
    one = np.array([0.1, 3.0, 2.0, -1.0])
    correlations = rank_correlations(np.stack([one, np.exp(one), -one]))
    np.testing.assert_allclose(correlations[0], [1, 1, -1])


def test_a_map_without_an_order_agrees_with_nothing() -> None:
    assert rank_correlations(np.stack([np.ones(5), np.arange(5.0)]))[0, 1] == 0


def test_a_part_without_a_value_ranks_last() -> None:
    one = np.array([2.0, 1.0, -np.inf])
    assert rank_correlations(np.stack([one, np.array([2.0, 1.0, 0.0])]))[0, 1] == pytest.approx(1)
