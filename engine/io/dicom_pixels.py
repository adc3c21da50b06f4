"""Stored values to modality values: decoding, palette and modality LUT (PS3.3 C.7.6.3, C.11.1), frame by frame."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.utils import pixel_array

from engine.case import Pixels
from engine.errors import DamagedFile, NoPixels, UnsupportedContent
from engine.io.codestream import check_codestreams
from engine.io.dicom_file import first_item, functional_group, numbers
from engine.io.limits import check_decoded_size
from engine.io.lut import apply_table, read_lut
from engine.io.palette import read_palette
from engine.words import mark, tr

_GREY = ("MONOCHROME1", "MONOCHROME2")
_COLOR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT")
_INTEGERS = (np.uint8, np.int16, np.uint16)
_AGAIN = mark("Export it again from its source.")
_ELSEWHERE = mark("Export it uncompressed.")


@dataclass(frozen=True)
class Layout:
    """The Image Pixel Module (PS3.3 C.7.6.3), checked: what the pixel data must be before anything is decoded."""

    keyword: str
    frames: int
    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    photometric: str


def read_layout(ds: FileDataset) -> Layout:
    """Check the Image Pixel Module.

    Raises
    ------
    NoPixels
        Where the object is none that holds an image.
    DamagedFile
        Where an attribute is missing or impossible, or the pixel data is shorter than it says.
    UnsupportedContent
        Where the photometric interpretation is none that we show.
    TooLarge
        Where the decoded image would exceed the limits.
    """
    keyword = _pixel_keyword(ds)
    layout = Layout(
        keyword=keyword,
        frames=_integer(ds, "NumberOfFrames", 1) or 1,
        rows=_integer(ds, "Rows"),
        columns=_integer(ds, "Columns"),
        samples=_integer(ds, "SamplesPerPixel", 1),
        allocated=_integer(ds, "BitsAllocated"),
        stored=_integer(ds, "BitsStored", _integer(ds, "BitsAllocated")),
        photometric=str(ds.get("PhotometricInterpretation") or "MONOCHROME2").strip().upper(),
    )
    if min(layout.rows, layout.columns, layout.frames, layout.samples, layout.allocated) < 1:
        raise DamagedFile(
            tr("The image says it has {rows} x {columns} pixels.", rows=layout.rows, columns=layout.columns), tr(_AGAIN)
        )
    expected = 1 if layout.photometric in (*_GREY, "PALETTE COLOR") else 3
    if layout.photometric not in (*_GREY, *_COLOR, "PALETTE COLOR") or layout.samples != expected:
        raise UnsupportedContent(
            tr("The image's colours are stored in a way that is not read here."), tr("Export it as RGB.")
        )
    check_decoded_size(layout.frames, layout.rows, layout.columns, layout.samples * layout.allocated / 8)
    _check_length(ds, layout)
    return layout


def _pixel_keyword(ds: FileDataset) -> str:
    for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData"):
        if keyword in ds:
            return keyword
    if "Rows" in ds and "BitsAllocated" in ds:
        raise DamagedFile(tr("The file describes an image but ends before it."), tr(_AGAIN))
    kind = _class_name(ds)
    raise NoPixels(
        tr("This DICOM object holds no image ({kind}).", kind=kind)
        if kind
        else tr("This DICOM object holds no image."),
        tr("Drop the images of the study."),
    )


def _class_name(ds: FileDataset) -> str:
    """The kind of object in the Standard's own words; empty where its UID is none of the Standard's."""
    uid = ds.get("SOPClassUID") or ds.file_meta.get("MediaStorageSOPClassUID")
    name = getattr(uid, "name", "")
    return name if name != str(uid) else ""


def _integer(ds: Dataset, keyword: str, default: int | None = None) -> int:
    values = numbers(ds, keyword)
    if not values and default is not None and ds.get(keyword) in (None, ""):
        return default
    if len(values) != 1 or not math.isfinite(values[0]):
        raise DamagedFile(tr("The attribute {keyword} is missing or not a number.", keyword=keyword), tr(_AGAIN))
    return int(values[0])


def _check_length(ds: FileDataset, layout: Layout) -> None:
    """Compare what is declared with what is there, before a decoder trusts it."""
    syntax = ds.file_meta.TransferSyntaxUID
    data = ds[layout.keyword].value
    if not isinstance(data, bytes | bytearray) or not data:
        raise DamagedFile(tr("The image's pixel data is empty."), tr(_AGAIN))
    try:
        get_decoder(syntax)
    except NotImplementedError as exc:
        raise UnsupportedContent(
            tr("There is no decoder for {name}.", name=syntax.name), tr("Export it uncompressed.")
        ) from exc
    if syntax.is_encapsulated:
        check_codestreams(ds, layout.frames, layout.rows, layout.columns)
        return
    samples = 2 if layout.photometric == "YBR_FULL_422" else layout.samples
    bits = layout.frames * layout.rows * layout.columns * samples * layout.allocated
    if len(data) * 8 < bits:
        raise DamagedFile(
            tr(
                "The image should have {expected:,} bytes and has {found:,}.",
                expected=math.ceil(bits / 8),
                found=len(data),
            ),
            tr(_AGAIN),
        )


def read_pixels(ds: FileDataset, layout: Layout) -> Pixels:
    """Decode all frames and apply the palette or the modality LUT.

    Returns
    -------
    numpy.ndarray
        Grey ``(frames, rows, columns)``: uint8, int16 or uint16 where that is lossless, else float32; colour
        ``(frames, rows, columns, 3)``: uint8 or uint16, scaled to the full range of its type.

    Raises
    ------
    UnsupportedContent
        Where no decoder knows the transfer syntax.
    DamagedFile
        Where every decoder refused the data.
    """
    stored = read_stored(ds, layout)
    if layout.photometric == "PALETTE COLOR":
        return read_palette(ds).apply(stored)
    if layout.samples == 3:
        return _fill_range(stored, layout.stored)
    lut_item = first_item(ds, "ModalityLUTSequence")
    if lut_item is not None:
        lut = read_lut(lut_item, little_endian=is_little_endian(ds))
        return apply_table(stored, lut.table, lut.first)
    return _rescale(ds, stored)


def is_little_endian(ds: FileDataset) -> bool:
    """Byte order in which the data set, and with it each LUT, is written."""
    return bool(ds.file_meta.TransferSyntaxUID.is_little_endian)


def read_stored(ds: FileDataset, layout: Layout) -> Pixels:
    """Decode all frames to stored values, ``(frames, rows, columns[, 3])``, in the machine's byte order; YBR is RGB."""
    try:
        stored: Pixels = pixel_array(ds)
    except MemoryError:
        raise
    except NotImplementedError as exc:
        raise UnsupportedContent(tr("No decoder is installed for this compression."), tr(_ELSEWHERE)) from exc
    except Exception as exc:  # whatever the decoders raise, the answer is that they could not
        raise DamagedFile(
            tr("The image is damaged, or compressed in a way that no decoder here knows."), tr(_ELSEWHERE)
        ) from exc
    shape = (layout.frames, layout.rows, layout.columns) + ((3,) if layout.samples == 3 else ())
    if stored.size != math.prod(shape):
        raise DamagedFile(tr("The decoded image has not the size that the file declares."), tr(_AGAIN))
    stored = stored.reshape(shape)
    return np.asarray(stored, stored.dtype.newbyteorder("="))


def _fill_range(stored: Pixels, bits: int) -> Pixels:
    """Colour of any depth as uint8 or uint16, white being the largest value of the type."""
    if bits == 8 * stored.dtype.itemsize and bits <= 16:
        return stored
    depth = 8 if bits <= 8 else 16
    scale = (2**depth - 1) / (2**bits - 1)
    scaled = np.clip(np.rint(stored.astype(np.float64) * scale), 0, 2**depth - 1)
    return np.asarray(scaled, np.uint8 if depth == 8 else np.uint16)


def _rescale(ds: FileDataset, stored: Pixels) -> Pixels:
    """Modality value = stored value x Rescale Slope + Rescale Intercept (C.11.1.1.2), each frame with its own."""
    pairs = [_slope_intercept(ds, frame) for frame in range(stored.shape[0])]
    if len(set(pairs)) == 1:
        return _narrow(stored, *pairs[0])
    frames = [stored[index] * slope + intercept for index, (slope, intercept) in enumerate(pairs)]
    return _narrow(np.stack(frames), 1.0, 0.0)


def _slope_intercept(ds: FileDataset, frame: int) -> tuple[float, float]:
    macro = functional_group(ds, "PixelValueTransformationSequence", frame)
    source = ds if macro is None else macro
    slope, intercept = numbers(source, "RescaleSlope"), numbers(source, "RescaleIntercept")
    if not slope or not intercept:
        return 1.0, 0.0
    if not math.isfinite(slope[0]) or not math.isfinite(intercept[0]):
        raise DamagedFile(tr("The rescale slope or intercept is not a number."), tr(_AGAIN))
    return slope[0], intercept[0]


def _narrow(stored: Pixels, slope: float, intercept: float) -> Pixels:
    """Apply a linear rescale in the smallest exact type: integers stay integers, the rest becomes float32."""
    exact = stored.dtype.kind in "iub" and slope.is_integer() and intercept.is_integer()
    if not exact:
        return _float(stored, slope, intercept)
    ends = [int(end) * int(slope) + int(intercept) for end in (stored.min(), stored.max())]
    low, high = min(ends), max(ends)
    same = (stored.dtype.type,) if stored.dtype.type in _INTEGERS else ()
    for dtype in (*same, *_INTEGERS):
        limits = np.iinfo(dtype)
        if limits.min <= low and high <= limits.max:
            return _integer_rescale(stored, int(slope), int(intercept), np.dtype(dtype))
    return _float(stored, slope, intercept)


def _integer_rescale(stored: Pixels, slope: int, intercept: int, dtype: np.dtype[Any]) -> Pixels:
    if slope == 1 and intercept == 0:
        return stored.astype(dtype, copy=False)
    wide = stored.astype(np.int64 if stored.dtype.itemsize > 2 or abs(slope) > 1 else np.int32)
    np.multiply(wide, slope, out=wide)
    np.add(wide, intercept, out=wide)
    return wide.astype(dtype)


def _float(stored: Pixels, slope: float, intercept: float) -> NDArray[np.float32]:
    """Computed in float64 frame by frame, so that a long run never stands in memory at double width."""
    values = np.empty(stored.shape, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for index, frame in enumerate(stored):
            values[index] = frame.astype(np.float64) * slope + intercept
    return values
