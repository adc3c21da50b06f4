"""A radiograph of an analytic chest: rays from a point source, scatter, quantum noise, and the maker's processing.

References
----------
Beer-Lambert law: intensity falls as exp(-integral of the attenuation coefficient along the ray).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from sample_data.shapes import Field, Tube, tube
from sample_data.thorax import Thorax

SOFT = 0.0235  # attenuation of soft tissue per mm, about 65 kVp behind 3 mm of aluminium
SOURCE = 1100.0  # mm from the focal spot to the detector
DETECTOR = -82.0  # z of the detector: the child lies or stands with its back to it
DEPTHS = np.arange(-75.0, 76.0, 2.5)


@dataclass(frozen=True)
class Exposure:
    """How one film was taken; lengths in mm on the detector.

    Parameters
    ----------
    spacing : float
        Distance between detector elements.
    centre : float
        y in the patient at the middle of the film.
    scatter : float
        Scattered over direct radiation behind the chest.
    quanta : float
        Detected quanta in a detector element without a patient.
    contrast, gamma : float
        The maker's processing: strength of edge enhancement; tone curve.
    border : tuple of float
        Collimated (dark) margin: left, right, top, bottom.
    marker : str
        Lead letter: "L" or "R", on that side of the patient.
    """

    rows: int = 1024
    columns: int = 1384
    spacing: float = 0.205
    centre: float = -8.0
    scatter: float = 0.5
    quanta: float = 9000.0
    contrast: float = 1.2
    gamma: float = 0.75
    border: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    marker: str = "R"


@dataclass(frozen=True, eq=False)
class Film:
    """`values` (rows, columns) in [0, 1], white is dense; `disease` bool, where the ray crosses diseased lung."""

    values: Field
    disease: NDArray[np.bool_]


def expose(thorax: Thorax, exposure: Exposure, seed: int) -> Film:
    """Return the processed film of `thorax`."""
    rng = np.random.default_rng([seed, 4])
    path, disease = cast(thorax, exposure)
    path = path + shadow(_lead(exposure), exposure)
    direct = np.exp(-path)
    light = direct + exposure.scatter * _blurred(direct, 22.0, exposure)
    light = _blurred(light, 0.16, exposure)
    counted = exposure.quanta * light + np.sqrt(exposure.quanta * light + 4.0) * rng.standard_normal(light.shape)
    grain = ndimage.gaussian_filter(counted, 0.5)
    density = np.log((1.0 + exposure.scatter) * exposure.quanta / np.clip(grain, 3.0, None))
    return Film(_processed(density, exposure) * _shutter(exposure), disease > 6.0)


def cast(thorax: Thorax, exposure: Exposure) -> tuple[Field, Field]:
    """Return the integral of attenuation along each ray, and the mm of soft tissue that disease adds to it.

    Organs change slowly across the film and are cast on a coarser grid of about 0.8 mm.
    """
    stride = max(1, round(0.8 / exposure.spacing))
    v, u = _grid(exposure, stride)
    path = np.zeros((v.size, u.size), dtype=np.float32)
    disease = np.zeros_like(path)
    for z in DEPTHS:
        scale = magnification(z)
        tissue, diseased = thorax.density(u[None, :] / scale, exposure.centre + v[:, None] / scale, np.float32(z))
        path += tissue
        disease += diseased
    step = float(DEPTHS[1] - DEPTHS[0])
    shape = (exposure.rows, exposure.columns)
    fine = [ndimage.zoom(each * step, stride, order=1, grid_mode=True, mode="nearest") for each in (path, disease)]
    path, disease = (each[: shape[0], : shape[1]] for each in fine)
    return SOFT * path + shadow(thorax.tubes, exposure), disease


def magnification(z: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Return by how much the point source enlarges what lies at depth `z`."""
    return SOURCE / (SOURCE - (z - DETECTOR))


def shadow(tubes: Sequence[Tube], exposure: Exposure, *, classes: int = 14) -> Field:
    """Return what tubes add to the integral of attenuation along each ray.

    The chord of a ray through a round tube is as long as the piece of centreline that the detector sees within one
    radius of the ray: so lengths are laid on the detector along the centrelines and spread by a disc.
    """
    points = np.concatenate([tube.points for tube in tubes])  # (n, 3)
    weight = np.concatenate([tube.lengths * tube.contrast for tube in tubes])  # (n,)
    scale = np.asarray(magnification(points[:, 2]))  # (n,)
    radii = np.concatenate([tube.radii for tube in tubes]) * scale / exposure.spacing  # (n,) in pixels
    rows = 0.5 * (exposure.rows - 1) - (points[:, 1] - exposure.centre) * scale / exposure.spacing  # (n,)
    columns = 0.5 * (exposure.columns - 1) + points[:, 0] * scale / exposure.spacing  # (n,)
    edges = np.geomspace(radii.min(), radii.max() * 1.001, classes + 1)
    group = np.digitize(radii, edges) - 1
    total = np.zeros((exposure.rows, exposure.columns), dtype=np.float32)
    for number in np.unique(group):
        mine = group == number
        spread = float(np.average(radii[mine]))
        lengths = _laid(rows[mine], columns[mine], weight[mine], total.shape)
        total += SOFT * signal.oaconvolve(lengths, _disc(spread), mode="same").astype(np.float32)
    return total


def _laid(
    rows: NDArray[np.float64], columns: NDArray[np.float64], weight: NDArray[np.float64], shape: tuple[int, ...]
) -> Field:
    """Return an array of `shape` on which each weight is shared by the four pixels around its place."""
    total = np.zeros(shape, dtype=np.float64)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = rows - top, columns - left
    corners = (
        (0, 0, (1 - down) * (1 - right)),
        (0, 1, (1 - down) * right),
        (1, 0, down * (1 - right)),
        (1, 1, down * right),
    )
    for row, column, share in corners:
        inside = (top + row >= 0) & (top + row < shape[0]) & (left + column >= 0) & (left + column < shape[1])
        np.add.at(total, (top[inside] + row, left[inside] + column), (weight * share)[inside])
    return total.astype(np.float32)


def _disc(radius: float) -> Field:
    """Return a disc of `radius` pixels with a soft rim, so that thin vessels keep their mass.

    Laid lengths in mm become mm of chord where every ray sums what lies within one radius.
    """
    reach = int(np.ceil(radius + 1.0))
    grid = np.hypot(*np.mgrid[-reach : reach + 1, -reach : reach + 1])
    disc = np.clip(radius + 0.5 - grid, 0.0, 1.0)
    return np.asarray(disc * np.pi * radius**2 / disc.sum(), dtype=np.float32)


def _grid(exposure: Exposure, stride: int) -> tuple[Field, Field]:
    """Return the places of every `stride`-th row (up) and column (right) on the detector, mm from its middle."""
    v = (0.5 * exposure.rows - stride * (np.arange(-(-exposure.rows // stride)) + 0.5)) * exposure.spacing
    u = (stride * (np.arange(-(-exposure.columns // stride)) + 0.5) - 0.5 * exposure.columns) * exposure.spacing
    return v.astype(np.float32), u.astype(np.float32)


_BOWL = np.linspace(np.pi / 2, -np.pi / 2, 12)
_STROKES = {
    "L": ([(0.0, 1.0), (0.0, 0.0), (0.6, 0.0)],),
    "R": (
        [
            (0.0, 0.0),
            (0.0, 1.0),
            (0.35, 1.0),
            *zip(0.35 + 0.27 * np.cos(_BOWL), 0.75 + 0.25 * np.sin(_BOWL), strict=True),
            (0.0, 0.5),
        ],
        [(0.3, 0.5), (0.62, 0.0)],
    ),
}


def _lead(exposure: Exposure) -> list[Tube]:
    """Return the side marker: a lead letter on the cassette, at the patient's own side."""
    side = 1.0 if exposure.marker == "L" else -1.0
    margin = exposure.border[1 if side > 0 else 0] + 11.0
    corner = np.array([side * (0.5 * exposure.columns * exposure.spacing - margin) - 3.0, exposure.centre + 42.0])
    strokes = (corner + 9.0 * np.asarray(stroke) for stroke in _STROKES[exposure.marker])
    return [tube(np.column_stack([stroke, np.full(len(stroke), DETECTOR)]), 0.75, 40.0) for stroke in strokes]


def _blurred(values: Field, width: float, exposure: Exposure) -> Field:
    """Return `values` blurred by a Gaussian of `width` mm; a wide one on a coarser grid."""
    stride = max(1, int(width / (4.0 * exposure.spacing)))
    rows, columns = (np.minimum(np.arange(stride // 2, n + stride // 2, stride), n - 1) for n in values.shape)
    coarse = ndimage.gaussian_filter(values[np.ix_(rows, columns)], width / (stride * exposure.spacing), mode="nearest")
    fine = ndimage.zoom(coarse, stride, order=1, grid_mode=True, mode="nearest") if stride > 1 else coarse
    return np.asarray(fine[: exposure.rows, : exposure.columns])


def _shutter(exposure: Exposure) -> Field:
    """Return 1 in the field that the collimator leaves open and 0 around it, which makers blacken."""
    left, right, top, bottom = (round(margin / exposure.spacing) for margin in exposure.border)
    opened = np.zeros((exposure.rows, exposure.columns), dtype=np.float32)
    opened[top : exposure.rows - bottom, left : exposure.columns - right] = 1.0
    return ndimage.gaussian_filter(opened, 0.7, mode="nearest")


def _processed(density: NDArray[np.floating], exposure: Exposure) -> Field:
    """Return display values in [0, 1]: edges enhanced at two scales, then the tone curve."""
    for blur, share in ((0.8, 0.2), (12.0, 0.8)):
        density = density + share * exposure.contrast * (density - _blurred(density, blur, exposure))
    low, high = 0.05, float(np.percentile(density, 99.5)) + 0.6
    return np.asarray(np.clip((density - low) / (high - low), 0.0, 1.0) ** exposure.gamma, dtype=np.float32)
