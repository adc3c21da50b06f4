from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from engine.explain.contour import outer_contour


def _area(polygon: np.ndarray) -> float:
    x, y = polygon.T.astype(float)
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def test_one_pixel_is_a_square_walked_clockwise() -> None:
    mask = np.zeros((4, 5), dtype=bool)
    mask[2, 3] = True
    assert sorted(map(tuple, outer_contour(mask).tolist())) == [(3, 2), (3, 3), (4, 2), (4, 3)]
    assert _area(outer_contour(mask)) == 1.0


def test_straight_runs_have_no_points_between_their_ends() -> None:
    assert len(outer_contour(np.ones((7, 9), dtype=bool))) == 4


def test_a_hole_is_left_out() -> None:
    ring = np.ones((5, 5), dtype=bool)
    ring[1:4, 1:4] = False
    assert _area(outer_contour(ring)) == 25.0


@given(st.integers(0, 2**32 - 1))
def test_the_polygon_encloses_the_region_with_its_holes_filled(seed: int) -> None:
    numbered, _ = ndimage.label(np.random.default_rng(seed).random((9, 11)) < 0.6)
    region = numbered == np.bincount(numbered.ravel())[1:].argmax() + 1
    assert _area(outer_contour(region)) == ndimage.binary_fill_holes(region, structure=np.ones((3, 3))).sum()
