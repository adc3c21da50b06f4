"""Shapley values of small games that can be worked out by hand."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.removal import Players
from engine.explain.shapley import shapley_values


def _line(count: int) -> Players:
    return Players.of_tokens(torch.ones(1, count, dtype=torch.bool))


def test_of_a_weighted_sum_each_gets_its_weight() -> None:
    weights = torch.tensor([1.0, -2.0, 4.0, 0.0])
    torch.testing.assert_close(shapley_values(lambda kept: kept.float() @ weights, _line(4), pairs=1), weights)


def test_a_pair_that_counts_only_together_shares_equally() -> None:
    # Taking every order backwards too makes this exact after one pair.
    found = shapley_values(lambda kept: (kept[:, 0] & kept[:, 2]).float(), _line(3), pairs=1)
    torch.testing.assert_close(found, torch.tensor([0.5, 0.0, 0.5]))


def test_the_values_add_up_to_the_whole_case_minus_nothing() -> None:
    def score(kept: Tensor) -> Tensor:
        return (kept.float() @ torch.linspace(-1, 1, 196)).tanh() + kept[:, 3].float()

    players = Players.of_patches(torch.ones(1, 196, dtype=torch.bool))
    total = score(torch.ones(1, 196).bool()) - score(torch.zeros(1, 196).bool())
    torch.testing.assert_close(shapley_values(score, players).sum()[None], total, atol=1e-4, rtol=1e-4)


def test_more_than_64_parts_play_in_blocks() -> None:
    players = Players.of_patches(torch.ones(1, 196, dtype=torch.bool))
    found = shapley_values(lambda kept: 8.0 * kept[:, 0], players, pairs=1).view(14, 14)
    assert found[:2, :2].tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert found.sum() == 8
