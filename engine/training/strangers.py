"""Images that a model was not made for, to teach a gate what they look like: its own ones changed, and drawn ones.

Drawn pictures stand for photographs, masks and textures. Dead leaves, shapes that hide one another and whose sizes
follow a power law, have the statistics of photographs (Lee, Mumford and Huang, Int J Comput Vision 41, 2001).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

Change = Callable[[Tensor, torch.Generator], Tensor]
"""Display values ``(B, S, S)`` in [0, 1] and all randomness there is -> the same, changed."""

BLUR = (0.011, 0.04)  # deviations of the blur, in sides of the square
GRAIN = (0.12, 0.5)  # deviations of the noise, of the full range
TILT = (15.0, 60.0)  # degrees
_SHAPES = 120  # of a picture of dead leaves

Floats = NDArray[np.floating[Any]]


def turn(films: Tensor, degrees: Tensor, zoom: Tensor) -> Tensor:
    """Turn each film ``(B, S, S)`` about its middle, magnified by `zoom` ``(B,)``; black where it has nothing."""
    angle = torch.deg2rad(degrees)  # (B,)
    cosine, sine, none = angle.cos() / zoom, angle.sin() / zoom, torch.zeros_like(angle)  # (B,)
    affine = torch.stack([torch.stack([cosine, -sine, none], 1), torch.stack([sine, cosine, none], 1)], 1)
    grid = functional.affine_grid(affine, [len(films), 1, *films.shape[1:]], align_corners=False)  # (B, S, S, 2)
    return functional.grid_sample(films[:, None], grid, align_corners=False)[:, 0]  # (B, S, S)


def blur(films: Tensor, deviation: float) -> Tensor:
    """Films ``(B, S, S)`` under a Gaussian blur, its deviation in pixels."""
    reach = max(1, round(3 * deviation))
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation) ** 2)  # (2 R + 1,)
    weights = weights / weights.sum()
    padded = functional.pad(films[:, None], (reach,) * 4, mode="replicate")  # (B, 1, S + 2 R, S + 2 R)
    across = functional.conv2d(padded, weights[None, None, None])  # (B, 1, S + 2 R, S)
    return functional.conv2d(across, weights[None, None, :, None])[:, 0]  # (B, S, S)


def _tilted(films: Tensor, generator: torch.Generator) -> Tensor:
    """To either side; half of them magnified until hardly a corner is black."""
    size, either, near = torch.rand(3, len(films), generator=generator)  # (B,) each
    degrees = (TILT[0] + (TILT[1] - TILT[0]) * size) * (either < 0.5).float().mul(2).sub(1)  # (B,)
    return turn(films, degrees, torch.where(near < 0.5, 1.0, 4 / 3))


def _blurred(films: Tensor, generator: torch.Generator) -> Tensor:
    amounts = BLUR[0] + (BLUR[1] - BLUR[0]) * torch.rand(len(films), generator=generator)  # (B,)
    return torch.cat([blur(film[None], float(amount) * len(film)) for film, amount in zip(films, amounts, strict=True)])


def _noisy(films: Tensor, generator: torch.Generator) -> Tensor:
    """Grain that adds to the greys; of a third of the films, pixels that are black or white instead."""
    kind, amount = torch.rand(2, len(films), 1, 1, generator=generator)  # (B, 1, 1) each
    amount = GRAIN[0] + (GRAIN[1] - GRAIN[0]) * amount
    grain = films + amount * torch.randn(films.shape, generator=generator)
    drawn = torch.rand(films.shape, generator=generator)
    salted = torch.where(drawn < amount / 3, 0.0, torch.where(drawn > 1 - amount / 3, 1.0, films))
    return torch.where(kind < 1 / 3, salted, grain).clamp(0, 1)


def changes(*, mirror: bool) -> dict[str, Change]:
    """What is done to familiar films, by the kind (of `engine.trust.gate`) that comes of it.

    Parameters
    ----------
    mirror : bool
        Whether such films may lie either way round: a mirrored one is then familiar.
    """
    done: dict[str, Change] = {
        "inverted": lambda films, _: 1 - films,
        "upside down": lambda films, generator: _some(films.flip(1, 2), films.flip(1), generator),
        "turned": lambda films, generator: _some(films.rot90(1, (1, 2)), films.rot90(-1, (1, 2)), generator),
        "tilted": _tilted,
        "blurred": _blurred,
        "noisy": _noisy,
    }
    return done if mirror else {**done, "mirrored": lambda films, _: films.flip(2)}


def _some(films: Tensor, others: Tensor, generator: torch.Generator) -> Tensor:
    """At random a film ``(S, S)`` of the one or of the other batch ``(B, S, S)``."""
    return torch.where(torch.rand(len(films), 1, 1, generator=generator) < 0.5, films, others)


def drawn_pictures(count: int, side: int, seed: int) -> Tensor:
    """Draw `count` pictures of nothing, ``(N, S, S)`` uint8: leaves, textures, masks and landscapes of them."""
    generator = np.random.default_rng(seed)
    pictures = np.stack([_picture(generator, side) for _ in range(count)])  # (N, S, S)
    return torch.from_numpy((pictures * 255).round().astype(np.uint8))


def _picture(generator: np.random.Generator, side: int) -> Floats:
    kind = generator.integers(4)
    picture = _leaves(generator, side) if kind else _texture(generator, side)  # (S, S)
    if kind == 1:
        picture = (picture + _texture(generator, side)) / 2
    if generator.random() < 0.2:
        picture = (picture > np.quantile(picture, generator.uniform(0.3, 0.97))).astype(np.float64)
    if generator.random() < 0.4:
        picture = _under_a_sky(picture, generator)
    return picture.clip(0, 1)


def _leaves(generator: np.random.Generator, side: int) -> Floats:
    """Ellipses and boxes that hide one another, each with a shade and a gradient of its own."""
    picture = np.zeros((side, side))
    for _ in range(_SHAPES):
        size, stretch = 0.03 / (1 - 0.94 * generator.random()), np.exp(generator.uniform(-0.7, 0.7))
        x, y = generator.uniform(-0.2, 1.2, 2)
        angle, is_round = generator.uniform(0, np.pi), generator.random() < 0.6
        shade, *slopes = generator.uniform(0, 1), *generator.uniform(-0.2, 0.2, 2)
        reach = 1.5 * size * max(stretch, 1 / stretch)  # of its corners
        rows, columns = (slice(max(0, int((c - reach) * side)), max(0, int((c + reach) * side) + 1)) for c in (y, x))
        down, across = np.mgrid[rows, columns] / side  # (h, w) each, of the shape's surroundings
        part = picture[rows, columns]  # (h', w'), cut at the edges
        down, across = (places[: part.shape[0], : part.shape[1]] for places in (down, across))
        along = ((across - x) * np.cos(angle) + (down - y) * np.sin(angle)) / size
        beside = ((down - y) * np.cos(angle) - (across - x) * np.sin(angle)) / size
        one, other = abs(along) / stretch, abs(beside) * stretch
        inside = (np.hypot(one, other) if is_round else np.maximum(one, other)) < 1
        part[inside] = (shade + slopes[0] * along + slopes[1] * beside)[inside]
    return picture


def _texture(generator: np.random.Generator, side: int) -> Floats:
    """Noise whose strength falls with some power of its frequency."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])  # (S, S // 2 + 1)
    frequency[0, 0] = np.inf
    waves = frequency ** -generator.uniform(0.3, 2.2) * np.exp(2j * np.pi * generator.random(frequency.shape))
    field = np.fft.irfft2(waves, s=(side, side))  # (S, S)
    return np.asarray(0.5 + 0.2 * field / field.std())


def _under_a_sky(land: Floats, generator: np.random.Generator) -> Floats:
    """The same picture below a rugged horizon, with a brighter and smoother one above it."""
    side = len(land)
    rugged = np.cumsum(generator.normal(0, 0.1, side)) / np.sqrt(side)  # (S,)
    sky = generator.uniform(0.6, 1.0) + 0.05 * generator.random() * _texture(generator, side)  # (S, S)
    above = np.linspace(0, 1, side)[:, None] < generator.uniform(0.2, 0.7) + rugged[None]  # (S, S)
    return np.where(above, sky, land * generator.uniform(0.3, 1.0))
