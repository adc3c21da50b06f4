"""A map drawn over its image: colour by value on one fixed scale, and nothing where the model saw nothing.

Uniform opacity, because opacity by value hides the image where it matters; Viridis, because it is perceptually uniform.
"""

from __future__ import annotations

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from plotly.colors import sample_colorscale, unlabel_rgb

SIGNED_COLORS = (
    "#9eb0ff", "#5aa3da", "#2d7597", "#194155", "#11181d", "#270c01", "#501802", "#8a3f2a", "#c37469", "#ffacac",
)  # fmt: skip
"""Berlin, from speaking against a label (blue) over nothing (dark) to speaking for it (red); perceptually uniform and
safe for colour blindness: Crameri, Scientific colour maps, 2018, doi 10.5281/zenodo.1243862."""

_LEVELS = 256


def draw_overlay(
    display: NDArray[np.float32],
    relevance: NDArray[np.float32],
    *,
    scale: float,
    signed: bool = False,
    opacity: float = 0.45,
) -> PIL.Image.Image:
    """Blend a map into an image.

    Parameters
    ----------
    display : numpy.ndarray
        ``(rows, columns)`` or ``(rows, columns, 3)`` in [0, 1].
    relevance : numpy.ndarray
        ``(rows, columns)`` float32; NaN leaves the image as it is.
    scale : float
        The value that gets the last colour; the first goes to 0, or to ``-scale`` where the map is signed.
    opacity : float
        In [0, 1], the same everywhere.
    """
    image = display if display.ndim == 3 else np.repeat(display[..., None], 3, axis=2)  # (rows, columns, 3)
    seen = np.isfinite(relevance)[..., None]  # (rows, columns, 1)
    share = np.nan_to_num(relevance) / scale  # (rows, columns)
    share = (share + 1) / 2 if signed else share
    level = np.clip(share * (_LEVELS - 1), 0, _LEVELS - 1).astype(np.uint8)  # (rows, columns)
    blended = np.where(seen, (1 - opacity) * image + opacity * palette(signed)[level], image)  # (rows, columns, 3)
    return PIL.Image.fromarray((blended * 255).round().astype(np.uint8))


def palette(signed: bool) -> NDArray[np.float32]:
    """Return Viridis, or the colours of a signed map, as ``(256, 3)`` float32 in [0, 1]."""
    colors = sample_colorscale(list(SIGNED_COLORS) if signed else "Viridis", list(np.linspace(0, 1, _LEVELS)))
    return np.array([unlabel_rgb(color) for color in colors], dtype=np.float32) / np.float32(255)
