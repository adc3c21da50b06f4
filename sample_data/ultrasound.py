"""B-mode images of a breast: layered tissue, speckle of the beam's width, attenuation, lesions with their shadows.

References
----------
Wagner et al., IEEE Trans Sonics Ultrason 30, 156 (1983): fully developed speckle is the envelope of a
circular complex Gaussian field spread by the point-spread function.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sample_data.shapes import Field
from sample_data.texture import fractal

AXIAL, LATERAL = 0.06, 0.09  # mm between samples down a beam, and between beams
LOOKS = 4  # images from different angles that the scanner averages (spatial compounding)
DYNAMIC_RANGE = 58.0  # dB from black to white


class Kind(StrEnum):
    """What a lesion is."""

    CYST = "cyst"
    FIBROADENOMA = "fibroadenoma"
    CARCINOMA = "carcinoma"


@dataclass(frozen=True)
class Lesion:
    """A lesion at `centre` (across, deep) with half-axes `radii`, in mm."""

    kind: Kind
    centre: tuple[float, float]
    radii: tuple[float, float]
    tilt: float = 0.0


@dataclass(frozen=True)
class Breast:
    """What lies under the probe; depths in mm.

    Parameters
    ----------
    width, depth : float
        Field of view.
    fat, gland : float
        Mean depth of the lower edge of the subcutaneous fat, and of the gland.
    """

    width: float = 42.0
    depth: float = 36.0
    fat: float = 8.5
    gland: float = 21.0
    lesion: Lesion | None = None


@dataclass(frozen=True, eq=False)
class Echo:
    """`values` (rows, columns) uint8 on a grid of `spacing` mm, and the lesion's `mask` on the same grid."""

    values: NDArray[np.uint8]
    mask: NDArray[np.bool_]
    spacing: float


_ECHO = {Kind.CYST: -70.0, Kind.FIBROADENOMA: -17.0, Kind.CARCINOMA: -21.0}  # dB against the gland
_LOSS = {Kind.CYST: -0.9, Kind.FIBROADENOMA: -0.25, Kind.CARCINOMA: 1.3}  # dB per mm against the tissue around


def image(breast: Breast, seed: int, *, spacing: float = 0.08, gain: float = 0.0) -> Echo:
    """Return the B-mode image of `breast` by a linear probe; `gain` in dB."""
    rng = np.random.default_rng([seed, 6])
    across, deep = _samples(breast)
    level, inside = _tissue(breast, across, deep, rng)
    level = level + _passage(breast, inside, deep)
    amplitude = 10.0 ** (level / 20.0)
    looks = [_spread(amplitude * _scatterers(amplitude.shape, rng), deep) for _ in range(LOOKS)]
    hiss = 10.0 ** ((deep - 78.0) / 20.0) * np.abs(_scatterers(amplitude.shape, rng))
    echo = np.mean(looks, axis=0) + ndimage.gaussian_filter(hiss, (1.0, 2.0))
    bright = np.clip((20.0 * np.log10(np.maximum(echo, 1e-6)) + 38.0 + gain) / DYNAMIC_RANGE, 0.0, 1.0)
    shape = (round(breast.depth / spacing), round(breast.width / spacing))
    return Echo(_resized(255.0 * bright**1.15, shape), _resized(255.0 * inside, shape) > 127, spacing)


def cine(still: Echo, frames: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return frames and masks (frames, rows, columns) of a slow compression seen through a virtual convex probe.

    Tissue yields along the beam and moves aside, most under the probe; its speckle moves with it.
    """
    rows, columns = still.values.shape
    row, column = np.mgrid[0:rows, 0:columns].astype(np.float32)
    apex = 2.2 * rows
    spread = 1.0 - 0.22 * (1.0 - row / rows)
    along = np.hypot(row + apex, (column - 0.5 * columns) * 0.9) - apex
    beam = (column - 0.5 * columns) / spread
    seen = (np.abs(beam) < 0.5 * columns) & (along >= 0)
    images, masks = [], []
    for frame in range(frames):
        press = 0.035 * (1.0 - np.cos(2.0 * np.pi * frame / frames))
        source = [along * (1.0 + press * (1.0 - along / rows)), 0.5 * columns + beam * (1.0 - 0.4 * press)]
        for kept, values in ((images, still.values), (masks, 255 * still.mask.astype(np.uint8))):
            moved = ndimage.map_coordinates(values.astype(np.float32), source, order=1, mode="constant")
            kept.append(np.where(seen, np.round(moved), 0).astype(np.uint8))
    return np.stack(images), np.where(np.stack(masks) > 127, 255, 0).astype(np.uint8)


def _samples(breast: Breast) -> tuple[Field, Field]:
    """Return places of the beams (1, w) and of the samples down them (h, 1), in mm."""
    across = np.arange(0.0, breast.width, LATERAL, dtype=np.float32)[None, :] - 0.5 * breast.width
    return across, np.arange(0.0, breast.depth, AXIAL, dtype=np.float32)[:, None]


def _tissue(breast: Breast, across: Field, deep: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Return echo level in dB against the gland, and how far a sample lies in the lesion, both (h, w)."""
    shape = (deep.size, across.size)
    smooth = [_wave(across, rng) for _ in range(4)]
    skin = 1.2 + 0.15 * smooth[0]
    fat = breast.fat + 1.6 * smooth[1]
    gland = breast.gland + 1.3 * smooth[2]
    muscle = gland + 1.6 + 0.3 * smooth[3]
    rough = 4.0 * fractal(shape, 1.1, rng)
    streaks = 4.0 * _stretched(shape, (3, 14), rng) + 3.5 * _stretched(shape, (9, 22), rng)
    level = np.where(deep < fat, -13.0 + 0.5 * rough + _septa(shape, rng, 15.0), 0.8 * rough + 1.2 * streaks)
    level = np.where(deep > gland, -13.0 + 0.4 * rough, level)
    fibres = 13.0 * np.clip(_stretched(shape, (2, 45), rng) - 0.5, 0.0, 1.6)
    level = np.where(deep > muscle, -17.0 + 0.4 * rough + fibres, level)
    for surface, height, thick in ((skin, 6.0, 0.16), (fat, 3.0, 0.25), (gland, 7.0, 0.2), (muscle, 9.0, 0.22)):
        patchy = 0.6 + 0.4 * np.clip(_wave(across, rng), -1.0, 1.5)
        level = np.maximum(level, height * patchy - 11.0 * np.abs(deep - surface) / thick)
    level = np.where(deep < skin, -2.0 + 0.3 * rough - 7.0 * np.abs(deep - 0.5 * skin), level)
    return _with_lesion(breast.lesion, np.asarray(level, dtype=np.float32), across, deep, rng)


def _with_lesion(
    lesion: Lesion | None, level: Field, across: Field, deep: Field, rng: np.random.Generator
) -> tuple[Field, Field]:
    """Return `level` with the lesion in it, and how far each sample lies in the lesion, in [0, 1]."""
    if lesion is None:
        return level, np.zeros_like(level)
    depth, angle = _depth(lesion, across, deep, rng)
    inside = np.clip(0.5 + depth / (0.9 if lesion.kind is Kind.CARCINOMA else 0.3), 0.0, 1.0)
    echo = _ECHO[lesion.kind] + (2.5 * fractal(level.shape, 1.2, rng) if lesion.kind is not Kind.CYST else 0.0)
    if lesion.kind is Kind.CARCINOMA:
        halo = 5.0 * np.exp(-(((depth + 1.1) / 0.9) ** 2))
        spots = 22.0 * (ndimage.gaussian_filter(rng.random(level.shape) > 0.9995, 1.5) > 0.02)
        echo = echo + spots
    else:
        halo = 8.0 * np.exp(-(((depth + 0.15) / 0.2) ** 2)) * np.abs(np.sin(angle)) ** 2
    return np.asarray(level * (1.0 - inside) + echo * inside + halo, dtype=np.float32), inside.astype(np.float32)


def _depth(lesion: Lesion, across: Field, deep: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Return about the depth in mm inside the lesion's outline, and the angle about its centre."""
    turn = np.radians(lesion.tilt)
    dx, dy = across - lesion.centre[0], deep - lesion.centre[1]
    u, v = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    angle = np.arctan2(v / lesion.radii[1], u / lesion.radii[0])
    lobes = {Kind.CYST: 0.02, Kind.FIBROADENOMA: 0.05, Kind.CARCINOMA: 0.11}[lesion.kind]
    outline = np.ones_like(angle)
    for order in range(2, 14 if lesion.kind is Kind.CARCINOMA else 5):
        outline = outline + lobes * rng.standard_normal() * np.cos(order * angle + rng.uniform(0, 6.3)) / order**0.6
    reach = np.hypot(u / lesion.radii[0], v / lesion.radii[1])
    return np.asarray((outline - reach) * min(lesion.radii), dtype=np.float32), angle


def _passage(breast: Breast, inside: Field, deep: Field) -> Field:
    """Return gain and loss in dB on the way to each sample: attenuation, the lesion's own, and the probe's edges."""
    loss = -0.3 * deep - 0.12 * np.clip(deep - breast.gland, 0.0, None)
    if breast.lesion is not None:
        crossed = ndimage.gaussian_filter1d(np.cumsum(inside, axis=0) * AXIAL, 4.0, axis=1)
        fading = np.exp(-np.clip(deep - breast.lesion.centre[1] - breast.lesion.radii[1], 0.0, None) / 14.0)
        loss = loss - _LOSS[breast.lesion.kind] * crossed * fading
    edge = np.linspace(-1.0, 1.0, inside.shape[1])[None, :]
    return np.asarray(loss - 7.0 * np.abs(edge) ** 8, dtype=np.float32)


def _scatterers(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.complex64]:
    """Return a circular complex Gaussian field of variance 1."""
    return ((rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2.0)).astype(np.complex64)


def _spread(field: NDArray[np.complex64], deep: Field) -> Field:
    """Return the envelope after the point-spread function, whose width grows away from the focus."""
    focus = float(deep.max()) * 0.45
    sharp, blunt = (_filtered(field, beams) for beams in (1.7, 4.2))
    share = np.clip(np.abs(deep - focus) / float(deep.max()), 0.0, 1.0)
    return np.asarray(np.abs(sharp * (1.0 - share) + blunt * share), dtype=np.float32)


def _filtered(field: NDArray[np.complex64], beams: float) -> NDArray[np.complex64]:
    """Return `field` spread by 1.3 samples down and `beams` across, with its power kept."""
    spread = ndimage.gaussian_filter(field, (1.3, beams))
    return np.asarray(spread * np.sqrt(4.0 * np.pi * 1.3 * beams), dtype=np.complex64)


def _wave(across: Field, rng: np.random.Generator) -> Field:
    """Return a smooth random curve over the beams, (1, w), of variance about 1."""
    phase = across / 42.0 * 2.0 * np.pi
    parts = [
        rng.standard_normal() * np.cos(order * 0.7 * phase + rng.uniform(0, 6.3)) / order for order in (1, 2, 3, 5)
    ]
    return np.asarray(sum(parts), dtype=np.float32)


def _stretched(shape: tuple[int, int], by: tuple[int, int], rng: np.random.Generator) -> Field:
    """Return Gaussian texture of variance 1 that runs across, `by` samples down and across."""
    field = ndimage.gaussian_filter(rng.standard_normal(shape), by)
    wavy = ndimage.gaussian_filter(rng.standard_normal(shape[1]), 60.0)
    shift = np.round(14.0 * wavy / wavy.std()).astype(int)
    rows = (np.arange(shape[0])[:, None] + shift[None, :]) % shape[0]
    bent = np.take_along_axis(field, rows, axis=0)
    return np.asarray(bent / bent.std(), dtype=np.float32)


def _septa(shape: tuple[int, int], rng: np.random.Generator, height: float) -> Field:
    """Return thin bright curved lines between fat lobules, in dB."""
    field, patch = (ndimage.gaussian_filter(rng.standard_normal(shape), (16.0, 70.0)) for _ in range(2))
    lines = np.exp(-((field / field.std() / 0.08) ** 2))
    return np.asarray(height * lines * np.clip(0.4 + 0.7 * patch / patch.std(), 0.0, 1.0), dtype=np.float32)


def _resized(values: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return `values` on a grid of `shape`, with samples averaged."""
    factors = [new / old for new, old in zip(shape, values.shape, strict=True)]
    zoomed = ndimage.zoom(values.astype(np.float32), factors, order=1, grid_mode=True, mode="nearest")
    return np.clip(np.round(zoomed), 0, 255).astype(np.uint8)
