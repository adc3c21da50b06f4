from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.case import Image, VoiFunction, VoiLut, Window
from engine.preprocess.display import to_display, window_function


def _image(values: object, **fields: object) -> Image:
    return Image(pixels=np.asarray(values), digest="0" * 64, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "shade"), [(-1000, 0.0), (40 - 0.5 - 49.5, 0.0), (39.5, 0.5), (40 - 0.5 + 49.5, 1.0), (3000, 1.0)]
)
def test_linear_window_spans_width_minus_one_about_center_minus_a_half(value: float, shade: float) -> None:
    assert window_function(np.array([value]), Window(40, 100))[0] == shade


@pytest.mark.parametrize(("value", "shade"), [(-10, 0.0), (40, 0.5), (65, 0.75), (90, 1.0)])
def test_linear_exact_window_spans_its_width(value: float, shade: float) -> None:
    assert window_function(np.array([value]), Window(40, 100, VoiFunction.LINEAR_EXACT))[0] == shade


@pytest.mark.parametrize("value", [-1e6, -60.0, 40.0, 140.0, 1e6])
def test_sigmoid_window_is_the_standards(value: float) -> None:
    expected = 1 / (1 + math.exp(min(-4 * (value - 40) / 100, 700)))
    shade = window_function(np.array([value]), Window(40, 100, VoiFunction.SIGMOID))[0]
    assert shade == pytest.approx(expected, abs=1e-7)


def test_linear_window_of_width_one_is_a_threshold() -> None:
    shades = window_function(np.array([9.0, 9.5, 9.6, 10.0]), Window(10, 1))
    np.testing.assert_array_equal(shades, [0, 0, 1, 1])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(-(2**15), 2**15 - 1), min_size=4, max_size=4),
    st.floats(-1e5, 1e5),
    st.floats(1, 1e5),
    st.sampled_from(VoiFunction),
    st.booleans(),
)
def test_the_table_of_integers_gives_what_the_formula_gives(
    values: list[int], center: float, width: float, function: VoiFunction, repeat: bool
) -> None:
    window = Window(center, width, function)
    pixels = np.array(values * (20_000 if repeat else 1), np.int16).reshape(1, 2, -1)
    shown = to_display(_image(pixels), window=window)
    np.testing.assert_array_equal(shown, window_function(pixels[0].astype(np.float64), window))
    assert 0 <= shown.min() <= shown.max() <= 1


def test_voi_lut_comes_before_windows_and_a_chosen_window_before_both() -> None:
    lut = VoiLut(np.array([0, 100, 200, 255], np.uint16), first=-1, bits=8)
    image = _image(np.array([[[-5, -1, 0, 1, 2, 9]]], np.int16), voi_luts=(lut,), windows=(Window(0, 2),))
    np.testing.assert_allclose(to_display(image)[0] * 255, [0, 0, 100, 200, 255, 255], rtol=1e-6)
    np.testing.assert_array_equal(to_display(image, window=Window(0, 1))[0], [0, 0, 1, 1, 1, 1])


def test_without_any_window_the_full_range_is_shown() -> None:
    shown = to_display(_image(np.array([[[100, 150, 200]]], np.uint16)))
    np.testing.assert_allclose(shown[0], [0, 0.5, 1])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_a_flat_image_is_shown_without_fault(dtype: type[np.generic]) -> None:
    assert np.isfinite(to_display(_image(np.full((1, 3, 3), 7, dtype)))).all()


def test_floats_without_a_value_are_black() -> None:
    shown = to_display(_image(np.array([[[np.nan, -np.inf, 0.0, np.inf]]], np.float32)), window=Window(0, 2))
    np.testing.assert_array_equal(shown[0][[0, 1, 3]], [0, 0, 1])


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535)])
def test_color_is_scaled_by_its_type(dtype: type[np.generic], white: int) -> None:
    shown = to_display(_image(np.array([[[[0, white // 2, white]]]], dtype)))
    assert shown.dtype == np.float32
    np.testing.assert_allclose(shown[0, 0], [0, 0.5, 1], atol=0.01)


@pytest.mark.parametrize("frame", [-1, 2])
def test_a_frame_that_is_not_there_is_a_mistake_of_the_caller(frame: int) -> None:
    with pytest.raises(IndexError):
        to_display(_image(np.zeros((2, 2, 2), np.uint8)), frame)
