from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut
from pydicom.sequence import Sequence

from engine.io.dicom import read_dicom


@pytest.mark.parametrize(
    ("slope", "intercept", "dtype"),
    [(1, -1024, np.int16), (1, 0, np.int16), (2, 40_000, np.uint16), (1, 100_000, np.float32), (0.5, 0, np.float32)],
)
def test_rescale_keeps_the_smallest_lossless_type(
    make_dicom: Any, ramp: np.ndarray[Any, Any], slope: float, intercept: float, dtype: type
) -> None:
    data = make_dicom(ramp, RescaleSlope=slope, RescaleIntercept=intercept)
    pixels = read_dicom("x", data).pixels
    ds = dcmread(BytesIO(data))
    assert pixels.dtype == dtype
    np.testing.assert_array_equal(pixels[0], apply_modality_lut(ds.pixel_array, ds))


def test_unsigned_sixteen_bits_stay_unsigned(make_dicom: Any) -> None:
    stored = np.array([[[0, 40_000, 65_535]]], np.uint16)
    pixels = read_dicom("x", make_dicom(stored)).pixels
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels, stored)


def test_modality_lut_of_negative_stored_values(make_dicom: Any, ramp: np.ndarray[Any, Any]) -> None:
    item = Dataset()
    item.LUTDescriptor, item.ModalityLUTType = [4, -2, 16], "OD"
    item["LUTDescriptor"].VR = "SS"
    item.add_new("LUTData", "OW", np.array([7, 11, 13, 60_000], "<u2").tobytes())
    image = read_dicom("x", make_dicom(ramp, ModalityLUTSequence=Sequence([item])))
    values = image.pixels[0].ravel()
    assert image.unit == "OD"
    np.testing.assert_array_equal(values[[0, 126, 127, 128, 129, 255]], [7, 7, 11, 13, 60_000, 60_000])


def _functional_group(slope: float, center: float, position: float) -> Dataset:
    transformation, voi, plane = Dataset(), Dataset(), Dataset()
    transformation.RescaleSlope, transformation.RescaleIntercept, transformation.RescaleType = slope, 10, "HU"
    voi.WindowCenter, voi.WindowWidth = center, 50
    plane.ImagePositionPatient = [0, 0, position]
    group = Dataset()
    group.PixelValueTransformationSequence = Sequence([transformation])
    group.FrameVOILUTSequence = Sequence([voi])
    group.PlanePositionSequence = Sequence([plane])
    return group


def test_each_frame_has_the_rescale_and_window_of_its_own_functional_group(make_dicom: Any) -> None:
    measures, orientation, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [0.5, 0.25]
    orientation.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([orientation])
    data = make_dicom(
        np.full((2, 4, 4), 100, np.uint16),
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence([_functional_group(1, 40, -3.5), _functional_group(3, 60, -1)]),
    )
    image = read_dicom("x", data)
    np.testing.assert_array_equal(image.pixels[:, 0, 0], [110, 310])
    assert [window.center for window in image.windows] == [40, 60]
    assert image.unit == "HU"
    assert image.spacing is not None
    assert (image.spacing.row, image.spacing.column) == (0.5, 0.25)
    assert image.placement.position == -3.5
    assert image.orientation == ("L", "P")


def test_stored_values_of_thirty_two_bits(make_dicom: Any) -> None:
    stored = np.array([[[0, 795_000, 2**31]]], np.uint32)
    pixels = read_dicom("x", make_dicom(stored)).pixels
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels, stored)


@pytest.mark.parametrize(("stored_bits", "top", "expected"), [(12, 4095, 65_535), (16, 65_535, 65_535)])
def test_color_fills_its_type(make_dicom: Any, stored_bits: int, top: int, expected: int) -> None:
    stored = np.array([[[[0, top // 3, top]]]], np.uint16)
    data = make_dicom(stored, samples=3, BitsStored=stored_bits, HighBit=stored_bits - 1)
    pixels = read_dicom("x", data).pixels
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels[0, 0, 0], [0, expected // 3, expected])


def test_pixels_are_in_the_machines_byte_order_and_writeable_by_nobody_else(make_dicom: Any) -> None:
    data = make_dicom(np.arange(4, dtype=np.uint16).reshape(1, 2, 2))
    first, second = read_dicom("a", data).pixels, read_dicom("b", data).pixels
    assert first.dtype.isnative
    assert not np.shares_memory(first, second)
