"""Which grey values the file wants to be seen: windows and VOI LUTs (PS3.3 C.11.2.1), or the full range."""

from __future__ import annotations

import math

import numpy as np
from pydicom.dataset import Dataset, FileDataset

from engine.case import Pixels, VoiFunction, VoiLut, Window
from engine.io.dicom_file import functional_group, numbers
from engine.io.lut import read_lut

_MOST = 16
_FULL = "full range"


def read_windows(ds: Dataset, frames: int) -> tuple[Window, ...]:
    """The windows that the file offers, those of later frames after those of the first; impossible ones left out."""
    sources = [functional_group(ds, "FrameVOILUTSequence", frame) for frame in range(frames)]
    offered: dict[Window, None] = {}
    for source in (ds, *sources):
        if source is not None:
            offered.update(dict.fromkeys(_windows(source)))
        if len(offered) >= _MOST:
            break
    return tuple(offered)[:_MOST]


def _windows(ds: Dataset) -> list[Window]:
    name = str(ds.get("VOILUTFunction") or "LINEAR").strip().upper()
    function = VoiFunction(name) if name in list(VoiFunction) else VoiFunction.LINEAR
    least = 1.0 if function is VoiFunction.LINEAR else math.ulp(0.0)
    centers, widths = numbers(ds, "WindowCenter"), numbers(ds, "WindowWidth")
    return [
        Window(center, width, function, explanation)
        for center, width, explanation in zip(centers, widths, _explanations(ds, len(centers)), strict=False)
        if math.isfinite(center) and math.isfinite(width) and width >= least
    ]


def _explanations(ds: Dataset, count: int) -> list[str]:
    value = ds.get("WindowCenterWidthExplanation") or ""
    texts = [value] if isinstance(value, str) else [str(text) for text in value]
    return ([text[:64] for text in texts] + [""] * count)[:count]


def read_voi_luts(ds: FileDataset, *, little_endian: bool) -> tuple[VoiLut, ...]:
    """The items of the VOI LUT Sequence.

    Raises
    ------
    DamagedFile
        Where descriptor and data of an item do not fit.
    """
    items = list(ds.get("VOILUTSequence") or ())
    macro = functional_group(ds, "FrameVOILUTSequence", 0)
    if not items and macro is not None:
        items = list(macro.get("VOILUTSequence") or ())
    return tuple(read_lut(item, little_endian=little_endian) for item in items[:_MOST])


def full_range(pixels: Pixels, *, padding: float | None = None, bits: int | None = None) -> Window:
    """One window over the full range, for images that offer none.

    Parameters
    ----------
    pixels : numpy.ndarray
        Grey values of any shape and type.
    padding : float, optional
        A value that is background by declaration and does not count.
    bits : int, optional
        Where given, the range is that of this many unsigned bits and the values are not looked at.

    Returns
    -------
    Window
        Linear: the lowest value is drawn black, the highest white.
    """
    if bits is not None:
        low, high = 0.0, 2.0**bits - 1
    else:
        low, high = _extent(pixels, padding)
    if pixels.dtype.kind in "iub":
        return Window((low + high + 1) / 2, high - low + 1, VoiFunction.LINEAR, _FULL)
    return Window((low + high) / 2, (high - low) or 1.0, VoiFunction.LINEAR_EXACT, _FULL)


def _extent(pixels: Pixels, padding: float | None) -> tuple[float, float]:
    """Lowest and highest finite value, padding aside; 0 and 0 where there is none."""
    low, high = float(pixels.min()), float(pixels.max())
    if math.isfinite(low) and math.isfinite(high) and padding is None:
        return low, high
    seen = pixels[np.isfinite(pixels) & (pixels != padding)] if padding is not None else pixels[np.isfinite(pixels)]
    if seen.size == 0:
        return (low, high) if math.isfinite(low) and math.isfinite(high) else (0.0, 0.0)
    return float(seen.min()), float(seen.max())
