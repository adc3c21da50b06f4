"""A map drawn over its image: colour by value on one fixed scale, and nothing where the model saw nothing.

Uniform opacity, because opacity by value hides the image where it matters; Viridis, because it is perceptually uniform.
"""

from __future__ import annotations

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from plotly.colors import sample_colorscale, unlabel_rgb

_LEVELS = 256


def draw_overlay(
    display: NDArray[np.float32], relevance: NDArray[np.float32], *, scale: float, opacity: float = 0.45
) -> PIL.Image.Image:
    """Blend a map into an image.

    Parameters
    ----------
    display : numpy.ndarray
        ``(rows, columns)`` or ``(rows, columns, 3)`` in [0, 1].
    relevance : numpy.ndarray
        ``(rows, columns)`` float32; NaN leaves the image as it is.
    scale : float
        The value that gets the last colour; 0 gets the first.
    opacity : float
        In [0, 1], the same everywhere.
    """
    image = display if display.ndim == 3 else np.repeat(display[..., None], 3, axis=2)  # (rows, columns, 3)
    seen = np.isfinite(relevance)[..., None]  # (rows, columns, 1)
    level = np.clip(np.nan_to_num(relevance) / scale * (_LEVELS - 1), 0, _LEVELS - 1).astype(np.uint8)
    blended = np.where(seen, (1 - opacity) * image + opacity * _palette()[level], image)  # (rows, columns, 3)
    return PIL.Image.fromarray((blended * 255).round().astype(np.uint8))


def _palette() -> NDArray[np.float32]:
    """Viridis as ``(256, 3)`` in [0, 1]."""
    colors = sample_colorscale("Viridis", list(np.linspace(0, 1, _LEVELS)))
    return np.array([unlabel_rgb(color) for color in colors], dtype=np.float32) / np.float32(255)
