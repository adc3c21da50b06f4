from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from engine.case import VoiFunction
from engine.io.seam import quiet
from engine.io.voi import full_range, read_windows


def _dataset(**attributes: object) -> Dataset:
    ds = Dataset()
    with quiet():
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
    return ds


def test_all_windows_are_offered_in_the_files_order() -> None:
    ds = _dataset(WindowCenter=[40, -600], WindowWidth=[400, 1500], WindowCenterWidthExplanation=["SOFT", "LUNG"])
    first, second = read_windows(ds, 1)
    assert (first.center, first.width, first.explanation) == (40, 400, "SOFT")
    assert (second.center, second.width, second.explanation) == (-600, 1500, "LUNG")


@pytest.mark.parametrize("name", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_the_function_is_the_files(name: str) -> None:
    (window,) = read_windows(_dataset(WindowCenter=0.5, WindowWidth=1.0, VOILUTFunction=name), 1)
    assert window.function is VoiFunction(name)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"WindowCenter": 40},
        {"WindowCenter": 40, "WindowWidth": 0},
        {"WindowCenter": 40, "WindowWidth": 0.5},
        {"WindowCenter": 40, "WindowWidth": -3, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": "", "WindowWidth": ""},
    ],
    ids=str,
)
def test_impossible_windows_are_left_out(attributes: dict[str, object]) -> None:
    assert read_windows(_dataset(**attributes), 1) == ()


def test_more_centers_than_widths_give_as_many_windows_as_both() -> None:
    assert len(read_windows(_dataset(WindowCenter=[1, 2, 3], WindowWidth=[10, 20]), 1)) == 2


def test_full_range_of_integers_floats_and_bits() -> None:
    integers = full_range(np.array([-5, 10], np.int16))
    assert (integers.center, integers.width, integers.function) == (3, 16, VoiFunction.LINEAR)
    floats = full_range(np.array([np.nan, 0.0, 0.5, np.inf], np.float32))
    assert (floats.center, floats.width, floats.function) == (0.25, 0.5, VoiFunction.LINEAR_EXACT)
    assert full_range(np.zeros(1, np.uint8), bits=8).width == 256
    assert full_range(np.full(3, np.nan, np.float32)).width == 1
