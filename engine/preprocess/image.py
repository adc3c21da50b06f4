"""From an image of any size to the square that a model reads, and back from its patches to the source pixels.

The aspect ratio is kept (letterbox). The picture covers whole patches, so that no patch is partly padding: its shorter
side is rounded to the nearest patch, which changes the aspect ratio by half a patch at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.case import Image
from engine.preprocess.display import to_display

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass(frozen=True)
class ImageGeometry:
    """Where an image of `rows` x `columns` lies in the model's square.

    Parameters
    ----------
    size, patch : int
        Sides of the square and of a patch, model pixels.
    top, left, height, width : int
        The rectangle of the square that the image fills, model pixels, each a multiple of the patch.
    """

    rows: int
    columns: int
    size: int
    patch: int
    top: int
    left: int
    height: int
    width: int

    @property
    def presence(self) -> NDArray[np.bool_]:
        """``(T,)``: True for the patches that the image fills, row after row."""
        side = self.size // self.patch
        inside = np.zeros((side, side), dtype=np.bool_)  # (G, G)
        top, left = self.top // self.patch, self.left // self.patch
        inside[top : top + self.height // self.patch, left : left + self.width // self.patch] = True
        return inside.ravel()

    def to_source(self, token_map: NDArray[np.float32]) -> NDArray[np.float32]:
        """Bring one value a patch back to the source pixels.

        Parameters
        ----------
        token_map : numpy.ndarray
            ``(T,)`` float, row after row; NaN where a patch was absent.

        Returns
        -------
        numpy.ndarray
            ``(rows, columns)`` float32, bilinear between the centres of the patches that were there; NaN in the
            patches that were not.
        """
        side = self.size // self.patch
        values = np.where(self.presence, token_map, np.nan).reshape(side, side).astype(np.float32)  # (G, G)
        seen = np.isfinite(values)  # (G, G)
        down = _between_centres(self.rows, self.top, self.height, self.patch, side)  # (rows, G)
        across = _between_centres(self.columns, self.left, self.width, self.patch, side)  # (columns, G)
        weight = down @ seen.astype(np.float32) @ across.T  # (rows, columns)
        total = down @ np.where(seen, values, np.float32(0.0)) @ across.T  # (rows, columns)
        unseen = ~seen[down.argmax(axis=1)][:, across.argmax(axis=1)]  # (rows, columns)
        result = np.full((self.rows, self.columns), np.nan, dtype=np.float32)
        np.divide(total, weight, out=result, where=~unseen)
        return result


def letterbox(rows: int, columns: int, *, size: int, patch: int) -> ImageGeometry:
    """Place an image in the middle of a square, aspect ratio kept to half a patch.

    Parameters
    ----------
    rows, columns : int
        Of the source image, at least 1.
    """
    longest = max(rows, columns)
    height = max(1, round(size * rows / longest / patch)) * patch
    width = max(1, round(size * columns / longest / patch)) * patch
    top = (size - height) // 2 // patch * patch
    left = (size - width) // 2 // patch * patch
    return ImageGeometry(rows, columns, size, patch, top, left, height, width)


def prepare_image(image: Image, frame: int, size: int, patch: int) -> tuple[Tensor, Tensor, ImageGeometry]:
    """Make one frame ready for a model.

    Returns
    -------
    pixels : Tensor
        ``(1, S, S)`` float32: grey values of mean 0 and deviation 1 over the picture, 0 outside it.
    presence : Tensor
        ``(T,)`` bool: the patches that the picture fills.
    geometry : ImageGeometry
        The way back.
    """
    grey = to_grey(image, frame)  # (rows, columns)
    geometry = letterbox(*grey.shape, size=size, patch=patch)
    square = torch.zeros(1, size, size)  # (1, S, S)
    bottom, right = geometry.top + geometry.height, geometry.left + geometry.width
    square[0, geometry.top : bottom, geometry.left : right] = resize(grey, geometry.height, geometry.width)
    presence = torch.from_numpy(geometry.presence)  # (T,)
    return standardise(square[None], presence[None])[0], presence, geometry


def to_grey(image: Image, frame: int) -> NDArray[np.float32]:
    """Display values ``(rows, columns)`` in [0, 1]; the luma of a colour image."""
    display = to_display(image, frame)
    return display if display.ndim == 2 else display @ _LUMA


def resize(grey: NDArray[np.float32], height: int, width: int) -> Tensor:
    """Resize ``(rows, columns)`` to ``(height, width)``, bilinear with antialiasing, in [0, 1]."""
    source = torch.from_numpy(np.ascontiguousarray(grey, dtype=np.float32))[None, None]  # (1, 1, rows, columns)
    target = torch.nn.functional.interpolate(
        source, size=(height, width), mode="bilinear", align_corners=False, antialias=True
    )  # (1, 1, height, width)
    return target[0, 0].clamp(0.0, 1.0)  # (height, width)


def standardise(pixels: Tensor, presence: Tensor) -> Tensor:
    """Give each picture of a batch mean 0 and deviation 1 over its present patches, and 0 outside them.

    Parameters
    ----------
    pixels : Tensor
        ``(B, 1, S, S)`` float32.
    presence : Tensor
        ``(B, T)`` bool, T = (S / patch)^2.

    Returns
    -------
    Tensor
        ``(B, 1, S, S)``; all 0 for a flat picture.
    """
    side = round(presence.shape[1] ** 0.5)  # G
    patch = pixels.shape[-1] // side
    inside = presence.view(-1, 1, side, side).to(pixels.dtype)  # (B, 1, G, G)
    inside = inside.repeat_interleave(patch, 2).repeat_interleave(patch, 3)  # (B, 1, S, S)
    count = inside.sum(dim=(2, 3), keepdim=True).clamp_min(1.0)  # (B, 1, 1, 1)
    mean = (pixels * inside).sum(dim=(2, 3), keepdim=True) / count  # (B, 1, 1, 1)
    centred = (pixels - mean) * inside  # (B, 1, S, S)
    deviation = ((centred**2).sum(dim=(2, 3), keepdim=True) / count).sqrt()  # (B, 1, 1, 1)
    return centred / deviation.clamp_min(1e-3)  # (B, 1, S, S)


def _between_centres(length: int, start: int, extent: int, patch: int, side: int) -> NDArray[np.float32]:
    """Weights ``(length, G)`` that interpolate linearly between patch centres, held constant beyond the outer ones."""
    model = start + (np.arange(length) + 0.5) * extent / length  # (length,) model pixels
    first, last = start // patch, (start + extent) // patch - 1
    token = np.clip(model / patch - 0.5, first, last)  # (length,) in patches
    below = np.minimum(token.astype(np.int64), max(first, last - 1))  # (length,)
    above = np.minimum(below + 1, last)  # (length,)
    share = (token - below).astype(np.float32)  # (length,)
    weights = np.zeros((length, side), dtype=np.float32)  # (length, G)
    ranks = np.arange(length)
    weights[ranks, below] += 1.0 - share
    weights[ranks, above] += share
    return weights
