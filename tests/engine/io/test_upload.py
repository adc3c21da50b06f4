from __future__ import annotations

import random
from hashlib import sha256
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image as PillowImage

from engine.case import Image, Note
from engine.errors import EmptyFile, TooLarge, UploadError
from engine.io import upload
from engine.io.upload import read_upload
from tests.engine.io.mutations import files, mutate

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
SMALL = [
    (SHIPPED / name).read_bytes()
    for name in (
        "CT_small.dcm",
        "ExplVR_BigEnd.dcm",
        "JPEGLSNearLossless_16.dcm",
        "MR_small_RLE.dcm",
        "MR_small_implicit.dcm",
        "MR_small_jp2klossless.dcm",
        "SC_rgb_dcmtk_+eb+cr.dcm",
        "SC_rgb_small_odd_jpeg.dcm",
        "image_dfl.dcm",
        "reportsi.dcm",
        "rtdose.dcm",
    )
]


def _accepted_or_refused(data: bytes) -> None:
    """The one law of the door: records, or one typed error."""
    try:
        records = read_upload("x", data)
    except UploadError as error:
        records, refusal = (), error
    else:
        refusal = None
    assert bool(records) != bool(refusal and refusal.happened and refusal.advice)
    for record in records:
        assert record.text.strip() if isinstance(record, Note) else record.pixels.size


@pytest.mark.parametrize("name", ["right.dcm", "wrong.txt", "picture.png", ""])
def test_content_decides_and_the_name_does_not(name: str) -> None:
    (image,) = read_upload(name, SMALL[0])
    assert isinstance(image, Image)
    assert (image.format, image.name) == ("DICOM", name)


@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, BytesIO])
def test_content_may_come_as_bytes_or_as_a_file(make: Any) -> None:
    assert len(read_upload("x", make(b"Findings: none."))) == 1


def test_content_may_come_as_a_path(tmp_path: Path) -> None:
    path = tmp_path / "anything"
    path.write_bytes(SMALL[0])
    for source in (path, str(path)):
        (image,) = read_upload("x", source)
        assert isinstance(image, Image)


def test_a_folder_gives_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "series").mkdir()
    (tmp_path / "series" / "1").write_bytes(SMALL[0])
    (tmp_path / "note.txt").write_text("Findings: none.")
    (tmp_path / ".hidden").write_bytes(b"\0")
    (tmp_path / "odd.bin").write_bytes(bytes(50))
    assert [record.name for record in read_upload("drop", tmp_path)] == ["drop/note.txt", "drop/series/1"]


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile):
        read_upload("x", tmp_path)
    with pytest.raises(UploadError):
        read_upload("x", tmp_path / "nowhere")
    with pytest.raises(UploadError):
        read_upload("x", "not\0a path")


def test_a_gigabyte_of_text_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        file.truncate(1024**3)
    with pytest.raises(TooLarge):
        read_upload("x", path)


def test_a_stream_is_read_up_to_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "FILE_BYTES", 10)
    stream = BytesIO(bytes(1000))
    with pytest.raises(UploadError):
        read_upload("x", stream)
    assert stream.tell() == 11


def test_a_text_stream_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError):
        read_upload("x", StringIO("text"))  # type: ignore[arg-type]


def test_a_closed_file_is_refused() -> None:
    stream = BytesIO(b"x")
    stream.close()
    with pytest.raises(UploadError):
        read_upload("x", stream)


def test_each_record_knows_the_digest_of_its_file() -> None:
    for data in (SMALL[0], b"Findings: none."):
        assert read_upload("x", data)[0].digest == sha256(data).hexdigest()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
@example(bytes(128) + b"DICM")
@example(b"\x02\x00\x00\x00UL\x04\x00\xff\xff\xff\xff")
@example(b"%PDF-1.7")
@example(b"\x89PNG\r\n\x1a\n")
@example(b"II*\x00\x08\x00\x00\x00")
@example(b"\xff\xd8\xff\xe0")
def test_random_bytes_give_records_or_one_typed_error(data: bytes) -> None:
    _accepted_or_refused(data)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SMALL), st.floats(0, 1))
def test_truncated_files_give_records_or_one_typed_error(data: bytes, share: float) -> None:
    _accepted_or_refused(data[: int(share * len(data))])


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(SMALL), st.integers(0, 2**32), st.integers(1, 20), st.booleans())
def test_flipped_bits_give_records_or_one_typed_error(data: bytes, seed: int, flips: int, header: bool) -> None:
    rng = random.Random(seed)
    flipped = bytearray(data)
    for _ in range(flips):
        flipped[rng.randrange(min(len(data), 2000) if header else len(data))] ^= 1 << rng.randrange(8)
    _accepted_or_refused(bytes(flipped))


@pytest.mark.data
def test_public_files_with_flipped_bits_give_records_or_one_typed_error(data_dir: Path) -> None:
    rng = random.Random(5)
    paths = [path for path in sorted((data_dir / "dicom").glob("*.dcm")) if path.stat().st_size < 700_000]
    for path in paths:
        data = path.read_bytes()
        flipped = bytearray(data)
        for _ in range(rng.choice([1, 3, 9])):
            flipped[rng.randrange(min(len(data), 4000))] ^= 1 << rng.randrange(8)
        _accepted_or_refused(bytes(flipped))
        _accepted_or_refused(data[: rng.randrange(len(data))])


def test_mutations_of_other_makers_files_give_records_or_one_typed_error() -> None:
    rng = random.Random(7)
    sources = files()
    for _ in range(150):
        _accepted_or_refused(mutate(rng.choice(sources).read_bytes(), rng))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
@given(seed=st.integers(0, 2**32))
def test_damaged_pictures_give_records_or_one_typed_error(kind: str, seed: int) -> None:
    rng = random.Random(seed)
    buffer = BytesIO()
    PillowImage.fromarray(np.arange(900, dtype=np.uint8).reshape(30, 30)).save(buffer, kind)
    damaged = bytearray(buffer.getvalue())
    for _ in range(rng.randrange(1, 6)):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    _accepted_or_refused(bytes(damaged))
