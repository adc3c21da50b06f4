from __future__ import annotations

from io import BytesIO
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from PIL import Image as PillowImage

from engine.case import Image
from engine.errors import DamagedFile, TooLarge, UnsupportedContent
from engine.io.raster import raster_format, read_raster
from engine.preprocess.display import to_display

ORIENTATION = 0x0112


def _save(picture: PillowImage.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _read(picture: PillowImage.Image, kind: str, **options: Any) -> Image:
    return read_raster("x", _save(picture, kind, **options))


GREY = np.arange(256, dtype=np.uint8).reshape(16, 16)
DEEP = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
COLOR = np.stack([GREY, GREY[::-1], GREY.T], axis=-1)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("values", [GREY, DEEP, COLOR], ids=["8 bit", "16 bit", "colour"])
def test_lossless_pictures_come_back_as_they_were(kind: str, values: np.ndarray[Any, Any]) -> None:
    image = _read(PillowImage.fromarray(values), kind)
    np.testing.assert_array_equal(image.pixels[0], values)
    assert image.pixels.dtype == values.dtype
    assert (image.format, image.frames, image.spacing) == (kind, 1, None)


@pytest.mark.parametrize(
    "options", [{"big_tiff": True}, {"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}], ids=str
)
def test_kinds_of_tiff(options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(_read(PillowImage.fromarray(DEEP), "TIFF", **options).pixels[0], DEEP)


def test_jpeg_is_read_as_pillow_reads_it() -> None:
    data = _save(PillowImage.fromarray(COLOR), "JPEG", quality=95)
    np.testing.assert_array_equal(read_raster("x", data).pixels[0], np.asarray(PillowImage.open(BytesIO(data))))


def test_grey_that_was_saved_as_color_is_grey() -> None:
    image = _read(PillowImage.fromarray(GREY).convert("RGB"), "PNG")
    assert not image.is_color
    np.testing.assert_array_equal(image.pixels[0], GREY)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_exif_orientation_is_followed(kind: str) -> None:
    picture = PillowImage.new("L", (32, 16))
    picture.paste(255, (0, 0, 16, 16))
    exif = PillowImage.Exif()
    exif[ORIENTATION] = 6
    image = _read(picture, kind, exif=exif)
    assert image.shape == (32, 16)
    assert image.pixels[0, 4, 8] > 200 > 50 > image.pixels[0, 28, 8]


def test_pages_are_frames() -> None:
    pages = [PillowImage.fromarray(DEEP + page) for page in range(3)]
    image = _read(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert image.frames == 3
    np.testing.assert_array_equal(image.pixels[2], DEEP + 2)


def test_pages_of_several_sizes_are_refused() -> None:
    pages = [PillowImage.fromarray(GREY), PillowImage.fromarray(GREY[:8])]
    with pytest.raises(UnsupportedContent):
        _read(pages[0], "TIFF", save_all=True, append_images=pages[1:])


def test_grey_and_colored_pages_are_all_colored() -> None:
    pages = [PillowImage.fromarray(GREY), PillowImage.fromarray(COLOR)]
    image = _read(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    np.testing.assert_array_equal(image.pixels[0, ..., 1], GREY)
    np.testing.assert_array_equal(image.pixels[1], COLOR)


def test_transparency_lies_on_black() -> None:
    values = np.dstack([COLOR, np.where(GREY > 127, 255, 0).astype(np.uint8)])
    image = _read(PillowImage.fromarray(values), "PNG")
    assert not image.pixels[0, :8].any()
    np.testing.assert_array_equal(image.pixels[0, 8:], COLOR[8:])


def test_floats_palettes_and_single_bits() -> None:
    floats = np.linspace(-1, 1, 256, dtype=np.float32).reshape(16, 16)
    np.testing.assert_array_equal(_read(PillowImage.fromarray(floats), "TIFF").pixels[0], floats)
    palette = PillowImage.fromarray(COLOR).quantize(16)
    np.testing.assert_array_equal(_read(palette, "PNG").pixels[0], np.asarray(palette.convert("RGB")))
    bits = _read(PillowImage.fromarray(GREY).convert("1"), "PNG")
    assert set(np.unique(bits.pixels)) == {0, 255}


def test_white_is_zero_of_sixteen_bits_is_inverted_on_display() -> None:
    data = _save(PillowImage.fromarray(DEEP), "TIFF", tiffinfo={262: 0})
    image = read_raster("x", data)
    assert to_display(image)[0, 0] == 1.0


def test_eight_bits_are_shown_as_they_were_saved() -> None:
    image = _read(PillowImage.fromarray(GREY[:8]), "PNG")
    np.testing.assert_allclose(to_display(image), GREY[:8] / 255, atol=1e-6)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_truncated_pictures_are_damage(kind: str) -> None:
    rng = np.random.default_rng(0)
    data = _save(PillowImage.fromarray(rng.integers(0, 255, (64, 64), dtype=np.uint8)), kind)
    with pytest.raises(DamagedFile):
        read_raster("x", data[: len(data) // 2])


def test_a_picture_of_absurd_size_is_refused_before_it_is_decoded() -> None:
    data = bytearray(_save(PillowImage.fromarray(GREY), "PNG"))
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    data[29:33] = crc32(bytes(data[12:29])).to_bytes(4, "big")
    with pytest.raises(TooLarge):
        read_raster("x", bytes(data))


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"BM", b"text"])
def test_other_content_is_no_raster(data: bytes) -> None:
    assert raster_format(data) is None
