from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels import apply_color_lut
from pydicom.uid import ExplicitVRBigEndian

from engine.errors import DamagedFile
from engine.io.dicom import read_dicom

COLORS = ("Red", "Green", "Blue")


def _plain(table: np.ndarray[Any, Any], first: int, bits: int) -> dict[str, Any]:
    return {
        key: value
        for color in COLORS
        for key, value in {
            f"{color}PaletteColorLookupTableDescriptor": [table.size % 65536, first, bits],
            f"{color}PaletteColorLookupTableData": table.tobytes(),
        }.items()
    }


def _segmented(words: list[int], entries: int, bits: int = 16) -> dict[str, Any]:
    data = np.asarray(words, np.uint8 if bits == 8 else "<u2").tobytes()
    return {
        key: value
        for color in COLORS
        for key, value in {
            f"{color}PaletteColorLookupTableDescriptor": [entries, 0, bits],
            f"Segmented{color}PaletteColorLookupTableData": data,
        }.items()
    }


def _both(data: bytes) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    ds = dcmread(BytesIO(data))
    return read_dicom("x", data).pixels[0], apply_color_lut(ds.pixel_array, ds)


def test_values_outside_the_palette_take_its_ends(make_dicom: Any) -> None:
    stored = np.array([[[0, 9, 10, 11, 13, 200]]], np.uint8)
    table = np.array([1000, 2000, 3000, 4000], "<u2")
    data = make_dicom(stored, PhotometricInterpretation="PALETTE COLOR", **_plain(table, 10, 16))
    ours, theirs = _both(data)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(ours[0, :, 0], [1000, 1000, 1000, 2000, 4000, 4000])


def test_wide_index_into_eight_bit_entries(make_dicom: Any) -> None:
    stored = np.array([[[0, 255, 256, 65535]]], np.uint16)
    table = (np.arange(65536) // 256).astype(np.uint8)
    data = make_dicom(stored, PhotometricInterpretation="PALETTE COLOR", **_plain(table, 0, 8))
    np.testing.assert_array_equal(read_dicom("x", data).pixels[0, 0, :, 1], [0, 0, 1, 255])


def test_eight_bit_entries_in_words_are_eight_bit_color(make_dicom: Any) -> None:
    stored = np.arange(4, dtype=np.uint8).reshape(1, 2, 2)
    data = make_dicom(
        stored, PhotometricInterpretation="PALETTE COLOR", **_plain(np.array([0, 1, 128, 255], "<u2"), 0, 8)
    )
    pixels = read_dicom("x", data).pixels
    assert pixels.dtype == np.uint8
    assert pixels.max() == 255


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        ([0, 4, 10, 20, 30, 40], 4),
        ([0, 1, 0, 1, 7, 1000], 8),
        ([0, 2, 5, 900, 1, 5, 0, 0, 1, 77], 8),
        ([0, 2, 5, 900, 1, 5, 0, 2, 2, 0, 0], 14),
    ],
    ids=["discrete", "rising", "falling", "indirect"],
)
def test_segments_expand_as_pydicom_expands_them(make_dicom: Any, words: list[int], entries: int) -> None:
    stored = np.arange(entries, dtype=np.uint8).reshape(1, 1, entries)
    data = make_dicom(stored, PhotometricInterpretation="PALETTE COLOR", **_segmented(words, entries))
    ours, theirs = _both(data)
    np.testing.assert_array_equal(ours, theirs)


def test_eight_bit_segments_have_pointers_of_four_bytes(make_dicom: Any) -> None:
    words = [0, 2, 5, 90, 1, 4, 0, 2, 2, 0, 0, 0, 0, 0]
    stored = np.arange(12, dtype=np.uint8).reshape(1, 1, 12)
    data = make_dicom(stored, PhotometricInterpretation="PALETTE COLOR", **_segmented(words, 12, bits=8))
    ours, theirs = _both(data)
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    "words",
    [[1, 4, 10], [0, 4, 10], [7, 1, 1], [0, 1, 5, 2, 1, 9, 9], [0, 1, 5, 2, 1, 3, 0], [0, 0, 0]],
    ids=["no start", "short", "no such segment", "outside", "to a pointer", "nothing"],
)
def test_segments_that_contradict_the_standard_are_refused(make_dicom: Any, words: list[int]) -> None:
    stored = np.zeros((1, 2, 2), np.uint8)
    data = make_dicom(stored, PhotometricInterpretation="PALETTE COLOR", **_segmented(words, 8))
    with pytest.raises(DamagedFile):
        read_dicom("x", data)


def test_a_palette_that_is_missing_is_damage(make_dicom: Any) -> None:
    with pytest.raises(DamagedFile):
        read_dicom("x", make_dicom(np.zeros((1, 2, 2), np.uint8), PhotometricInterpretation="PALETTE COLOR"))


def test_big_endian_words_are_swapped(make_dicom: Any) -> None:
    stored = np.arange(4, dtype=np.uint8).reshape(1, 2, 2)
    table = np.array([256, 512, 768, 65280], ">u2")
    data = make_dicom(
        stored, syntax=ExplicitVRBigEndian, PhotometricInterpretation="PALETTE COLOR", **_plain(table, 0, 16)
    )
    np.testing.assert_array_equal(read_dicom("x", data).pixels[0, :, :, 2].ravel(), [256, 512, 768, 65280])
