from dataclasses import replace

import numpy as np
import pytest

from sample_data.film import SOFT, Exposure, cast, expose, shadow
from sample_data.shapes import tube
from sample_data.thorax import Build, Opacity, Thorax

SMALL = Exposure(rows=160, columns=210, spacing=1.3)
FLAT_ON = -82.0  # on the detector: no magnification


def test_shadow_of_a_tube_is_its_chord():
    exposure = Exposure(rows=201, columns=201, spacing=0.2, centre=0.0)
    added = shadow([tube([(-15, 0, FLAT_ON), (15, 0, FLAT_ON)], 4.0, 1.0, step=0.05)], exposure) / SOFT
    away = (np.arange(201) - 100) * 0.2
    chord = 2.0 * np.sqrt(np.clip(16.0 - away**2, 0.0, None))
    inner = np.abs(away) < 3.5
    assert added[inner, 100] == pytest.approx(chord[inner], rel=0.03)
    assert np.abs(added[np.abs(away) > 4.4, 100]).max() < 1e-3


def test_a_tube_along_the_ray_casts_its_length():
    exposure = Exposure(rows=61, columns=61, spacing=0.5, centre=0.0)
    added = shadow([tube([(0, 0, FLAT_ON), (0, 0, FLAT_ON + 12)], 3.0, 1.0, step=0.1)], exposure) / SOFT
    assert added[30, 30] == pytest.approx(12.0, rel=0.05)


@pytest.fixture(scope="module")
def sound():
    return cast(Thorax(Build(), 1), SMALL)


def _mean(path, x, y):
    """Mean of a patch of 10 mm about a point of the patient, x to his left and y up, at the middle of his depth."""
    scale = 1.08 / SMALL.spacing
    row, column = int(80 - (y - SMALL.centre) * scale), int(105 + x * scale)
    return path[row - 4 : row + 5, column - 4 : column + 5].mean()


def test_anatomy_lies_on_the_right_side(sound):
    path, _ = sound
    assert _mean(path, 30, -35) > 1.3 * _mean(path, -38, -35), "the heart points to the patient's left"
    assert _mean(path, -45, -68) > _mean(path, 45, -68), "gas under the left dome, liver under the right"
    assert _mean(path, 0, 0) > 1.5 * _mean(path, 50, 10), "the middle is denser than the lung"
    assert path[100, :3].max() < 0.01, "air beside the body"


def test_disease_whitens_its_own_place_only(sound):
    sick, disease = cast(Thorax(Build(opacities=(Opacity((-50, 0, 0), (20, 20, 30)),)), 1), SMALL)
    assert _mean(sick, -50, 0) > _mean(sound[0], -50, 0) + 0.4
    assert _mean(sick, 50, 0) == pytest.approx(_mean(sound[0], 50, 0), abs=1e-3)
    assert disease[:, 105:].max() == 0.0
    assert sound[1].max() == 0.0


def test_a_film_is_the_same_for_the_same_seed_and_another_for_another():
    small = Exposure(rows=60, columns=80, spacing=3.4)
    first, again, other = (expose(Thorax(Build(), seed), small, seed).values for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.min() >= 0.0
    assert first.max() <= 1.0


def test_the_marker_is_on_its_own_side():
    right, left = (expose(Thorax(Build(), 1), replace(SMALL, marker=letter), 1).values for letter in "RL")
    change = right - left
    assert change[:, :60].max() > 0.1
    assert change[:, -60:].min() < -0.1


def test_what_the_collimator_covers_is_black():
    exposure = Exposure(rows=60, columns=80, spacing=3.4, border=(34.0, 34.0, 17.0, 17.0))
    values = expose(Thorax(Build(), 1), exposure, 1).values
    assert values[:, :8].max() < 1e-3
    assert values[:3].max() < 1e-3
    assert values[20:40, 30:50].min() > 0.1
