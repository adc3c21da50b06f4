"""Scans whose lesions somebody outlined: reading them, and holding a model's drawing and its class map against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Image
from engine.errors import DatasetError
from engine.evaluation.metrics import bootstrap_weights, interval
from engine.evaluation.report import to_metric
from engine.explain.lesion import draw_lesion, overlap
from engine.explain.token_maps import token_maps
from engine.explain.where import centred_blob, localise
from engine.models.card import Metric
from engine.models.lesion import LesionTransformer
from engine.models.output import ModelInput
from engine.preprocess.image import ImageGeometry, prepare_image, resize, to_grey
from engine.results import Method
from engine.tasks.image_fit import read_image
from engine.tasks.task import Example, Outline
from engine.training.lesions import Scans

Mask = NDArray[np.bool_]


def load_scans(examples: Sequence[Example], labels: Sequence[str], *, size: int) -> Scans:
    """Read scans squeezed to ``size`` x ``size``, with their masks: the outlined picture where there is one.

    A scan whose label is the first, normal, has an empty mask; of other scans without an outline nothing is known.
    """
    pixels = torch.empty(len(examples), size, size, dtype=torch.uint8)  # (N, S, S)
    masks = torch.zeros_like(pixels)  # (N, S, S)
    aspects = torch.empty(len(examples))  # (N,)
    targets = torch.tensor([labels.index(example.truth[0]) for example in examples])  # (N,)
    drawn = targets == 0  # (N,)
    for rank, example in enumerate(examples):
        outline = example.outline
        grey = to_grey(read_image(outline.picture if outline else cast(Path, example.path)), 0)  # (rows, columns)
        pixels[rank] = _squeeze(grey, size)
        aspects[rank] = grey.shape[1] / grey.shape[0]
        if outline:
            masks[rank] = _squeeze(read_mask(outline, grey.shape).astype(np.float32), size)
            drawn[rank] = True
    return Scans(pixels, aspects, targets, masks, drawn)


def read_mask(outline: Outline, shape: tuple[int, ...]) -> Mask:
    """All lesions of a picture of `shape` ``(rows, columns)`` as one mask.

    A mask that is larger than its picture is cut to the picture's centre, as some of the set's pictures were.

    Raises
    ------
    DatasetError
        A mask is smaller than its picture.
    """
    found = np.zeros(shape, dtype=np.bool_)  # (rows, columns)
    for path in outline.masks:
        mask = to_grey(read_image(path), 0) > 0.5  # (rows', columns')
        top, left = ((mask.shape[axis] - shape[axis]) // 2 for axis in (0, 1))
        if top < 0 or left < 0:
            raise DatasetError(f"{path.name} is smaller than its picture.", "Give masks of their pictures' size.")
        found |= mask[top : top + shape[0], left : left + shape[1]]
    return found


@dataclass(frozen=True)
class Found:
    """One outlined scan: how well the lesion was drawn, and where its class map and a centred blob were looking."""

    dice: float
    iou: float
    map_pointing_game: float
    map_energy_inside: float
    map_iou: float
    blob_pointing_game: float
    blob_energy_inside: float
    blob_iou: float


def measure_outlines(
    network: LesionTransformer, examples: Sequence[Example], *, method: Method, seed: int = 0
) -> dict[str, Metric]:
    """Hold what a model draws, and its map for the label that it prefers, against outlined lesions.

    Parameters
    ----------
    examples : sequence of Example
        Those without an outline are left out.
    method : Method
        Of the map.

    Returns
    -------
    dict of str to Metric
        Means over scans with intervals by group; empty where no lesion is outlined. The IoU of a map is that of its
        highest pixels, as many as the lesion has.
    """
    outlined = [example for example in examples if example.outline]
    if not outlined:
        return {}
    found = [vars(_find(network, cast(Outline, example.outline), method)) for example in outlined]
    weights = bootstrap_weights([example.group for example in outlined], seed=seed)  # (1 + B, N)
    return {
        f"lesion_{name}": to_metric(interval(weights @ [row[name] for row in found] / weights.sum(axis=1)), len(found))
        for name in found[0]
    }


def drawn_mask(network: LesionTransformer, image: Image) -> Mask:
    """Draw the lesions of an image's first frame, ``(rows, columns)`` bool on its pixels."""
    inputs, geometry = _prepare(network, image)
    return draw_lesion(network, inputs, geometry).mask


def _find(network: LesionTransformer, outline: Outline, method: Method) -> Found:
    """Measure one scan."""
    image = read_image(outline.picture)
    inputs, geometry = _prepare(network, image)
    truth = read_mask(outline, image.shape)  # (rows, columns)
    drawn = draw_lesion(network, inputs, geometry).mask  # (rows, columns)
    with torch.no_grad():
        preferred = int(network(inputs).logits[0].argmax())
    relevance = token_maps(network, inputs, method, label=preferred, one_case=True)  # (1, T)
    seen, blob = geometry.to_source(relevance[0].cpu().numpy()), centred_blob(image.shape)  # (rows, columns)
    by_map, by_blob = localise(seen, truth), localise(blob, truth)
    return Found(
        dice=overlap(drawn, truth),
        iou=_iou(drawn, truth),
        map_pointing_game=float(by_map.hit),
        map_energy_inside=by_map.energy,
        map_iou=_iou(_highest(seen, int(truth.sum())), truth),
        blob_pointing_game=float(by_blob.hit),
        blob_energy_inside=by_blob.energy,
        blob_iou=_iou(_highest(blob, int(truth.sum())), truth),
    )


def _prepare(network: LesionTransformer, image: Image) -> tuple[ModelInput, ImageGeometry]:
    """One row for the network, and the way back."""
    pixels, presence, geometry = prepare_image(image, 0, network.config.image_size, network.config.patch_size)
    return ModelInput(pixels[None], presence[None]).to(next(network.parameters()).device), geometry


def _iou(one: Mask, other: Mask) -> float:
    """Intersection over union, in [0, 1]; 1 where both masks are empty."""
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


def _highest(relevance: NDArray[np.float32], count: int) -> Mask:
    """Mark the `count` highest pixels of a map ``(rows, columns)`` with NaN."""
    order = np.argsort(-np.nan_to_num(relevance, nan=-np.inf), axis=None, kind="stable")
    mask = np.zeros(relevance.size, dtype=np.bool_)
    mask[order[:count]] = True
    return mask.reshape(relevance.shape)


def _squeeze(grey: NDArray[np.float32], size: int) -> torch.Tensor:
    """``(S, S)`` uint8 of display values in [0, 1]."""
    return (resize(grey, size, size) * 255.0).round().to(torch.uint8)
