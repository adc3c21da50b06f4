"""What a model answers when parts of a case are absent: units that go together, and many variants in few batches.

Every model was trained with random absence of tokens, so that these questions are in its domain (Covert, Lundberg &
Lee, Explaining by Removing, JMLR 2021; Covert, Kim & Lee, ICLR 2023). Absent tokens are cut away: short inputs cost
less.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.output import ModelInput, TokenNetwork
from engine.models.pack import pack_present, read_tokens

Asked = Callable[[Tensor], Tensor]
"""What is kept in M variants, ``(M, U)`` bool -> the score of each, ``(M,)`` float32."""

FIXED = -1  # the unit of tokens that never go: special ones, and those that are not there
_APART = 64  # rows between two variables of a course, as many as the side of the largest block
_ROWS_AT_ONCE = 16  # more gain nothing on a CPU


@dataclass(frozen=True, eq=False)
class Players:
    """What is taken away as one: a patch, or all the pieces of a word in all the windows that hold it.

    Parameters
    ----------
    members : Tensor
        ``(W, T)`` int64: the unit of each token, from 0; `FIXED` for tokens that always stay.
    places : Tensor
        ``(U, 2)`` int64: row and column of each unit; words lie in one row.
    """

    members: Tensor
    places: Tensor

    @classmethod
    def of_patches(cls, presence: Tensor) -> Players:
        """Make every present patch of one image a unit; `presence` ``(1, T)``, a square grid row after row."""
        grid = math.isqrt(presence.shape[1])
        place = presence[0].nonzero()[:, 0]  # (U,)
        return cls(_numbered(presence), torch.stack((place // grid, place % grid), dim=1))

    @classmethod
    def of_tokens(cls, presence: Tensor) -> Players:
        """Make every present token of some windows ``(W, T)`` a unit of its own."""
        rank = torch.arange(int(presence.sum()), device=presence.device)  # (U,)
        return cls(_numbered(presence), torch.stack((torch.zeros_like(rank), rank), dim=1))

    @classmethod
    def of_words(cls, words: Tensor, presence: Tensor) -> Players:
        """Make every word a unit; `words` ``(W, T)`` numbers them, below 0 for special tokens."""
        there = presence & (words >= 0)  # (W, T)
        kept, members = torch.unique(words[there], return_inverse=True)  # (U,), (P,)
        numbered = torch.full_like(words, FIXED).masked_scatter(there, members)  # (W, T)
        rank = torch.arange(len(kept), device=words.device)  # (U,)
        return cls(numbered, torch.stack((torch.zeros_like(rank), rank), dim=1))

    @classmethod
    def of_patches_and_words(cls, words: Tensor, presence: Tensor) -> Players:
        """Make every present patch and every word behind them a unit; `words` ``(1, W)``, `presence` ``(1, T)``.

        Words lie in a row of their own, far from the patches: no block holds both.
        """
        patches = presence.shape[1] - words.shape[1]  # P
        seen, said = cls.of_patches(presence[:, :patches]), cls.of_words(words, presence[:, patches:])
        behind = torch.where(said.members == FIXED, FIXED, said.members + len(seen))  # (1, W)
        below = said.places + torch.tensor((_APART, 0), device=words.device)  # (words, 2)
        return cls(torch.cat((seen.members, behind), dim=1), torch.cat((seen.places, below)))

    @classmethod
    def of_cells(cls, places: Tensor, cells: Tensor) -> Players:
        """Make each of the U cells of a course a unit, with what was copied from it.

        `places` ``(U, 2)`` are its variable and hour, `cells` ``(1, T)`` the cell of each token, below 0 for none.
        Variables are no neighbours of one another: a block is a stretch of hours of one variable.
        """
        return cls(torch.where(cells < 0, FIXED, cells), places * torch.tensor((_APART, 1), device=places.device))

    def __len__(self) -> int:
        return len(self.places)

    def blocks(self, area: int, shift: tuple[int, int] = (0, 0)) -> Tensor:
        """Group neighbours into blocks of `area` units, ``(U,)`` numbered from 0: squares on a grid, runs of words."""
        flat = not bool(self.places[:, 0].any())
        size = torch.tensor((1, area) if flat else (math.isqrt(area),) * 2, device=self.places.device)  # (2,)
        cells = (self.places + torch.tensor(shift, device=self.places.device)) // size  # (U, 2)
        numbered: Tensor = torch.unique(cells, dim=0, return_inverse=True)[1]  # (U,)
        return numbered

    def presence(self, kept: Tensor, whole: Tensor) -> Tensor:
        """Presence ``(M, W, T)`` of M variants that keep the units ``(M, U)`` bool of a case, `whole` ``(W, T)``."""
        stays = torch.cat((kept, torch.ones_like(kept[:, :1])), dim=1)  # (M, U + 1), the last for FIXED
        return stays[:, self.members] & whole  # (M, W, T)

    def spread(self, values: Tensor) -> Tensor:
        """Give each token ``(..., W, T)`` the value of its unit ``(..., U)``, 0 where it is `FIXED`."""
        padded = torch.cat((values, torch.zeros_like(values[..., :1])), dim=-1)  # (..., U + 1)
        return padded[..., self.members]  # (..., W, T)


def answers(network: TokenNetwork, inputs: ModelInput, presence: Tensor) -> Tensor:
    """Ask for the logits of a case's windows in many variants of what is present.

    Parameters
    ----------
    inputs : ModelInput
        The W windows of a case.
    presence : Tensor
        ``(M, W, T)`` bool, each within ``inputs.presence``.

    Returns
    -------
    Tensor
        ``(M, W, L)``. A window that a variant leaves as it is is not computed again.
    """
    with torch.inference_mode():
        changed = (presence != inputs.presence).any(dim=2)  # (M, W)
        kept = (~changed).any(dim=0)  # (W,): windows that some variant leaves as they are
        answered: list[tuple[Tensor | slice, Tensor, Tensor]] = []
        for some in torch.split(kept.nonzero()[:, 0], _ROWS_AT_ONCE) if bool(kept.any()) else ():
            answered.append((slice(None), some, _packed(network, inputs.select(some))))  # (w, L)
        variants, windows = changed.nonzero(as_tuple=True)  # (R,), (R,)
        by_length = presence[variants, windows].sum(dim=1).argsort()  # (R,): rows of like length waste least
        for start in range(0, len(by_length), _ROWS_AT_ONCE):
            rows = by_length[start : start + _ROWS_AT_ONCE]  # (b,)
            variant, window = variants[rows], windows[rows]  # (b,), (b,)
            batch = inputs.select(window).having(presence[variant, window])
            answered.append((variant, window, _packed(network, batch)))  # (b, L)
        logits = answered[0][2].new_empty(*changed.shape, answered[0][2].shape[1])  # (M, W, L)
        for which, where, found in answered:
            logits[which, where] = found
    return logits


def _packed(network: TokenNetwork, inputs: ModelInput) -> Tensor:
    """Logits ``(B, L)`` of rows whose absent tokens are cut away; a row of which nothing is left keeps them all."""
    hidden, presence = _embedded(network, inputs), inputs.presence  # (B, T, D), (B, T)
    read = read_tokens(hidden, presence)  # (B, T)
    if bool(read.any(dim=1).all()):
        hidden, presence = pack_present(hidden, read)  # (B, K, D), (B, K)
    return network.encode(hidden, presence).logits


def _embedded(network: TokenNetwork, inputs: ModelInput) -> Tensor:
    """Tokens ``(B, T, D)``; on a CPU row by row, because the memory of larger images is claimed anew in every call."""
    if inputs.values.device.type != "cpu":
        return network.embed(inputs)
    rows = range(len(inputs.presence))
    return torch.cat([network.embed(inputs.select(torch.tensor([row]))) for row in rows])


def _numbered(there: Tensor) -> Tensor:
    """Number the True cells of ``(W, T)`` in order, `FIXED` elsewhere."""
    return torch.where(there, there.flatten().cumsum(0).view_as(there) - 1, FIXED)
