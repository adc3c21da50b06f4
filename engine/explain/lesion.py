"""From the cells that a model drew to a lesion on the source pixels: mask, boxes, outlines, and how sure it is."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from engine.explain.contour import outer_contour
from engine.models.lesion import CELL, LesionTransformer
from engine.models.output import ModelInput
from engine.preprocess.image import ImageGeometry, resize
from engine.results import Lesion, Region

DRAWN = 0.5  # probability from which a pixel belongs to a lesion
SMALLEST = 0.001  # share of the image that a region must fill to be called a lesion

Mask = NDArray[np.bool_]


def draw_lesion(network: LesionTransformer, inputs: ModelInput, geometry: ImageGeometry) -> Lesion:
    """Draw the lesions of one image, as the model sees it and mirrored left for right.

    Parameters
    ----------
    inputs : ModelInput
        One row, on the network's device.
    """
    with torch.inference_mode():
        cells = network.draw(_with_mirrored(inputs, geometry))[1].float().sigmoid().cpu()  # (2, 1, S / 4, S / 4)
    plain, mirrored = (_on_source(seen, geometry) for seen in (cells[0, 0], cells[1, 0].flip(1)))  # (rows, columns)
    probability = np.float32(0.5) * (plain + mirrored)  # (rows, columns)
    mask, regions = find_regions(probability)
    return Lesion(
        probability=probability,
        mask=mask,
        regions=regions,
        share=float(mask.mean()),
        agreement=overlap(plain >= DRAWN, mirrored >= DRAWN),
    )


def find_regions(probability: NDArray[np.float32]) -> tuple[Mask, tuple[Region, ...]]:
    """Part what is probably a lesion into connected regions, largest first, and drop specks.

    Returns
    -------
    mask : numpy.ndarray
        ``(rows, columns)`` bool: all regions together.
    regions : tuple of Region
        None where nothing was found.
    """
    numbered, count = ndimage.label(probability >= DRAWN)  # (rows, columns)
    sizes = np.bincount(numbered.ravel(), minlength=count + 1)[1:]  # (count,)
    kept = [rank + 1 for rank in np.argsort(-sizes, kind="stable") if sizes[rank] >= SMALLEST * probability.size]
    boxes = ndimage.find_objects(numbered)
    regions = []
    for number in kept:
        down, across = boxes[number - 1]
        inside = numbered[down, across] == number
        regions.append(
            Region(
                box=(down.start, across.start, down.stop, across.stop),
                contour=outer_contour(inside) + np.array([across.start, down.start], dtype=np.int32),
                probability=float(probability[down, across][inside].mean()),
            )
        )
    return np.isin(numbered, kept), tuple(regions)


def overlap(one: Mask, other: Mask) -> float:
    """Dice coefficient of two masks, in [0, 1]; 1 where both are empty."""
    total = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / total if total else 1.0


def _with_mirrored(inputs: ModelInput, geometry: ImageGeometry) -> ModelInput:
    """The one row of `inputs`, and its mirror image as a second one."""
    side = geometry.size // geometry.patch  # G
    presence = inputs.presence.view(-1, side, side).flip(2).flatten(1)  # (1, T)
    return ModelInput(torch.cat([inputs.values, inputs.values.flip(3)]), torch.cat([inputs.presence, presence]))


def _on_source(cells: torch.Tensor, geometry: ImageGeometry) -> NDArray[np.float32]:
    """Bring cells ``(S / 4, S / 4)`` back to the source pixels ``(rows, columns)``."""
    top, left, height, width = (
        length // CELL for length in (geometry.top, geometry.left, geometry.height, geometry.width)
    )
    picture = cells[top : top + height, left : left + width].numpy()
    return resize(picture, geometry.rows, geometry.columns).numpy()
