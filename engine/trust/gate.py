"""Whether an image looks like those that a model was taught, and what it looks like where it does not.

A multinomial logistic regression over what can be seen without knowing anything of disease: the coarse layout, the
directions of edges in a grid of cells (Dalal and Triggs, Histograms of Oriented Gradients, CVPR 2005), and how strong
detail is at four scales. One of its kinds is the images themselves, the others are the same images turned, inverted,
blurred and so on, pictures of other things, and where they were given films of older patients: the likeliest kind
gives the words. The model itself takes no part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.models.output import ModelInput
from engine.words import mark, recorded

FAMILIAR, TURNED, OLDER = "familiar", "turned", "older"
REASONS = {
    "inverted": mark("Its greys look inverted: dark where such images are bright."),
    "mirrored": mark("It looks mirrored, left for right."),
    "upside down": mark("It looks upside down."),
    TURNED: mark("It looks turned on its side."),
    "tilted": mark("It looks tilted: such images stand straighter."),
    "blurred": mark("It looks blurred: such images show finer detail."),
    "noisy": mark("It looks noisy: such images have less grain."),
    OLDER: mark("It looks like the film of an older patient than those whom the model knows."),
    "other": mark("It looks like a picture of something else than the model was made for."),
}
"""What is said of each kind of image that is not familiar."""

_SIDE = 112  # of the square on which layout and edges are looked at
_LAYOUT, _CELLS, _DIRECTIONS = 14, 7, 8
_SCALES = 4  # on which detail is measured, each twice as coarse as the one before
_LEVELS = 32  # of grey within three deviations of the mean
_STILL = 0.01  # difference of neighbours, in deviations, under which nothing changes

Floats = NDArray[np.floating[Any]]
Gate = Mapping[str, Tensor]


def kinds_of(gate: Gate) -> list[str]:
    """The kinds of image that a gate tells apart, the familiar one first."""
    return bytes(gate["kinds"].tolist()).decode().split("\n")


def look(inputs: ModelInput) -> Tensor:
    """What the gate sees of a batch as it enters a model: features ``(B, F)`` float32 of the filled part of each."""
    side = round(inputs.presence.shape[1] ** 0.5)  # G
    patch = inputs.values.shape[-1] // side
    filled = inputs.presence.view(-1, side, side)  # (B, G, G)
    parts = [_part(values, there, patch) for values, there in zip(inputs.values, filled, strict=True)]
    squares = torch.cat([_square(part) for part in parts])  # (B, 1, s, s)
    detail = torch.stack([_detail(part) for part in parts])  # (B, E)
    return torch.cat([_layout(squares), _edges(squares), detail, detail**2], dim=1)  # (B, F)


def log_shares(features: Tensor, gate: Gate) -> Tensor:
    """Log-probabilities ``(B, K)`` of the kinds for features ``(B, F)``."""
    return (features @ gate["weight"].float().T + gate["bias"]).log_softmax(dim=1)


def strangeness(shares: Tensor) -> Floats:
    """Log-odds ``(B,)`` against a familiar image, of log-probabilities ``(B, K)``."""
    return (shares[:, 1:].logsumexp(dim=1) - shares[:, 0]).numpy()


def likeliest(shares: Tensor, gate: Gate) -> list[str]:
    """For log-probabilities ``(B, K)``, the likeliest kind of each image that is not the familiar one."""
    kinds = kinds_of(gate)
    return [kinds[1 + rank] for rank in shares[:, 1:].argmax(dim=1).tolist()]


def gate_reasons(inputs: ModelInput, gate: Gate, limit: float) -> list[str]:
    """What an image looks like that is not familiar; empty where it is.

    Parameters
    ----------
    inputs : ModelInput
        One image, as it enters the model.
    limit : float
        Largest log-odds against a familiar image.
    """
    shares = log_shares(look(ModelInput(inputs.values.cpu(), inputs.presence.cpu())), gate)  # (1, K)
    return [] if strangeness(shares)[0] <= limit else [recorded(REASONS[likeliest(shares, gate)[0]])]


def _part(values: Tensor, there: Tensor, patch: int) -> Tensor:
    """The rectangle ``(1, 1, h, w)`` of ``(1, S, S)`` pixels that an image fills, by ``(G, G)`` bool."""
    rows, columns = there.any(dim=1).nonzero()[:, 0], there.any(dim=0).nonzero()[:, 0]
    down = slice(int(rows[0]) * patch, (int(rows[-1]) + 1) * patch)
    across = slice(int(columns[0]) * patch, (int(columns[-1]) + 1) * patch)
    return values[None, :, down, across]


def _square(part: Tensor) -> Tensor:
    return functional.interpolate(part, size=(_SIDE, _SIDE), mode="bilinear", align_corners=False, antialias=True)


def _layout(squares: Tensor) -> Tensor:
    """Mean of each cell, ``(B, 196)``, of mean 0 and deviation 1 over the cells of an image."""
    cells = functional.adaptive_avg_pool2d(squares, _LAYOUT).flatten(1)  # (B, 196)
    centred = cells - cells.mean(dim=1, keepdim=True)  # (B, 196)
    return centred / centred.std(dim=1, keepdim=True).clamp_min(1e-3)


def _edges(squares: Tensor) -> Tensor:
    """How much of the edges of each cell points each way, ``(B, 392)``: square roots of shares that sum to 1."""
    across = squares[..., 1:-1, 2:] - squares[..., 1:-1, :-2]  # (B, 1, s - 2, s - 2)
    down = squares[..., 2:, 1:-1] - squares[..., :-2, 1:-1]  # (B, 1, s - 2, s - 2)
    angle = torch.remainder(torch.atan2(down, across) / (2 * torch.pi) * _DIRECTIONS, _DIRECTIONS)
    below = angle.long() % _DIRECTIONS
    strength, share = torch.hypot(across, down), angle - angle.floor()
    maps = squares.new_zeros(len(squares), _DIRECTIONS, *strength.shape[-2:])  # (B, 8, s - 2, s - 2)
    maps.scatter_(1, below, strength * (1 - share))
    maps.scatter_add_(1, (below + 1) % _DIRECTIONS, strength * share)
    cells = functional.adaptive_avg_pool2d(maps, _CELLS)  # (B, 8, 7, 7)
    return (cells / (cells.sum(dim=1, keepdim=True) + 1e-3)).sqrt().flatten(1)


def _detail(part: Tensor) -> Tensor:
    """Strength of detail at each scale, and how greys are spread, of one image ``(1, 1, h, w)``: ``(14,)``."""
    bands, rest = [], part
    for _ in range(_SCALES):
        band = rest - functional.avg_pool2d(rest, 3, 1, 1, count_include_pad=False)  # (1, 1, h, w)
        bands += [band.std(correction=0), band.abs().median()]
        rest = functional.avg_pool2d(rest, 2, ceil_mode=True)  # (1, 1, h / 2, w / 2)
    across, down = part.diff(dim=-1).abs(), part.diff(dim=-2).abs()
    counts = torch.histc(part.clamp(-3, 3), _LEVELS, -3, 3)  # (32,)
    levels = (counts / counts.sum()).sort(descending=True).values  # (32,)
    greys = [
        (across < _STILL).float().mean(),
        -(levels * levels.clamp_min(1e-9).log()).sum(),
        levels[:2].sum(),
        (down.mean().clamp_min(1e-4) / across.mean().clamp_min(1e-4)).clamp(1e-2, 1e2).log(),
        (part**3).mean().clamp(-5, 5),
        (part**4).mean().clamp(0, 20).sqrt(),
    ]
    return torch.cat([torch.stack(bands).clamp_min(1e-3).log(), torch.stack(greys)])
