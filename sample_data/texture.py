"""Seeded random texture: Gaussian fields whose power falls with frequency, as tissue's does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sample_data.shapes import Field


def fractal(shape: tuple[int, ...], slope: float, rng: np.random.Generator) -> Field:
    """Return a periodic Gaussian field of mean 0 and variance 1 whose amplitude falls as frequency ** -`slope`."""
    spectrum = np.fft.rfftn(rng.standard_normal(shape))
    axes = [np.fft.fftfreq(n) for n in shape[:-1]] + [np.fft.rfftfreq(shape[-1])]
    frequency = np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij")))
    frequency.flat[0] = np.inf  # no constant part
    field = np.fft.irfftn(spectrum * frequency**-slope, s=shape, axes=range(len(shape)))
    return np.asarray(field / field.std(), dtype=np.float32)


@dataclass(frozen=True, eq=False)
class Texture:
    """A fractal field that fills space: `values` (n, n, n) repeats every n * `pitch` mm."""

    values: Field
    pitch: float

    @classmethod
    def seeded(cls, rng: np.random.Generator, *, slope: float, pitch: float, size: int = 128) -> Texture:
        """Return a new field of `size` cubed values."""
        return cls(fractal((size, size, size), slope, rng), pitch)

    def at(self, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Field:
        """Return the field at points in mm: the nearest value, cheap on planes."""
        size = len(self.values)
        i, j, k = (np.floor_divide(axis, self.pitch).astype(np.int32) % size for axis in (x, y, z))
        return np.asarray(self.values[i, j, k])
