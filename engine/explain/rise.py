r"""RISE: randomised input sampling for explanation (Petsiuk, Das & Saenko, BMVC 2018, arXiv 1806.07421), over tokens.

Their equation 6, :math:`S_t = \frac{1}{N\,E[M]} \sum_i f(I \odot M_i)\, M_{it}`, with random blocks of units kept
instead of smooth masks, and centred: the mean score is the same for all units and only hides the differences.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.removal import Asked, Players

MASKS = 256
KEPT = 0.5  # chance of a block to stay
AREA = 4  # units in a block: 2 x 2 patches or 4 words, the paper's 7 x 7 grid on 14 x 14 patches


def rise(ask: Asked, players: Players, *, masks: int = MASKS) -> Tensor:
    """Mean score while a unit is kept, minus the mean score over all masks.

    Returns
    -------
    Tensor
        ``(U,)`` float32, signed, the same for the same case: masks are drawn from a fixed seed.
    """
    generator = torch.Generator().manual_seed(0)
    kept = torch.stack([_mask(players, generator) for _ in range(masks)])  # (M, U)
    scores = ask(kept)  # (M,)
    stays = kept.to(scores.dtype)  # (M, U)
    return (scores - scores.mean()) @ stays / stays.sum(dim=0).clamp(min=1)  # (U,)


def _mask(players: Players, generator: torch.Generator) -> Tensor:
    """Keep random blocks, ``(U,)`` bool, on a grid at a random offset."""
    down, across = torch.randint(AREA, (2,), generator=generator).tolist()
    blocks = players.blocks(AREA, (down, across))  # (U,)
    draws = torch.rand(int(blocks.max()) + 1, generator=generator)  # (K,)
    return draws.to(blocks.device)[blocks] < KEPT
