from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from engine.errors import DamagedFile, UnsupportedContent
from engine.io.decoder import Decoder
from engine.io.decoder_process import ARRAY, DAMAGED, FILE, HEADER, UNKNOWN_SYNTAX, answer, serve

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
COMPRESSED = (SHIPPED / "MR_small_jp2klossless.dcm").read_bytes()


@pytest.fixture
def decoder() -> Iterator[Decoder]:
    decoder = Decoder()
    yield decoder
    decoder.close()


def _pid(decoder: Decoder) -> int:
    assert decoder._process is not None
    return decoder._process.pid


def test_one_process_decodes_file_after_file(decoder: Decoder) -> None:
    expected = pydicom.dcmread(BytesIO(COMPRESSED)).pixel_array
    np.testing.assert_array_equal(decoder.decode(COMPRESSED), expected)
    first = _pid(decoder)
    np.testing.assert_array_equal(decoder.decode(COMPRESSED), expected)
    assert _pid(decoder) == first


def test_a_codec_that_aborts_costs_one_file_and_one_process(decoder: Decoder) -> None:
    """One byte of this JPEG's markers makes a codec call abort(): found by changing bytes at random."""
    data = bytearray((SHIPPED / "SC_rgb_small_odd_jpeg.dcm").read_bytes())
    assert decoder.decode(bytes(data)).shape == (3, 3, 3)
    data[1895] = 0x32
    with pytest.raises(DamagedFile, match="decoder fail"):
        decoder.decode(bytes(data))
    assert decoder.decode(COMPRESSED).shape == (64, 64)


def test_a_process_that_was_ended_is_replaced(decoder: Decoder) -> None:
    decoder.decode(COMPRESSED)
    first = decoder._process
    assert first is not None
    first.kill()
    first.wait()
    with pytest.raises(DamagedFile):
        decoder.decode(COMPRESSED)
    assert decoder.decode(COMPRESSED).shape == (64, 64)


def test_a_decoder_that_hangs_is_ended(decoder: Decoder) -> None:
    with pytest.raises(DamagedFile):
        decoder.decode(COMPRESSED, seconds=0.0)
    assert decoder.decode(COMPRESSED).shape == (64, 64)


def test_what_no_decoder_takes_is_said(decoder: Decoder, make_dicom: Any) -> None:
    with pytest.raises(DamagedFile):
        decoder.decode(COMPRESSED[:-4000])
    video = make_dicom(np.zeros((1, 2, 2), np.uint8)).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    with pytest.raises(UnsupportedContent):
        decoder.decode(video)


def test_the_process_answers_each_request_in_turn() -> None:
    requests = BytesIO(HEADER.pack(FILE, 4) + b"none" + HEADER.pack(FILE, len(COMPRESSED)) + COMPRESSED)
    replies = BytesIO()
    serve(requests, replies)
    replies.seek(0)
    assert HEADER.unpack(replies.read(HEADER.size)) == (DAMAGED, 0)
    kind, length = HEADER.unpack(replies.read(HEADER.size))
    assert kind == ARRAY
    assert np.load(BytesIO(replies.read(length))).shape == (64, 64)


def test_an_unknown_transfer_syntax_is_told_apart_from_damage(make_dicom: Any) -> None:
    data = make_dicom(np.zeros((1, 2, 2), np.uint8)).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.9\0")
    assert answer(data) == (UNKNOWN_SYNTAX, b"")
