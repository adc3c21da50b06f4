"""Records to bytes and back: bit for bit, without names of files, and hostile bytes give one clear error."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load, save

from engine.case import Case, Course, Image, Note, PixelSpacing, Placement, Sequence, SpacingSource, VoiLut, Window
from engine.errors import StoreDamaged
from engine.review import OwnReading, ReadingOrder, Review, Step
from engine.samples import sample_case, sample_index
from engine.store.records import pack_answer, pack_case, pack_review, unpack_answer, unpack_case, unpack_review
from tests.engine.store.kept import answer_of, case_of, review_of

NAME = "of-a-patient"
TEXT = st.text(max_size=20)
NUMBER = st.floats(allow_nan=True)
PIXELS = hnp.arrays(
    st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.int32, np.uint32, np.float32, np.float64, np.bool_]),
    hnp.array_shapes(min_dims=3, max_dims=4, min_side=0, max_side=4),
)
IMAGES = st.builds(
    Image,
    pixels=PIXELS,
    digest=TEXT,
    name=st.just(NAME),
    format=TEXT,
    windows=st.lists(st.builds(Window, NUMBER, NUMBER), max_size=2).map(tuple),
    voi_luts=st.lists(
        st.builds(VoiLut, hnp.arrays(np.uint16, st.integers(0, 9)), st.integers(-9, 9), st.integers(8, 16)), max_size=2
    ).map(tuple),
    inverted=st.booleans(),
    spacing=st.none() | st.builds(PixelSpacing, NUMBER, NUMBER, st.sampled_from(SpacingSource)),
    orientation=st.none() | st.tuples(TEXT, TEXT),
    placement=st.builds(Placement, TEXT, TEXT, TEXT, st.integers(), st.none() | NUMBER),
    tags=st.dictionaries(TEXT, TEXT, max_size=3),
)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    count = draw(st.integers(0, 5))
    hours, values = (draw(hnp.arrays(np.float64, count)) for _ in range(2))
    names = tuple(draw(st.lists(TEXT, min_size=count, max_size=count)))
    return Course(hours, names, values, draw(TEXT), NAME, static=draw(st.dictionaries(TEXT, NUMBER, max_size=3)))


CASES = st.builds(
    Case,
    case_id=TEXT,
    title=TEXT,
    series=st.lists(st.lists(IMAGES, max_size=2).map(tuple), max_size=2).map(tuple),
    note=st.none() | st.builds(Note, TEXT, TEXT, st.just(NAME), warnings=st.lists(TEXT, max_size=2).map(tuple)),
    course=st.none() | courses(),
    sequence=st.none() | st.builds(Sequence, TEXT, TEXT, st.just(NAME), site=st.integers(0, 9)),
    synthetic=st.booleans(),
)


def same(one: Any, other: Any) -> bool:
    """The same to the bit, NaN and types of arrays included."""
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if is_dataclass(one):
        parts = (field.name for field in fields(one) if field.name not in ("name", "truth"))
        return type(one) is type(other) and all(same(getattr(one, part), getattr(other, part)) for part in parts)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return isinstance(other, float) and repr(one) == repr(other)
    if hasattr(one, "items"):
        return dict(one).keys() == dict(other).keys() and all(same(one[key], other[key]) for key in one)
    return bool(one == other) and type(one) is type(other)


@pytest.mark.parametrize("case_id", [entry.case_id for entry in sample_index()])
def test_every_sample_comes_back_bit_for_bit(case_id: str) -> None:
    case = sample_case(case_id)
    back = unpack_case(pack_case(case))
    assert same(case, back)
    assert back.truth == {}


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_any_case_comes_back_bit_for_bit_without_names_of_files(case: Case) -> None:
    packed = pack_case(case)
    assert same(case, unpack_case(packed))
    assert NAME.encode() not in packed


def test_a_note_of_a_version_without_warnings_is_read() -> None:
    arrays = load(pack_case(Case("1", "", note=Note("Well.", "d"))))
    header = json.loads(arrays["header"].tobytes())
    del header["case"]["note"]["warnings"]
    arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    assert unpack_case(save(arrays)).note == Note("Well.", "d")


def test_a_name_that_looks_like_our_own_mark_is_no_array() -> None:
    course = Course(np.zeros(0), (), np.zeros(0), "", static={"array": 1.0})
    case = replace(case_of(1), course=course)
    assert dict(unpack_case(pack_case(case)).course.static) == {"array": 1.0}  # type: ignore[union-attr]


def test_pixels_of_another_byte_order_and_layout_come_back_as_values() -> None:
    pixels = np.arange(24, dtype=">u2").reshape(1, 4, 6).transpose(0, 2, 1)
    back = unpack_case(pack_case(Case("1", "", ((Image(pixels, ""),),))))
    assert back.images[0].pixels.dtype == np.uint16
    assert (back.images[0].pixels == pixels).all()


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_hostile_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(StoreDamaged):
        unpack_case(content)


HEADERS = [
    b"",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"{}",
    b'{"format": "attending-case-9", "case": {}}',
    b'{"format": "attending-case-1"}',
    b'{"format": "attending-case-1", "case": []}',
    b'{"format": "attending-case-1", "case": {"case_id": 1}}',
    b'{"format": "attending-case-1", "case": {"\\u0000array": []}}',
    b'{"format": "attending-case-1", "case": {"\\u0000array": "array 7"}}',
    b'{"format": "attending-case-1", "case": {"case_id": "1", "title": "", "series": [[{"pixels": 3}]]}}',
    b'{"format": "attending-case-1", "case": {"case_id": "1", "title": "", "series": [[{"pixels": 3, "digest": ""}]]}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("header", HEADERS, ids=range(len(HEADERS)))
def test_hostile_headers_are_refused(header: bytes) -> None:
    with pytest.raises(StoreDamaged):
        unpack_case(save({"header": np.frombuffer(header, np.uint8)}))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_byte_gives_a_case_or_one_clear_error(data: st.DataObject) -> None:
    packed = bytearray(PACKED)
    packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert isinstance(unpack_case(bytes(packed)), Case)
    except StoreDamaged as error:
        assert error.advice  # noqa: PT017


PACKED = pack_case(case_of(1))


def test_the_packed_form_is_plain_safetensors() -> None:
    arrays = load(PACKED)
    header = json.loads(arrays["header"].tobytes())
    assert header["format"] == "attending-case-1"
    assert header["case"]["note"]["text"] == "Nothing of note."


def test_answers_and_reviews_come_back() -> None:
    answer = replace(answer_of("1"), made_at=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), versions={"torch": "2"})
    assert unpack_answer(json.loads(json.dumps(pack_answer(answer)))) == answer
    review = review_of("1", comment="ä \U0001f600 \0 \u2028")
    own = OwnReading("chest-xray", ("normal",), 40)
    review = replace(review.took(Step.SIGNED, datetime.now(UTC)), own=(own,), order=ReadingOrder.READ_FIRST)
    assert unpack_review(json.loads(json.dumps(pack_review(review)))) == review
    assert isinstance(unpack_review(pack_review(review)), Review)


@pytest.mark.parametrize("content", [None, [], {}, {"case_id": 1}, {"case_id": "1", "reader": "x", "own": 3}])
def test_damaged_answers_and_reviews_are_refused(content: Any) -> None:
    with pytest.raises(StoreDamaged, match="answer"):
        unpack_answer(content)
    with pytest.raises(StoreDamaged, match="review"):
        unpack_review(content)


def test_a_review_from_before_key_images_reads() -> None:
    content = pack_review(Review("c", "r"))
    del content["key_images"]
    assert unpack_review(content) == Review("c", "r")
