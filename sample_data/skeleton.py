"""The bones of a child's chest as tubes along curved centrelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sample_data.shapes import Field, Tube, shell, tube

PITCH = 12.6  # mm from vertebra to vertebra
Cage = Callable[[ArrayLike], tuple[Field, Field]]
Spine = Callable[[ArrayLike], Field]


def skeleton(cage: Cage, spine: Spine, arms: float, chin: float) -> Iterator[Tube]:
    """Yield ribs, spine, shoulder girdle, arms and jaw.

    Parameters
    ----------
    cage : callable
        Half-width and half-depth of the chest at a height.
    spine : callable
        x of the spine at a height.
    arms : float
        Angle of the upper arms, degrees above the horizontal.
    chin : float
        y of the lower edge of the jaw.
    """
    for number in range(12):
        for side in (-1.0, 1.0):
            yield from shell(_rib(number, side, cage, spine), _RIB_RADIUS[number], wall=0.7, outer=2.6, inner=1.0)
    for number in range(-3, 16):
        yield from _vertebra(60.0 - PITCH * number, spine)
    for side in (-1.0, 1.0):
        yield from _girdle(side, arms)
    yield from _jaw(chin)


_RIB_RADIUS = np.interp(np.arange(12), [0, 1, 4, 9, 11], [2.0, 2.3, 2.6, 2.6, 1.9])
_RIB_SWEEP = np.interp(np.arange(12), [0, 1, 6, 8, 9, 10, 11], [2.75, 2.6, 2.4, 2.15, 1.9, 1.55, 1.1])
_RIB_DROP = np.interp(np.arange(12), [0, 3, 7, 11], [36.0, 68.0, 94.0, 98.0])


def _rib(number: int, side: float, cage: Cage, spine: Spine) -> NDArray[np.float64]:
    """Return the centreline of one rib, from its head at the spine round the side to its front end."""
    turn = np.linspace(0.12, _RIB_SWEEP[number], 90)  # angle about the vertical, 0 at the back
    head = 60.0 - PITCH * number + 3.0
    fall = 0.6 * turn / np.pi + 0.4 / (1.0 + np.exp(3.5 * (1.4 - turn)))
    y = head + 3.0 * np.sin(np.clip(2.6 * turn, 0.0, np.pi)) - _RIB_DROP[number] * fall
    width, depth = cage(np.minimum(y, 54.0))
    x = side * (width + 1.5) * np.sin(turn) ** 0.72
    z = -(depth + 2.5) * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.72
    x = x + spine(y) * np.exp(-turn * 2.0)
    return np.stack([x, y, z], axis=1)


def _vertebra(y: float, spine: Spine) -> Iterator[Tube]:
    """Yield body, end plates, pedicles, transverse and spinous processes of the vertebra at height `y`."""
    x = float(spine(y))
    wide = float(np.interp(y, [-120.0, 60.0, 100.0], [14.0, 11.5, 9.5]))
    high = 0.5 * PITCH - 1.5
    for depth in (-36.0, -30.0, -24.0):
        yield tube([(x - wide + 3.0, y, depth), (x + wide - 3.0, y, depth)], high, 0.24)
    for edge in (-high, high):
        yield tube([(x - wide, y + edge, -30.0), (x + wide, y + edge, -30.0)], 0.8, 2.2)
    for side in (-1.0, 1.0):
        yield tube([(x + side * wide, y - high, -30.0), (x + side * wide, y + high, -30.0)], 0.9, 0.8)
        pedicle = x + 0.68 * side * wide
        yield tube([(pedicle, y + 1.5, -38.0), (pedicle, y + 1.5, -46.0)], 2.2, 0.6)
        yield tube([(x + side * 6.0, y + 1.0, -48.0), (x + side * 20.0, y + 3.0, -54.0)], 2.4, 0.8)
        yield tube([(x + side * 5.5, y + 1.0, -48.0), (x, y - 3.0, -54.0)], 1.8, 0.45)
    yield tube([(x, y - 2.0, -54.0), (x, y - 8.0, -62.0)], 1.7, 0.5)


def _girdle(side: float, arms: float) -> Iterator[Tube]:
    """Yield clavicle, scapula and humerus of one side."""
    lift = 10.0 * np.sin(np.radians(arms))
    clavicle = [
        (11, 54, 34),
        (24, 60, 36),
        (42, 63 + 0.3 * lift, 26),
        (60, 62 + 0.6 * lift, 8),
        (80, 66 + 0.6 * lift, -6),
    ]
    yield from shell(_smooth(clavicle, side), 2.7, wall=0.8, outer=2.8, inner=1.1)
    socket, tip, root = (90.0, 56.0, -16.0), (100.0, 10.0, -40.0), (79.0, 40.0, -50.0)
    if arms < 0:
        tip, root = (76.0, -12.0, -50.0), (54.0, 36.0, -52.0)
    yield from shell(_smooth([socket, (97.0, 34.0, -30.0), tip], side), 1.9, wall=0.7, outer=2.4, inner=1.2)
    yield from shell(
        _smooth([root, (82.0, 52.0, -44.0), (88.0, 68.0, -18.0)], side), 1.8, wall=0.7, outer=2.0, inner=1.0
    )
    for share in np.linspace(0.02, 0.96, 48):
        far = np.asarray(root) + share * (np.asarray(tip) - root)
        near = np.asarray(socket) + share * (np.asarray(tip) - socket)
        yield tube(np.stack([far, near]) * (side, 1, 1), 1.4, 0.3)
    rise, reach = np.sin(np.radians(arms)), np.cos(np.radians(arms))
    start = np.array([98.0, 56.0, -14.0])
    shaft = [start + s * np.array([reach, rise, 0.0]) for s in (11.0, 24.0, 50.0, 130.0)]
    yield from shell(np.stack(shaft) * (side, 1, 1), 5.0, wall=1.3, outer=2.8, inner=0.8)
    yield tube(np.stack([start - (2, 2, 0), start + 5.0 * np.array([reach, rise, 0.0])]) * (side, 1, 1), 8.0, 0.35)


def _jaw(chin: float) -> Iterator[Tube]:
    """Yield the lower jaw, seen from the front as an arc above `chin`."""
    turn = np.linspace(-1.25, 1.25, 40)
    arc = np.stack([46.0 * np.sin(turn), chin + 40.0 * (1.0 - np.cos(turn)) + 6.0, 52.0 * np.cos(turn)], axis=1)
    yield from shell(arc, 7.5, wall=2.0, outer=1.3, inner=0.5)


def _smooth(corners: list[tuple[float, float, float]], side: float) -> NDArray[np.float64]:
    """Return a polynomial curve near `corners` (k, 3), mirrored to `side`."""
    points = np.asarray(corners, dtype=np.float64)  # (k, 3)
    places = np.linspace(0.0, 1.0, len(points))
    fine = np.linspace(0.0, 1.0, 60)
    fitted = [np.polyval(np.polyfit(places, points[:, axis], min(3, len(points) - 1)), fine) for axis in range(3)]
    return np.stack(fitted, axis=1) * (side, 1.0, 1.0)
