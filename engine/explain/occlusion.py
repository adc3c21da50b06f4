"""Occlusion by removal of tokens, from coarse to fine (after Zeiler & Fergus, ECCV 2014, section 3.1).

Their grey square leaves the domain of the model; absent tokens do not. Large blocks come first, for neighbours that say
the same hide each other's effect; those that matter most are then taken apart.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.removal import Asked, Players

AREAS = (16, 4, 1)  # units in a block: 4 x 4 patches or 16 words, a quarter of it, one
REFINED = 96  # units, those of the blocks that matter most, which are looked at more closely


def occlusion(ask: Asked, players: Players) -> Tensor:
    """Drop of the score where a unit's block is absent, divided among the block's units.

    Returns
    -------
    Tensor
        ``(U,)`` float32, signed: positive where the score falls without the unit.
    """
    everything = torch.ones(1, len(players), dtype=torch.bool, device=players.places.device)  # (1, U)
    whole = ask(everything)  # (1,)
    effect = torch.zeros(len(players), device=players.places.device)  # (U,)
    open_units = everything[0]  # (U,): those that are taken apart at this step
    for area in AREAS:
        blocks = players.blocks(area)  # (U,)
        asked = torch.unique(blocks[open_units])  # (K,)
        absent = blocks == asked[:, None]  # (K, U)
        drop = (whole - ask(~absent)) / absent.sum(dim=1)  # (K,)
        effect = torch.where(absent.any(dim=0), (absent * drop[:, None]).sum(dim=0), effect)  # (U,)
        chosen = effect.abs().topk(min(REFINED, len(players))).indices
        open_units = torch.zeros_like(open_units).index_fill(0, chosen, True)  # (U,)
    return effect
