from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.case import Image, Window
from engine.packing import UNREADABLE, put_together, take_apart

IMAGE = Image(np.arange(4, dtype=np.uint16).reshape(1, 2, 2), "digest", windows=(Window(2, 4),), tags={"KVP": "80"})


def test_a_record_comes_back_from_json_and_its_arrays() -> None:
    arrays: dict[str, Any] = {}
    plain = take_apart(IMAGE, arrays)
    found = put_together(plain, arrays, Image)
    assert found.windows == IMAGE.windows
    assert found.tags == IMAGE.tags
    np.testing.assert_array_equal(found.pixels, IMAGE.pixels)


@pytest.mark.parametrize(
    "spoiled", [{}, {"pixels": 1}, {"pixels": {"\0array": "none"}}, {"windows": [{"center": "x"}]}, []]
)
def test_what_is_no_record_is_refused(spoiled: Any) -> None:
    arrays: dict[str, Any] = {}
    plain = take_apart(IMAGE, arrays)
    broken = {**plain, **spoiled} if spoiled else spoiled
    with pytest.raises(UNREADABLE):
        put_together(broken, arrays, Image)
