r"""A small head that tells the Shapley value of every token from what the network made of it, in the same forward pass.

Covert, Kim & Lee, Learning to Estimate Shapley Values with Vision Transformers, ICLR 2023 (arXiv 2206.05282). The game
is the probability that the network gives to a label when only some tokens are present; it was trained for that, so it
is its own surrogate. Its encoder stays as it is: only this head is learnt (`engine.training.shapley`).
"""

from __future__ import annotations

from pathlib import Path
from typing import cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from engine.errors import CheckpointError
from engine.models.output import ModelOutput
from engine.words import tr

EXPLAINER_FILE = "explainer.safetensors"
_LABELS, _INDEPENDENT = "labels", "independent"  # in the header of that file


class ShapleyHead(nn.Module):
    """Shapley values of all tokens for all labels, from the tokens that leave the last layer.

    Parameters
    ----------
    width : int
        Of the network.
    labels : int
        Number of logits.
    hidden : int
        Width of the head's one hidden layer.
    independent : bool
        Whether each label has a probability of its own, instead of sharing one with the others.

    Notes
    -----
    The buffer `nothing` ``(L,)`` holds the probabilities of a case without any token: they are the same for all cases.
    """

    nothing: Tensor

    def __init__(self, *, width: int, labels: int, hidden: int = 192, independent: bool = False) -> None:
        super().__init__()
        self.independent = independent
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, labels)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)
        self.register_buffer("nothing", torch.zeros(labels))

    def forward(self, tokens: Tensor) -> Tensor:
        """Values ``(B, T, L)`` of tokens ``(B, T, D)``, not yet adding up to anything."""
        hidden = nn.functional.gelu(self.inner(self.norm(tokens)))  # (B, T, hidden)
        return cast(Tensor, self.outer(hidden))  # (B, T, L)

    def explain(self, output: ModelOutput, presence: Tensor) -> Tensor:
        r"""Shapley values that add up, by the paper's additive efficient normalisation.

        Parameters
        ----------
        output : ModelOutput
            Of the network for the whole case.
        presence : Tensor
            ``(B, T)`` bool: the players.

        Returns
        -------
        Tensor
            ``(B, T, L)``, signed, 0 where a token is absent. They sum over tokens to the probability of the label less
            its probability without any token, and over labels to 0 where these share one probability.
        """
        won = probabilities(output.logits, independent=self.independent) - self.nothing  # (B, L)
        count = presence.sum(dim=1, keepdim=True).clamp(min=1)  # (B, 1)
        values = centred(self(output.hidden[-1]), presence)  # (B, T, L)
        return values + (won / count)[:, None] * presence[..., None]  # (B, T, L)


def probabilities(logits: Tensor, *, independent: bool) -> Tensor:
    """What logits ``(..., L)`` say of the labels, in [0, 1]: each by itself, or all together."""
    return logits.sigmoid() if independent else logits.softmax(dim=-1)


def centred(values: Tensor, presence: Tensor) -> Tensor:
    """Values ``(B, T, L)`` less their mean over the present tokens ``(B, T)``, and 0 for the others."""
    there = presence[..., None].to(values.dtype)  # (B, T, 1)
    mean = (values * there).sum(dim=1, keepdim=True) / there.sum(dim=1, keepdim=True).clamp(min=1)  # (B, 1, L)
    return (values - mean) * there  # (B, T, L)


def save_explainer(head: ShapleyHead, folder: Path) -> None:
    """Write the head's file into a model folder."""
    weights = {name: value.contiguous().cpu() for name, value in head.state_dict().items()}
    save_file(weights, folder / EXPLAINER_FILE, {_LABELS: _INDEPENDENT} if head.independent else None)
    (folder / EXPLAINER_FILE).chmod(0o644)  # safetensors leaves it readable by its writer alone


def load_explainer(folder: Path) -> ShapleyHead:
    """Read the head's file of a model folder.

    Raises
    ------
    CheckpointError
        It is no head of this kind.
    """
    try:
        with safe_open(folder / EXPLAINER_FILE, "pt") as file:
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no dict
            said = file.metadata() or {}
        hidden, width = weights["inner.weight"].shape
        labels, independent = len(weights["outer.weight"]), said.get(_LABELS) == _INDEPENDENT
        head = ShapleyHead(width=width, labels=labels, hidden=hidden, independent=independent)
        head.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError, SafetensorError) as exc:
        raise CheckpointError(tr("The learned explainer is not as expected."), tr("Train it again.")) from exc
    return head
