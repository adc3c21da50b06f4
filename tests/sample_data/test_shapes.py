import numpy as np
import pytest

from sample_data.shapes import blend, ellipsoid, filled, tube


def test_ellipsoid_is_positive_inside_zero_on_the_surface_and_negative_outside():
    places = np.array([0.0, 10.0, 20.0, 30.0])
    depth = ellipsoid(places, 0.0, 0.0, (0.0, 0.0, 0.0), (20.0, 5.0, 5.0))
    assert depth == pytest.approx([5.0, 2.5, 0.0, -2.5])


def test_a_tilted_ellipsoid_points_from_the_left_towards_the_head():
    depth = ellipsoid(np.array([7.0, 7.0]), np.array([7.0, -7.0]), 0.0, (0.0, 0.0, 0.0), (20.0, 3.0, 3.0), tilt=45.0)
    assert depth[0] > 0.0 > depth[1]


def test_blend_is_a_union_that_never_loses_either_solid():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 8, (2, 500)).astype(np.float32)
    union = blend(first, second, radius=4.0)
    assert np.all(union >= np.maximum(first, second))
    apart = np.abs(first - second) > 4.0
    assert np.array_equal(union[apart], np.maximum(first, second)[apart])


def test_filled_runs_from_nothing_to_all_over_the_edge():
    assert filled(np.array([-2.0, -1.5, 0.0, 1.5, 2.0], np.float32)) == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0])


def test_tube_points_stand_for_the_whole_length_and_taper_between_corners():
    vessel = tube([(0, 0, 0), (30, 40, 0), (30, 40, 20)], [4.0, 2.0, 1.0], 1.0)
    assert vessel.lengths.sum() == pytest.approx(70.0, rel=0.01)
    assert vessel.radii[0] == 4.0
    assert vessel.radii[-1] == 1.0
    assert np.all(np.diff(vessel.radii) <= 0)
