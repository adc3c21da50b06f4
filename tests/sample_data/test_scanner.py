import numpy as np
import pytest

from sample_data.scanner import Scan, scan
from sample_data.thorax import Build, Opacity, Thorax

SETTINGS = Scan(heights=(0.0, -75.0), size=120, spacing=2.0)


@pytest.fixture(scope="module")
def slices():
    build = Build(opacities=(Opacity((-45.0, 0.0, 0.0), (18.0, 18.0, 18.0)),))
    return scan(Thorax(build, 5), SETTINGS, 5)


def _patch(slices, number, x, z):
    row, column = int(59.5 - z / 2), int(59.5 + x / 2)
    return slices[number, row - 2 : row + 3, column - 2 : column + 3]


def test_tissues_have_their_hounsfield_units(slices):
    values, _ = slices
    assert np.median(values[:, :4]) == pytest.approx(-1000, abs=30), "air"
    assert np.median(_patch(values, 0, 60, 5)) == pytest.approx(-780, abs=120), "lung, the patient's left"
    assert np.median(_patch(values, 1, -45, 10)) == pytest.approx(20, abs=40), "liver, the patient's right"
    assert values.max() > 300, "bone"


def test_disease_is_marked_where_it_is(slices):
    values, diseased = slices
    assert _patch(diseased, 0, -45, 0).all()
    assert np.median(_patch(values, 0, -45, 0)) > -200
    assert not diseased[0, :, 60:].any()
    assert not diseased[1].any()
