"""Maps that know nothing of a case, as orders of its parts from the most relevant on: what a map has to beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Order = NDArray[np.intp]
"""``(U,)``: the parts of a case, the most relevant first."""

SHIFT = 0.1  # standard deviation of a blob's middle, in sides of the case
STRETCH = 0.2  # standard deviation of the logarithm of its height over its width


def random_orders(parts: int, count: int, generator: np.random.Generator) -> list[Order]:
    """Draw `count` orders of `parts` parts."""
    return [generator.permutation(parts) for _ in range(count)]


def blob_orders(places: NDArray[np.integer], count: int, generator: np.random.Generator) -> list[Order]:
    """Draw Gaussian blobs in the middle of a case, each a little elsewhere and of another shape.

    A removal curve reads nothing of a map but its order, so that a blob of any width and mass is its distance from the
    middle; what varies between such blobs is where the middle is and how long they are.

    Parameters
    ----------
    places : numpy.ndarray
        ``(U, 2)`` int: row and column of each part; the words of a note lie in one row.
    """
    sides = places.max(axis=0) - places.min(axis=0) + 1.0  # (2,)
    centred = (places - places.min(axis=0) + 0.5) / sides - 0.5  # (U, 2) in [-0.5, 0.5]
    orders = []
    for _ in range(count):
        stretch = np.exp(generator.normal(scale=STRETCH) * np.array([1.0, -1.0]))  # (2,)
        away = (centred - generator.normal(scale=SHIFT, size=2)) * stretch * (sides > 1)  # (U, 2)
        orders.append(np.argsort(np.square(away).sum(axis=1), kind="stable"))
    return orders
