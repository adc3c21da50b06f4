"""RISE on scores whose answer is known: a kept part that counts raises the mean score by half of what it adds."""

from __future__ import annotations

import torch

from engine.explain.removal import Players
from engine.explain.rise import rise


def test_parts_get_what_they_add() -> None:
    players = Players.of_patches(torch.ones(1, 196, dtype=torch.bool))
    weights = torch.zeros(196)
    weights[30], weights[150] = 2.0, -2.0
    found = rise(lambda kept: 5.0 + kept.float() @ weights, players, masks=1500)  # (U,)
    assert found.argmax() == 30
    assert found.argmin() == 150
    # Kept with a chance of 1/2, so the mean score rises by half of the weight when it is known to be kept.
    torch.testing.assert_close(found[[30, 150]], torch.tensor([1.0, -1.0]), atol=0.2, rtol=0)
    assert found[[0, 13, 97, 195]].abs().max() < 0.2


def test_the_same_case_gives_the_same_map() -> None:
    players = Players.of_tokens(torch.ones(1, 9, dtype=torch.bool))
    first, second = (rise(lambda kept: kept[:, 2].float(), players) for _ in range(2))
    assert torch.equal(first, second)
