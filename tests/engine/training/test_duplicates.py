from __future__ import annotations

import numpy as np
from scipy import ndimage

from engine.training.duplicates import duplicate_groups, picture_hash


def _picture(seed: int) -> np.ndarray:
    smooth = ndimage.gaussian_filter(np.random.default_rng(seed).random((200, 240)), 9)
    return ((smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)


def test_copies_are_one_group_whatever_their_size_exposure_or_marks() -> None:
    picture = _picture(0)
    marked = picture.copy()
    marked[100:104, 60:180] = 1.0
    copies = [picture, picture[::2, ::2], np.clip(picture**1.5 * 0.8, 0, 1), marked]
    groups = duplicate_groups(np.array([picture_hash(copy) for copy in [*copies, _picture(1)]]))
    assert groups.tolist() == [0, 0, 0, 0, 1]


def test_what_is_alike_through_a_third_is_one_group() -> None:
    hashes = np.array([[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 1], [1, 1, 0, 0]], dtype=bool)
    assert duplicate_groups(hashes, reach=1).tolist() == [0, 0, 0, 1]
