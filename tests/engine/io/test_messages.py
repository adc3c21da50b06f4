from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import Image, Note
from engine.errors import DamagedFile, TooLarge, TooSlow, UploadError
from engine.io.limits import Budget
from engine.io.messages import (
    MALFORMED,
    Answer,
    File,
    Forget,
    Listing,
    Member,
    Packed,
    read_answer,
    read_request,
    write_answer,
    write_request,
)


def _there_and_back(answer: Answer) -> Answer:
    stream = io.BytesIO()
    write_answer(stream, answer)
    stream.seek(0)
    return read_answer(stream)


def test_requests_arrive_as_they_were_sent() -> None:
    stream = io.BytesIO()
    sent = [File("a", b"content"), Member("\udcff odd", 3), Forget(), File("", b"")]
    for request in sent:
        write_request(stream, request)
    stream.seek(0)
    assert [read_request(stream) for _ in sent] == sent
    assert read_request(stream) is None


@pytest.mark.parametrize("error", [UploadError, DamagedFile, TooSlow])
def test_kinds_of_errors_survive(error: type[UploadError]) -> None:
    found = _there_and_back(error("What happened.", "What to do."))
    assert type(found) is error
    assert str(found) == "What happened. What to do."


def test_listings_archives_and_records_survive() -> None:
    for answer in (Listing((("a/b", 3),)), Packed(b"PK"), (Note("text \ud800", "digest", "name"),)):
        assert _there_and_back(answer) == answer


def test_an_answer_beyond_the_allowance_is_left_before_memory_is_taken() -> None:
    stream = io.BytesIO()
    write_answer(stream, (Image(np.zeros((1, 100, 100), np.uint16), "digest"),))
    stream.seek(0)
    with pytest.raises(TooLarge):
        read_answer(stream, Budget(held=20_000))
    assert len(stream.read()) == 20_000
    stream.seek(0)
    budget = Budget(held=30_000)
    assert isinstance(read_answer(stream, budget), tuple)
    assert 0 < budget.held < 10_000


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.bool_])
@pytest.mark.parametrize("shape", [(1, 2, 3), (2, 2, 3, 3), (0, 1, 1)])
def test_pixels_survive_bit_for_bit(dtype: Any, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 2, shape).astype(dtype)
    found = _there_and_back((Image(pixels, "digest", tags={"Modality": "CT"}),))
    assert isinstance(found, tuple)
    (image,) = found
    assert isinstance(image, Image)
    assert (image.pixels.dtype, image.pixels.shape, dict(image.tags)) == (dtype, shape, {"Modality": "CT"})
    np.testing.assert_array_equal(image.pixels, pixels)


def _raw(head: Any, rest: bytes = b"") -> io.BytesIO:
    text = json.dumps(head).encode()
    return io.BytesIO(len(text).to_bytes(8, "little") + text + rest)


@pytest.mark.parametrize(
    "head",
    [
        [],
        {},
        {"arrays": [["a", "O", [1]]], "records": []},
        {"arrays": [["a", "<f8", [-1]]], "records": []},
        {"arrays": [["a", "<f8", [2**62]]], "records": []},
        {"arrays": [["a", "<f8", [8]]], "records": []},
        {"arrays": [], "error": "StoreError", "happened": "", "advice": ""},
        {"arrays": [], "error": "annotations", "happened": "", "advice": ""},
        {"arrays": [], "records": [["Image", {"pixels": "none", "digest": ""}]]},
        {"arrays": [], "records": [["Case", {}]]},
    ],
)
def test_answers_that_make_no_sense_are_told(head: Any) -> None:
    with pytest.raises(MALFORMED):
        read_answer(_raw(head))


@given(st.binary(max_size=60))
def test_random_answers_are_told(data: bytes) -> None:
    with pytest.raises(MALFORMED):
        read_answer(io.BytesIO(data))
