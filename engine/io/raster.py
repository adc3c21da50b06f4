"""PNG, JPEG and TIFF, of 8 or 16 bits, one or several pages, turned as their EXIF orientation says.

Colour is read with 8 bits a channel, grey with all that it has. A picture says nothing reliable about millimetres: what
such files write as resolution is that of a printer or a screen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageOps, ImageSequence
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, TiffImageFile

from engine.case import Image, Pixels
from engine.errors import TooLarge, UnsupportedContent
from engine.io.limits import check_decoded_size
from engine.io.seam import reading
from engine.io.voi import full_range
from engine.words import recorded, tr

_SIGNATURES = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"II+\x00": "TIFF",
    b"MM\x00+": "TIFF",
}
_WHITE_IS_ZERO = 0
_TRANSPARENT = ("LA", "PA", "RGBA", "La", "RGBa")


def raster_format(data: bytes) -> str | None:
    """``"PNG"``, ``"JPEG"`` or ``"TIFF"`` by the first bytes, else None."""
    return next((name for signature, name in _SIGNATURES.items() if data.startswith(signature)), None)


def read_raster(name: str, data: bytes) -> Image:
    """Read one picture; grey that was saved as colour comes out grey.

    Parameters
    ----------
    name : str
        Kept as the image's name.
    data : bytes
        The whole file, whose `raster_format` is known.

    Returns
    -------
    Image
        Grey uint8, uint16, int16 or float32, or RGB uint8; a frame for each page.

    Raises
    ------
    TooLarge, DamagedFile, UnsupportedContent
        See `engine.errors`.
    """
    kind = raster_format(data) or ""
    with reading(recorded("{kind} picture", kind=kind)), _open(data, kind) as picture:
        pages = list(_pages(picture))
        if len({page.shape[:2] for page in pages}) > 1:
            raise UnsupportedContent(
                tr("The pages of this picture differ in size."), tr("Save each page as a file of its own.")
            )
        pixels = np.stack(pages if len({page.ndim for page in pages}) == 1 else [_colored(page) for page in pages])
        if pixels.ndim == 4 and np.array_equal(pixels[..., 0], pixels[..., 1]):
            pixels = pixels[..., 0].copy() if np.array_equal(pixels[..., 0], pixels[..., 2]) else pixels
        bits = 8 if pixels.dtype == np.uint8 else None
        return Image(
            pixels=pixels,
            digest=hashlib.sha256(data).hexdigest(),
            name=name,
            format=kind,
            windows=(full_range(pixels, bits=bits),) if pixels.ndim == 3 else (),
            inverted=_is_inverted(picture),
        )


def _open(data: bytes, kind: str) -> PillowImage.Image:
    try:
        picture = PillowImage.open(BytesIO(data), formats=(kind,))
    except PillowImage.DecompressionBombError as exc:
        raise TooLarge(tr("The picture has too many pixels."), tr("Save a smaller view.")) from exc
    frames = 1 if kind == "JPEG" else int(getattr(picture, "n_frames", 1))
    check_decoded_size(frames, picture.height, picture.width, 4 if picture.mode in ("I", "F") else 3)
    return picture


def _pages(picture: PillowImage.Image) -> Iterator[Pixels]:
    """Pages as ``(rows, columns)`` or ``(rows, columns, 3)``; of a JPEG the first, others being previews."""
    for page in ImageSequence.Iterator(picture):
        check_decoded_size(1, page.height, page.width, 4)
        yield _array(ImageOps.exif_transpose(page))
        if picture.format not in ("TIFF", "PNG"):
            return


def _array(page: PillowImage.Image) -> Pixels:
    if page.mode.startswith("I;16"):
        return np.asarray(page).astype(np.uint16)
    if page.mode == "I":
        values = np.asarray(page)
        limits = [dtype for dtype in (np.uint16, np.int16) if _fits(values, np.dtype(dtype))]
        return values.astype(limits[0] if limits else np.float32)
    if page.mode == "F":
        return np.asarray(page, dtype=np.float32)
    if page.mode in ("1", "L"):
        return np.asarray(page.convert("L"))
    if page.mode in _TRANSPARENT or "transparency" in page.info:
        black = PillowImage.new("RGBA", page.size, (0, 0, 0, 255))
        page = PillowImage.alpha_composite(black, page.convert("RGBA"))
    return np.asarray(page.convert("RGB"))


def _fits(values: Pixels, dtype: np.dtype[np.integer]) -> bool:
    limits = np.iinfo(dtype)
    return bool(limits.min <= values.min() and values.max() <= limits.max)


def _colored(page: Pixels) -> Pixels:
    """A grey page among coloured ones."""
    if page.ndim == 3:
        return page
    if page.dtype != np.uint8:
        raise UnsupportedContent(
            tr("The pages of this picture differ in depth."), tr("Save each page as a file of its own.")
        )
    return np.repeat(page[..., None], 3, axis=-1)


def _is_inverted(picture: PillowImage.Image) -> bool:
    """TIFF's WhiteIsZero, where Pillow has not turned the values itself, which it does for 8 bits only."""
    if not isinstance(picture, TiffImageFile) or picture.mode not in ("I;16", "F"):
        return False
    return bool(picture.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == _WHITE_IS_ZERO)
