from __future__ import annotations

import pytest

from engine.errors import TooLarge, UnsafeArchive
from engine.io.limits import FILE_BYTES, SIDE, Budget, check_decoded_size, check_file_size


def test_files_up_to_the_limit_pass() -> None:
    check_file_size(FILE_BYTES)
    with pytest.raises(TooLarge):
        check_file_size(FILE_BYTES + 1)


@pytest.mark.parametrize(
    ("frames", "rows", "columns", "size"),
    [(1, SIDE + 1, 1, 1), (10_001, 1, 1, 1), (100, 4096, 4096, 2), (1, SIDE, SIDE, 1)],
)
def test_images_beyond_the_limits_are_refused(frames: int, rows: int, columns: int, size: int) -> None:
    with pytest.raises(TooLarge):
        check_decoded_size(frames, rows, columns, size)


def test_a_tomosynthesis_volume_passes() -> None:
    check_decoded_size(60, 2457, 1996, 2)


def test_an_allowance_ends() -> None:
    budget = Budget(files=2, bytes=10)
    budget.spend(6)
    with pytest.raises(UnsafeArchive):
        budget.spend(6)
    with pytest.raises(TooLarge):
        budget.spend(0)


def test_memory_for_a_drop_ends_and_what_follows_is_too_much_as_well() -> None:
    budget = Budget(held=10)
    budget.hold(10)
    with pytest.raises(TooLarge, match="Drop fewer files at once"):
        budget.hold(1)
    with pytest.raises(TooLarge):
        budget.hold(0)


def test_a_large_ct_series_may_be_held() -> None:
    Budget().hold(3 * 2500 * 512 * 512 * 2)
