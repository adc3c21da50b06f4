"""Occlusion finds what each part adds, by fewer questions than there are parts."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.occlusion import occlusion
from engine.explain.removal import Players


def test_the_one_patch_that_counts_gets_what_it_adds() -> None:
    players = Players.of_patches(torch.ones(1, 64, dtype=torch.bool))
    found = occlusion(lambda kept: 3.0 * kept[:, 27], players)  # (U,)
    expected = torch.zeros(64)
    expected[27] = 3.0
    torch.testing.assert_close(found, expected)


def test_a_part_that_speaks_against_is_negative() -> None:
    players = Players.of_tokens(torch.ones(1, 3, dtype=torch.bool))
    weights = torch.tensor([1.0, -2.0, 4.0])
    found = occlusion(lambda kept: kept.float() @ weights, players)
    assert found[1] < 0 < found[2]


def test_it_asks_less_than_one_question_a_part() -> None:
    questions = 0

    def ask(kept: Tensor) -> Tensor:
        nonlocal questions
        questions += len(kept)
        return kept[:, :40].sum(dim=1).float()

    occlusion(ask, Players.of_patches(torch.ones(1, 196, dtype=torch.bool)))
    assert questions < 196


def test_a_redundant_pair_is_seen_by_the_coarse_blocks() -> None:
    players = Players.of_patches(torch.ones(1, 64, dtype=torch.bool))
    found = occlusion(lambda kept: (kept[:, 0] | kept[:, 1]).float(), players)  # one alone changes nothing
    assert found.sum() >= 0
