"""Modality values to what is drawn: VOI LUT or window, then MONOCHROME1 inversion (PS3.3 C.11.2.1, C.7.6.3.1.2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.case import Image, Pixels, VoiFunction, VoiLut, Window
from engine.io.lut import apply_table
from engine.io.voi import full_range


def to_display(image: Image, frame: int = 0, window: Window | None = None) -> NDArray[np.float32]:
    """One frame as it is drawn.

    Parameters
    ----------
    image : Image
        Grey or colour.
    frame : int
        From 0.
    window : Window, optional
        Instead of the file's own default view, which is its first VOI LUT, else its first window, else the full range.
        Colour takes no window.

    Returns
    -------
    numpy.ndarray
        float32 in [0, 1]: grey ``(rows, columns)``, 0 black; colour ``(rows, columns, 3)`` RGB.

    Raises
    ------
    IndexError
        Where there is no such frame.
    """
    if not 0 <= frame < image.frames:
        raise IndexError(f"frame {frame} of {image.frames}")
    pixels = image.pixels[frame]
    if image.is_color:
        white = np.float32(np.iinfo(pixels.dtype).max)
        return np.asarray(pixels / white, np.float32)
    if window is None and image.voi_luts:
        shown = _apply_voi_lut(pixels, image.voi_luts[0])
    else:
        shown = _apply_window(pixels, window or (image.windows[0] if image.windows else full_range(image.pixels)))
    return np.asarray(1 - shown, np.float32) if image.inverted else shown


def _apply_voi_lut(pixels: Pixels, lut: VoiLut) -> NDArray[np.float32]:
    """C.11.2.1.1: the table's own output, black to white being 0 to 2^bits - 1."""
    shades = np.clip(lut.table / (2.0**lut.bits - 1), 0, 1).astype(np.float32)
    return apply_table(pixels, shades, lut.first)


def _apply_window(pixels: Pixels, window: Window) -> NDArray[np.float32]:
    """The window's function; small integers go through a table of all their values, which takes a third of the time."""
    if pixels.dtype.itemsize <= 2 and pixels.dtype.kind in "iu":
        low, high = int(pixels.min()), int(pixels.max())
        if high - low < pixels.size:
            shades = window_function(np.arange(low, high + 1, dtype=np.float64), window)
            return shades[pixels.astype(np.intp) - low] if low else shades[pixels]
    return np.nan_to_num(window_function(pixels.astype(np.float64), window), copy=False)


def window_function(values: Pixels, window: Window) -> NDArray[np.float32]:
    """Window values as shades, black to white being 0 to 1.

    Parameters
    ----------
    values : numpy.ndarray
        Modality values, any shape.

    Returns
    -------
    numpy.ndarray
        float32 in [0, 1], the shape of `values`.

    References
    ----------
    PS3.3 C.11.2.1.2.1 (LINEAR: the window spans width - 1 about center - 0.5), C.11.2.1.3.1 (SIGMOID), C.11.2.1.3.2
    (LINEAR_EXACT).
    """
    center, width = window.center, window.width
    if window.function is VoiFunction.SIGMOID:
        with np.errstate(over="ignore"):
            return (1 / (1 + np.exp(-4 * (values - center) / width))).astype(np.float32)
    if window.function is VoiFunction.LINEAR:
        center, width = center - 0.5, width - 1
    if width <= 0:
        return (values > center).astype(np.float32)
    shades = np.subtract(values, center, dtype=np.float64)
    shades /= width
    shades += 0.5
    return np.clip(shades, 0, 1, out=shades).astype(np.float32)
