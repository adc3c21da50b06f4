"""Fewer tokens cost less: absent ones are cut away where nobody asks for their attention."""

from __future__ import annotations

from torch import Tensor


def pack_present(hidden: Tensor, presence: Tensor) -> tuple[Tensor, Tensor]:
    """Move the present tokens of each row to the front and cut the rest, down to the longest row of the batch.

    Parameters
    ----------
    hidden : Tensor
        ``(B, T, D)`` with its positions already added.
    presence : Tensor
        ``(B, T)`` bool.

    Returns
    -------
    tuple of Tensor
        ``(B, K, D)`` and ``(B, K)``, K being the largest number of present tokens in a row; T where no row has any.
    """
    longest = int(presence.sum(1).max()) or presence.shape[1]  # K
    order = presence.float().argsort(dim=1, descending=True, stable=True)[:, :longest]  # (B, K)
    return hidden.gather(1, order[..., None].expand(-1, -1, hidden.shape[-1])), presence.gather(1, order)


def read_tokens(hidden: Tensor, presence: Tensor) -> Tensor:
    """Mark, ``(B, T)`` bool, the present tokens ``(B, T, D)`` that are not 0: a family may leave some unread."""
    return presence & hidden.detach().ne(0).any(dim=-1)
