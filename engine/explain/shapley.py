r"""Shapley values by sampled permutations (Castro, Gómez & Tejada, Computers & Operations Research 2009).

The value of a player is its mean marginal contribution :math:`v(P_i \cup \{i\}) - v(P_i)` over random orders of
arrival. Every order is also taken backwards (antithetic pairs; Mitchell et al., JMLR 2022): the variance is lower.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.removal import Asked, Players

PAIRS = 8  # orders, each also backwards
MOST = 64  # blocks of units that play: one by one, patches contribute too little to be told from noise


def shapley_values(ask: Asked, players: Players, *, pairs: int = PAIRS) -> Tensor:
    """Share of each unit in the score, in blocks that share their value equally.

    Returns
    -------
    Tensor
        ``(U,)`` float32, signed; it sums to the score of the whole case minus that of the case without any unit. The
        same for the same case: orders are drawn from a fixed seed.
    """
    generator = torch.Generator().manual_seed(0)
    blocks = _blocks(players)  # (U,)
    count = int(blocks.max()) + 1  # K
    orders = [torch.randperm(count, generator=generator) for _ in range(pairs)]
    value = torch.zeros(count, device=blocks.device)  # (K,)
    for order in [way.to(blocks.device) for forth in orders for way in (forth, forth.flip(0))]:
        arrival = torch.empty_like(order)  # (K,)
        arrival[order] = torch.arange(count, device=blocks.device)
        arrived = arrival[blocks] < torch.arange(count + 1, device=blocks.device)[:, None]  # (K + 1, U)
        value[order] += ask(arrived).diff()  # (K,)
    return (value / (2 * pairs) / blocks.bincount())[blocks]  # (U,)


def _blocks(players: Players) -> Tensor:
    """The smallest blocks, ``(U,)``, of which there are few enough to play."""
    area = 1
    while int(players.blocks(area).max()) >= MOST:
        area *= 4
    return players.blocks(area)
