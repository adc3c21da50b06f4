"""CT slices of an analytic chest: the same formulas as the films, sampled slice by slice, in Hounsfield units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from sample_data.shapes import Field, Tube, filled
from sample_data.thorax import Thorax

BONE = 0.45  # bone's contrast at 100 kVp, in multiples of its contrast at a film's 65 kVp


@dataclass(frozen=True)
class Scan:
    """How the slices lie: `heights` is their y in the patient, lengths in mm."""

    heights: tuple[float, ...]
    size: int = 320
    spacing: float = 0.74
    noise: float = 14.0


def scan(thorax: Thorax, settings: Scan, seed: int) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Return slices in HU and where lung is diseased, both (slices, rows, columns).

    Rows run from front to back and columns from the patient's right to his left, as they are viewed.
    """
    rng = np.random.default_rng([seed, 5])
    half = 0.5 * (settings.size - 1) * settings.spacing
    x = np.linspace(-half, half, settings.size, dtype=np.float32)[None, :]
    z = np.linspace(half, -half, settings.size, dtype=np.float32)[:, None]
    slices, diseased = [], []
    for height in settings.heights:
        density, disease = thorax.density(x, np.float32(height), z)
        density = (
            density
            + _table(x, z)
            + sum(_section(tube, height, settings) for tube in thorax.tubes if _near(tube, height))
        )
        grain = ndimage.gaussian_filter(rng.standard_normal(density.shape), 0.8)
        hounsfield = 1000.0 * (ndimage.gaussian_filter(density, 0.55) - 1.0) + settings.noise * grain / grain.std()
        slices.append(np.clip(np.round(hounsfield), -1024, 3071).astype(np.int16))
        diseased.append(disease > 0.25)
    return np.stack(slices), np.stack(diseased)


def _near(tube: Tube, height: float) -> bool:
    """Return whether a tube comes near the slice at `height`."""
    return bool(np.any(np.abs(tube.points[:, 1] - height) < tube.radii))


def _section(tube: Tube, height: float, settings: Scan) -> Field:
    """Return what one tube adds to the attenuation in the slice at `height`, (rows, columns)."""
    added = np.zeros((settings.size, settings.size), dtype=np.float32)
    away = np.abs(tube.points[:, 1] - height)
    scale = BONE if tube.contrast.max() > 1.0 or tube.contrast.min() < -1.0 else 1.0
    middle = 0.5 * (settings.size - 1)
    for index in np.flatnonzero(away < tube.radii):
        radius = np.sqrt(tube.radii[index] ** 2 - away[index] ** 2) / settings.spacing
        column = middle + tube.points[index, 0] / settings.spacing
        row = middle - tube.points[index, 2] / settings.spacing
        top, left = max(0, int(row - radius - 1)), max(0, int(column - radius - 1))
        patch = added[top : int(row + radius + 3), left : int(column + radius + 3)]
        rows, columns = np.ogrid[top : top + patch.shape[0], left : left + patch.shape[1]]
        share = np.clip(radius + 0.5 - np.hypot(rows - row, columns - column), 0.0, 1.0)
        value = scale * tube.contrast[index] * share
        patch[...] = np.where(np.abs(value) > np.abs(patch), value, patch)
    return added


def _table(x: Field, z: Field) -> Field:
    """Return the attenuation of the couch under the patient."""
    curve = -84.0 + (x / 60.0) ** 2
    return 0.35 * filled(1.2 - np.abs(z - curve), 0.8) * (np.abs(x) < 125.0)
