"""Pulmonary vessels and airways that branch from the hila, with Murray's law for their radii.

References
----------
Murray, Proc Natl Acad Sci 12, 207 (1926): the cube of a parent's radius is the sum of its children's cubes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sample_data.shapes import Field, Point, Tube, tube

Lungs = Callable[[ArrayLike, ArrayLike, ArrayLike], Field]
CARINA: Point = (-1.0, 20.0, -6.0)
HILA: tuple[Point, Point] = ((-21.0, 2.0, -2.0), (22.0, 7.0, -2.0))


def grow(lungs: Lungs, rng: np.random.Generator) -> tuple[list[Tube], list[Tube], list[Tube]]:
    """Return the vessels and the airways of both lungs, and the windpipe with its main bronchi.

    Parameters
    ----------
    lungs : callable
        Depth inside the lungs at points ``x, y, z``.
    """
    vessels: list[Tube] = []
    airways: list[Tube] = []
    windpipe = [tube([(0.0, 110.0, 6.0), (0.5, 60.0, 2.0), CARINA], 4.6, 0.0)]
    for hilum in HILA:
        side = np.sign(hilum[0])
        vessels += _tree(hilum, _targets(lungs, side, 260, rng), leaf=0.8, rng=rng)
        vessels += _tree((hilum[0], hilum[1] - 12.0, 2.0), _targets(lungs, side, 170, rng), leaf=0.75, rng=rng)
        windpipe.append(tube([CARINA, hilum], 3.4, 0.0))
        airways += _tree(hilum, _targets(lungs, side, 45, rng), leaf=0.75, rng=rng)
    return vessels, airways, windpipe


def _targets(lungs: Lungs, side: float, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return `count` points inside the lung of one side, (count, 3)."""
    points = rng.uniform((4.0, -85.0, -50.0), (95.0, 60.0, 50.0), (40 * count, 3)) * (side, 1.0, 1.0)
    return points[lungs(*points.T) > 3.0][:count]


def _tree(root: Point, targets: NDArray[np.float64], *, leaf: float, rng: np.random.Generator) -> list[Tube]:
    """Return the branches that join `root` to all `targets` (n, 3), nearest first.

    Each target joins the node that makes its way from the root short without making its own branch long.
    """
    targets = targets[np.argsort(np.linalg.norm(targets - root, axis=1))]
    nodes = np.vstack([root, targets])  # (n + 1, 3)
    way = np.zeros(len(nodes))
    parents = np.zeros(len(nodes), dtype=int)
    for child in range(1, len(nodes)):
        branch = np.linalg.norm(nodes[:child] - nodes[child], axis=1)  # (child,)
        parents[child] = np.argmin(branch + 0.35 * way[:child])
        way[child] = way[parents[child]] + branch[parents[child]]
    cubes = np.full(len(nodes), leaf**3)
    for child in range(len(nodes) - 1, 0, -1):
        cubes[parents[child]] += 0.62 * cubes[child]
    return [_branch(nodes[parents[c]], nodes[c], np.cbrt(cubes[c]), rng) for c in range(1, len(nodes))]


def _branch(start: NDArray[np.float64], end: NDArray[np.float64], radius: float, rng: np.random.Generator) -> Tube:
    """Return one slightly bent branch."""
    bend = 0.06 * np.linalg.norm(end - start) * rng.standard_normal(3)
    share = np.linspace(0.0, 1.0, 8)[:, None]
    return tube(start + share * (end - start) + 4.0 * share * (1.0 - share) * bend, radius, 0.0, step=0.3)
