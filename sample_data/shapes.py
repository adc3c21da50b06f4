"""Solids and tubes in millimetres: implicit functions that are positive inside, and centrelines with a radius.

Axes: x towards the patient's left, y towards the head, z towards the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = NDArray[np.float32]
Point = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Tube:
    """A tube along a centreline that adds to the attenuation of what it runs through.

    Parameters
    ----------
    points : numpy.ndarray
        ``(n, 3)`` in mm, evenly spaced along the tube.
    radii : numpy.ndarray
        ``(n,)`` in mm.
    contrast : numpy.ndarray
        ``(n,)``, attenuation to add inside, in multiples of soft tissue's.
    """

    points: NDArray[np.float64]
    radii: NDArray[np.float64]
    contrast: NDArray[np.float64]

    @property
    def lengths(self) -> NDArray[np.float64]:
        """Length of centreline that each point stands for, ``(n,)`` in mm."""
        steps = np.linalg.norm(np.diff(self.points, axis=0), axis=1)  # (n - 1,)
        return 0.5 * (np.append(steps, 0.0) + np.append(0.0, steps))  # (n,)


def tube(corners: ArrayLike, radius: float | Sequence[float], contrast: float, *, step: float = 0.4) -> Tube:
    """Return a tube along the polyline `corners` ``(k, 3)``, with `radius` at its corners.

    Parameters
    ----------
    step : float
        Distance in mm between the points of the centreline; smaller than the smallest radius.
    """
    corners = np.asarray(corners, dtype=np.float64)  # (k, 3)
    along = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(corners, axis=0), axis=1)))  # (k,)
    places = np.linspace(0.0, along[-1], max(2, round(along[-1] / step) + 1))  # (n,)
    points = np.stack([np.interp(places, along, corners[:, axis]) for axis in range(3)], axis=1)  # (n, 3)
    radii = np.interp(places, along, np.broadcast_to(radius, along.shape))  # (n,)
    return Tube(points, radii, np.full(len(points), contrast))


def shell(corners: ArrayLike, radius: float, *, wall: float, outer: float, inner: float) -> tuple[Tube, Tube]:
    """Return a long bone as two tubes: compact bone of contrast `outer` around a core of contrast `inner`."""
    return tube(corners, radius, outer), tube(corners, radius - wall, inner - outer)


def ellipsoid(x: ArrayLike, y: ArrayLike, z: ArrayLike, centre: Point, radii: Point, *, tilt: float = 0.0) -> Field:
    """Return about the depth in mm below the surface of an ellipsoid, negative outside.

    Parameters
    ----------
    tilt : float
        Turn in the frontal plane, in degrees, positive from the patient's left towards the head.
    """
    right, up = np.cos(np.radians(tilt)), np.sin(np.radians(tilt))
    dx, dy, dz = np.subtract(x, centre[0]), np.subtract(y, centre[1]), np.subtract(z, centre[2])
    along, across = dx * right + dy * up, dy * right - dx * up
    reach = np.sqrt((along / radii[0]) ** 2 + (across / radii[1]) ** 2 + (dz / radii[2]) ** 2)
    return np.asarray((1.0 - reach) * min(radii), dtype=np.float32)


def column(x: ArrayLike, z: ArrayLike, half_width: ArrayLike, half_depth: ArrayLike, power: float) -> Field:
    """Return about the depth in mm inside a column whose cross-section is a superellipse, negative outside."""
    half_width, half_depth = np.asarray(half_width), np.asarray(half_depth)
    reach = (np.abs(x / half_width) ** power + np.abs(z / half_depth) ** power) ** (1.0 / power)
    return np.asarray((1.0 - reach) * np.minimum(half_width, half_depth), dtype=np.float32)


def blend(*depths: Field, radius: float) -> Field:
    """Return the union of solids with a fillet of `radius` mm where they meet (polynomial smooth maximum)."""
    union = depths[0]
    for depth in depths[1:]:
        overlap = np.clip(1.0 - np.abs(union - depth) / radius, 0.0, None)
        union = np.maximum(union, depth) + 0.25 * radius * overlap**2
    return union


def filled(depth: Field, edge: float = 1.5) -> Field:
    """Return how far a point is inside, in [0, 1], over an edge of +- `edge` mm."""
    return np.clip(0.5 + 0.5 * depth / edge, 0.0, 1.0, dtype=np.float32)
