from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PillowImage
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames

from engine.errors import DamagedFile
from engine.io.codestream_comments import strip_comments, without_comments

NAME = b"ZEBEDEE^JANE"
PICTURE = np.random.default_rng(0).integers(0, 256, (40, 56, 3)).astype(np.uint8)


def encoded(kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    PillowImage.fromarray(PICTURE).save(buffer, kind, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Any:
    return np.asarray(PillowImage.open(BytesIO(data)))


def segment(marker: int, content: bytes = NAME) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, 2 + len(content)) + content


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def before(marker: bytes, data: bytes, planted: bytes, *, last: bool = False) -> bytes:
    """Something planted before the first or the last place where a marker stands."""
    place = data.rindex(marker) if last else data.index(marker)
    return data[:place] + planted + data[place:]


def shipped(name: str) -> list[bytes]:
    path = get_testdata_file(name)
    assert path is not None
    ds = dcmread(str(path))
    return list(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))


PROGRESSIVE = encoded("JPEG", quality=70, progressive=True)
BASELINE = encoded("JPEG", quality=70, restart_marker_blocks=2)
CODESTREAM = encoded("JPEG2000", no_jp2=True)
JP2 = encoded("JPEG2000", no_jp2=False)


@pytest.mark.parametrize("jpeg", [BASELINE, PROGRESSIVE], ids=["baseline with restarts", "progressive"])
@pytest.mark.parametrize(
    "marker", [0xFE, *(kind for kind in range(0xE1, 0xF0) if kind != 0xEE)], ids=lambda kind: f"{kind:02X}"
)
def test_comments_and_documents_go_from_a_jpeg_and_its_pixels_stay(jpeg: bytes, marker: int) -> None:
    carrier = before(b"\xff\xdb", jpeg, segment(marker))
    bare = strip_comments(carrier)
    assert NAME not in bare
    np.testing.assert_array_equal(decoded(bare), decoded(jpeg))


def test_a_comment_between_two_scans_goes() -> None:
    assert PROGRESSIVE.count(b"\xff\xda") > 2
    carrier = before(b"\xff\xda", PROGRESSIVE, segment(0xFE) + segment(0xE5), last=True)
    bare = strip_comments(carrier)
    assert NAME not in bare
    assert bare == strip_comments(PROGRESSIVE)
    np.testing.assert_array_equal(decoded(bare), decoded(PROGRESSIVE))


@pytest.mark.parametrize("frame", [BASELINE, PROGRESSIVE, CODESTREAM], ids=["baseline", "progressive", "JPEG 2000"])
@pytest.mark.parametrize("padding", [b"", b"\0", b"\xff"])
def test_what_lies_behind_the_end_goes(frame: bytes, padding: bytes) -> None:
    bare = strip_comments(frame + padding + NAME)
    assert NAME not in bare
    assert len(bare) % 2 == 0
    assert bare == strip_comments(frame) == strip_comments(frame + padding)
    np.testing.assert_array_equal(decoded(bare), decoded(frame))


def test_a_thumbnail_and_an_extension_go_from_jfif() -> None:
    thumbnail = b"JFIF\0\1\1\0\0\1\0\1" + bytes([2, 2]) + NAME
    carrier = BASELINE[:2] + segment(0xE0, thumbnail) + segment(0xE0, b"JFXX\0" + NAME) + BASELINE[20:]
    assert strip_comments(carrier) == strip_comments(BASELINE)


def test_what_says_how_to_decode_stays() -> None:
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\0")  # the components are red, green and blue
    told = before(b"\xff\xdb", BASELINE[:2] + BASELINE[20:], adobe)
    assert (decoded(told) != decoded(BASELINE)).any()
    np.testing.assert_array_equal(decoded(strip_comments(told)), decoded(told))


@pytest.mark.parametrize("name", ["SC_rgb_jls_lossy_line.dcm", "SC_rgb_jls_lossy_sample.dcm"])
def test_jpeg_ls_is_followed_over_its_stuffed_bits(name: str) -> None:
    """Its scans hold bytes of ones with any byte below 80 behind them, and its header is that of SPIFF."""
    (frame,) = shipped(name)
    assert strip_comments(before(b"\xff\xda", frame, segment(0xFE)) + NAME) == frame


def test_comments_go_from_both_headers_of_jpeg_2000() -> None:
    assert CODESTREAM.count(b"\xff\x90") == 1
    header = before(b"\xff\x90", CODESTREAM, segment(0x64))
    planted = segment(0x64, b"\0\1" + NAME)
    place = header.index(b"\xff\x90")
    length = struct.unpack_from(">I", header, place + 6)[0]
    longer = header[: place + 6] + struct.pack(">I", length + len(planted) if length else 0) + header[place + 10 :]
    carrier = before(b"\xff\x93", longer, planted)
    assert carrier.count(NAME) == 2
    bare = strip_comments(carrier)
    assert NAME not in bare
    np.testing.assert_array_equal(decoded(bare), decoded(CODESTREAM))


@pytest.mark.parametrize("length", [None, 0], ids=["told", "up to the end"])
def test_tiles_are_followed_one_by_one(length: int | None) -> None:
    tiled = encoded("JPEG2000", no_jp2=True, tile_size=(32, 32))
    last = tiled.rindex(b"\xff\x90")
    assert tiled.count(b"\xff\x90") == 4
    if length is not None:
        tiled = tiled[: last + 6] + struct.pack(">I", length) + tiled[last + 10 :]
    bare = strip_comments(tiled + NAME)
    assert NAME not in bare
    np.testing.assert_array_equal(decoded(bare.rstrip(b"\0")), decoded(tiled))


def test_of_a_wrapped_codestream_nothing_but_the_codestream_stays() -> None:
    carrier = before(b"\0\0\0\x2djp2h", JP2, box(b"xml ", NAME)) + box(b"uuid", NAME)
    bare = strip_comments(carrier)
    assert bare.startswith(b"\xff\x4f\xff\x51")
    assert NAME not in bare
    np.testing.assert_array_equal(decoded(bare), PICTURE)


def test_a_wrapped_codestream_whose_boxes_change_its_colours_is_refused() -> None:
    signature = JP2[:12]
    palette = box(b"jp2h", box(b"ihdr", bytes(14)) + box(b"pclr", bytes(8)))
    with pytest.raises(DamagedFile, match="followed"):
        strip_comments(signature + palette + box(b"jp2c", CODESTREAM))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        NAME,
        BASELINE[:-2],
        BASELINE[:300],
        before(b"\xff\xdb", BASELINE, NAME),
        before(b"\xff\xdb", BASELINE, segment(0xF3)),
        CODESTREAM[:-40],
        before(b"\xff\x90", CODESTREAM, NAME),
        JP2[:60],
    ],
)
def test_a_frame_that_cannot_be_followed_is_refused(frame: bytes) -> None:
    with pytest.raises(DamagedFile, match="Export it uncompressed"):
        strip_comments(frame)


@given(st.binary(max_size=200))
def test_whatever_bytes_give_a_frame_or_one_typed_error(rest: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\xff\xd8\xff\xda\0\2", b"\xff\x4f\xff\x51", JP2[:12]):
        try:
            assert len(strip_comments(start + rest)) % 2 == 0
        except DamagedFile:
            continue


def test_frames_with_nothing_but_pixels_stay_byte_by_byte() -> None:
    ds = Dataset()
    runs = b"\1" + bytes(63) + b"\0\7"
    frames = [strip_comments(BASELINE), runs]
    ds.PixelData = written = encapsulate(frames)
    without_comments(ds, 2)
    assert ds.PixelData is written
    ds.PixelData = encapsulate([before(b"\xff\xdb", BASELINE, segment(0xFE)), runs])
    without_comments(ds, 2)
    assert list(generate_frames(ds.PixelData, number_of_frames=2)) == frames
