"""The outline of a mask as a polygon along the edges of its pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Corner = tuple[int, int]

# For each side of a pixel: the neighbour beyond it, and the side's first and last corner (x, y), clockwise.
_SIDES = (
    ((-1, 0), (0, 0), (1, 0)),
    ((0, 1), (1, 0), (1, 1)),
    ((1, 0), (1, 1), (0, 1)),
    ((0, -1), (0, 1), (0, 0)),
)


def outer_contour(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Walk around a connected region.

    Parameters
    ----------
    mask : numpy.ndarray
        ``(rows, columns)``, at least one pixel.

    Returns
    -------
    numpy.ndarray
        ``(P, 2)``: the polygon's corners (x, y) clockwise, counted from the image's outer corner; holes are left out.

    Examples
    --------
    >>> outer_contour(np.array([[False, True, True]])).tolist()
    [[1, 0], [3, 0], [3, 1], [1, 1]]
    """
    edges = _edges(mask)
    y, x = np.argwhere(mask)[0].tolist()  # the first pixel of the top row: only one edge leaves its first corner
    walk: list[Corner] = []
    corner, step = (x, y), (1, 0)
    while not walk or corner != walk[0]:
        walk.append(corner)
        right = (corner[0] - step[1], corner[1] + step[0])
        # Where pixels touch by a corner two edges leave it: turning right stays with the same pixel.
        following = right if right in edges[corner] else edges[corner][0]
        corner, step = following, (following[0] - corner[0], following[1] - corner[1])
    return _corners(walk)


def _edges(mask: NDArray[np.bool_]) -> dict[Corner, list[Corner]]:
    """Every pixel edge between inside and outside, by its first corner; the inside lies to its right."""
    padded = np.pad(mask, 1)
    edges: dict[Corner, list[Corner]] = {}
    for (down, across), first, last in _SIDES:
        beyond = np.roll(padded, (-down, -across), axis=(0, 1))[1:-1, 1:-1]
        for y, x in np.argwhere(mask & ~beyond).tolist():
            edges.setdefault((x + first[0], y + first[1]), []).append((x + last[0], y + last[1]))
    return edges


def _corners(walk: list[Corner]) -> NDArray[np.int32]:
    """Drop the points at which the walk goes straight on."""
    points = np.array(walk, dtype=np.int32)  # (P, 2)
    turns = ((points - np.roll(points, 1, axis=0)) != (np.roll(points, -1, axis=0) - points)).any(axis=1)  # (P,)
    return np.asarray(points[turns])
