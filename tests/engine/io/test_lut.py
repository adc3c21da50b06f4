from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from engine.errors import DamagedFile
from engine.io.lut import apply_table, read_entries, read_lut


def _item(descriptor: list[int] | None, data: object, vr: str = "OW") -> Dataset:
    item = Dataset()
    if descriptor is not None:
        item.add_new("LUTDescriptor", "US", descriptor)
    item.add_new("LUTData", vr, data)
    return item


def test_words_and_numbers_give_the_same_table() -> None:
    words = read_lut(_item([3, 5, 12], np.array([0, 9, 4095], ">u2").tobytes()), little_endian=False)
    numbers = read_lut(_item([3, 5, 12], [0, 9, 4095], "US"), little_endian=True)
    np.testing.assert_array_equal(words.table, numbers.table)
    assert (words.first, words.bits, words.table.dtype) == (5, 12, np.uint16)


def test_zero_entries_mean_all_of_sixteen_bits() -> None:
    table = np.arange(65_536, dtype="<u2")
    assert read_lut(_item([0, 0, 16], table.tobytes()), little_endian=True).table.size == 65_536


@pytest.mark.parametrize(("little", "expected"), [(True, [1, 2, 3]), (False, [2, 1, 4])])
def test_packed_bytes_are_in_words_of_the_files_order(little: bool, expected: list[int]) -> None:
    np.testing.assert_array_equal(read_entries(b"\1\2\3\4", entries=3, little_endian=little), expected)


@pytest.mark.parametrize(
    "item", [_item(None, b"\0\0"), _item([4, 0, 16], b"\0\0"), _item([1, 0, 77], b"\0\0"), _item([1, 0], b"\0\0")]
)
def test_a_table_that_is_not_what_it_says_is_damage(item: Dataset) -> None:
    with pytest.raises(DamagedFile):
        read_lut(item, little_endian=True)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float32])
def test_values_outside_take_the_ends(dtype: type) -> None:
    table = np.array([5, 6, 7], np.uint16)
    values = np.array([[0, 9, 10], [11, 12, 30_000]], dtype)
    np.testing.assert_array_equal(apply_table(values, table, 10), [[5, 5, 5], [6, 7, 7]])


def test_a_value_that_is_no_number_takes_the_first_entry() -> None:
    np.testing.assert_array_equal(apply_table(np.array([np.nan, np.inf]), np.array([5, 6]), 0), [5, 6])
