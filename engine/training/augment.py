"""Random views of grey films for training, in batches, each the film that another room might have taken of the patient.

Anatomy sets the limits: small turns, no mirror image (the heart has a side). Of a random half of the batches a random
share of the patches is taken away, so that the model has learnt to answer from any subset of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from engine.models.output import ModelInput
from engine.preprocess.image import letterbox, standardise

View: TypeAlias = Callable[[Tensor, Tensor, int, torch.Generator], ModelInput]
"""Films ``(B, S, S)`` uint8, their aspects ``(B,)``, the patch, and all randomness there is -> a view of each film."""


def plain_batch(films: Tensor, aspects: Tensor, *, patch: int) -> ModelInput:
    """The batch that serving would make of the same films.

    Parameters
    ----------
    films : Tensor
        ``(B, S, S)`` uint8: display values of each film, squeezed to the model's square.
    aspects : Tensor
        ``(B,)`` float: columns / rows of each film as it was.
    """
    identity = torch.eye(2, 3).expand(len(films), 2, 3)  # (B, 2, 3)
    pixels, presence = place(as_display(films), aspects, identity, patch=patch)
    return ModelInput(standardise(pixels, presence), presence)


def random_batch(
    films: Tensor, aspects: Tensor, *, patch: int, generator: torch.Generator, thinned: bool = True
) -> ModelInput:
    """A random view of each film.

    Parameters
    ----------
    films, aspects : Tensor
        As for `plain_batch`.
    generator : torch.Generator
        The only source of randomness.
    thinned : bool
        Take patches away from half of the batches.
    """
    count = len(films)
    stretched = torch.rand(count, generator=generator) < 0.6  # (B,)
    stretch = uniform(count, math.log(0.8), math.log(1.5), generator).exp()  # (B,)
    aspects = torch.where(stretched, aspects * stretch, aspects)
    touched = (torch.rand(count, generator=generator) < 0.7)[:, None, None, None]  # (B, 1, 1, 1)
    pixels = as_display(films)  # (B, 1, S, S)
    pixels = torch.where(touched, _photometric(pixels, generator), pixels)  # (B, 1, S, S)
    pixels, presence = place(pixels, aspects, _random_affine(count, generator), patch=patch)
    pixels = _collimate(pixels, generator)
    if thinned and torch.rand((), generator=generator) < 0.5:
        share = 0.1 + 0.9 * float(torch.rand((), generator=generator))
        presence = thin(presence, share, generator)
    return ModelInput(standardise(pixels, presence), presence)


def random_view(films: Tensor, aspects: Tensor, patch: int, generator: torch.Generator) -> ModelInput:
    """A random view of each film with all its patches: a `View`, on which trust is fitted."""
    return random_batch(films, aspects, patch=patch, generator=generator, thinned=False)


def mix_up(inputs: ModelInput, truth: Tensor, share: float) -> tuple[ModelInput, Tensor]:
    """Lay over each film the next one of the batch (Zhang et al., mixup, ICLR 2018).

    Parameters
    ----------
    truth : Tensor
        ``(B, L)``: how much of each label a film shows, rows summing to 1.
    share : float
        Of the film itself, in [0, 1]; the patches that are present stay its own.
    """
    values = share * inputs.values + (1 - share) * inputs.values.roll(1, dims=0)  # (B, 1, S, S)
    return ModelInput(values, inputs.presence), share * truth + (1 - share) * truth.roll(1, dims=0)


def thin(presence: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Keep a random `share` of the present patches of each film, at least one; ``(B, T)`` bool to the same."""
    rank = torch.rand(presence.shape, generator=generator).masked_fill(~presence, 2.0)  # (B, T)
    keep = (share * presence.sum(dim=1, keepdim=True)).ceil()  # (B, 1)
    return rank.argsort(dim=1).argsort(dim=1) < keep  # (B, T)


def as_display(films: Tensor) -> Tensor:
    """``(B, S, S)`` uint8 to ``(B, 1, S, S)`` float32 in [0, 1]."""
    return films[:, None].float() / 255.0


def uniform(count: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    """``(count,)`` numbers in [low, high)."""
    return low + (high - low) * torch.rand(count, generator=generator)


def _random_affine(count: int, generator: torch.Generator) -> Tensor:
    """``(B, 2, 3)``: turns to 8 degrees, magnification 0.9 to 1.25, shifts to a tenth of the half side."""
    angle = uniform(count, -math.radians(8), math.radians(8), generator)  # (B,)
    scale = uniform(count, 0.8, 1.1, generator)  # (B,)
    shift = (torch.rand(count, 2, generator=generator) - 0.5) * 0.2  # (B, 2)
    cosine, sine = scale * angle.cos(), scale * angle.sin()  # (B,)
    rotation = torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1)  # (B, 2, 2)
    return torch.cat([rotation, shift[:, :, None]], dim=2)  # (B, 2, 3)


def place(pixels: Tensor, aspects: Tensor, affine: Tensor, *, patch: int) -> tuple[Tensor, Tensor]:
    """Draw each film into its letterbox.

    Returns
    -------
    pixels : Tensor
        ``(B, 1, S, S)``, 0 outside the film.
    presence : Tensor
        ``(B, T)`` bool.
    """
    size = pixels.shape[-1]
    boxes = [letterbox(1000, round(1000 * float(aspect)), size=size, patch=patch) for aspect in aspects]
    presence = torch.stack([torch.from_numpy(box.presence) for box in boxes])  # (B, T)
    steps = torch.arange(size) + 0.5  # (S,)
    across = torch.stack([(steps - box.left) / box.width * 2 - 1 for box in boxes])  # (B, S) in [-1, 1] inside
    down = torch.stack([(steps - box.top) / box.height * 2 - 1 for box in boxes])  # (B, S)
    inside = (down.abs() < 1)[:, None, :, None] & (across.abs() < 1)[:, None, None, :]  # (B, 1, S, S)
    tall = torch.tensor([box.height / box.width for box in boxes])[:, None, None]  # (B, 1, 1): turn in true proportion
    x = across[:, None, :].expand(-1, size, -1)  # (B, S, S)
    y = down[:, :, None].expand(-1, -1, size) * tall  # (B, S, S)
    grid = torch.stack([x, y, torch.ones_like(x)], dim=-1)  # (B, S, S, 3)
    source = torch.einsum("bij,bhwj->bhwi", affine, grid)  # (B, S, S, 2)
    source = torch.stack([source[..., 0], source[..., 1] / tall], dim=-1)  # (B, S, S, 2)
    drawn = functional.grid_sample(pixels, source, mode="bilinear", padding_mode="zeros", align_corners=False)
    return drawn * inside, presence


def _photometric(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Another exposure, another processing: sharpness, shading, tone curve, window and noise."""
    count, size = len(pixels), pixels.shape[-1]
    pixels = sharpen(pixels, uniform(count, -1.0, 1.0, generator))
    some = (torch.rand(count, generator=generator) < 0.5)[:, None, None, None]  # (B, 1, 1, 1)
    shading = 1 + some * (0.2 * torch.randn(count, 1, 4, 4, generator=generator)).clamp(-0.4, 0.4)  # (B, 1, 4, 4)
    shading = functional.interpolate(shading, size=(size, size), mode="bilinear", align_corners=True)  # (B, 1, S, S)
    pixels = (pixels * shading).clamp(0, 1)
    pixels = tone(pixels, generator)
    low = uniform(count, -0.1, 0.15, generator)[:, None, None, None]  # (B, 1, 1, 1)
    high = uniform(count, 0.8, 1.1, generator)[:, None, None, None]  # (B, 1, 1, 1)
    pixels = ((pixels - low) / (high - low)).clamp(0, 1)
    noise = uniform(count, 0.0, 0.03, generator)[:, None, None, None]  # (B, 1, 1, 1)
    return (pixels + noise * torch.randn(pixels.shape, generator=generator)).clamp(0, 1)


def sharpen(pixels: Tensor, amount: Tensor) -> Tensor:
    """Unsharp masking by `amount` ``(B,)``; -1 leaves the blurred film, 0 the film itself."""
    reach = max(1, pixels.shape[-1] // 96)
    length = 2 * reach + 1
    blurred = functional.avg_pool2d(pixels, (1, length), 1, (0, reach), count_include_pad=False)  # (B, 1, S, S)
    blurred = functional.avg_pool2d(blurred, (length, 1), 1, (reach, 0), count_include_pad=False)  # (B, 1, S, S)
    return (pixels + amount[:, None, None, None] * (pixels - blurred)).clamp(0, 1)


def tone(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """A random rising tone curve: a power, then a piecewise linear curve through random knots."""
    count, knots = len(pixels), 6
    power = uniform(count, -0.5, 0.5, generator).exp()[:, None, None, None]  # (B, 1, 1, 1)
    pixels = pixels.clamp_min(1e-4) ** power
    rises = torch.rand(count, knots, generator=generator) + 0.5  # (B, K)
    curve = torch.cat([torch.zeros(count, 1), rises.cumsum(1) / rises.sum(1, keepdim=True)], dim=1)  # (B, K + 1)
    place = (pixels * knots).flatten(1)  # (B, S * S)
    below = place.long().clamp(0, knots - 1)  # (B, S * S)
    share = place - below  # (B, S * S)
    mapped = curve.gather(1, below) * (1 - share) + curve.gather(1, below + 1) * share  # (B, S * S)
    return mapped.view_as(pixels)


def _collimate(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Of a third of the films, blacken up to an eighth at each edge, as the collimator's blades do."""
    count, size = len(pixels), pixels.shape[-1]
    blades = (torch.rand(count, 4, generator=generator) * size / 8).long()  # (B, 4)
    blades = blades * (torch.rand(count, 1, generator=generator) < 1 / 3)  # (B, 4)
    steps = torch.arange(size)  # (S,)
    rows = (steps >= blades[:, :1]) & (steps < size - blades[:, 1:2])  # (B, S)
    columns = (steps >= blades[:, 2:3]) & (steps < size - blades[:, 3:])  # (B, S)
    return pixels * (rows[:, None, :, None] & columns[:, None, None, :])
