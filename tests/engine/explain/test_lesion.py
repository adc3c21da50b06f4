from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.explain.lesion import draw_lesion, find_regions, overlap
from engine.models.lesion import CELL, LesionTransformer, LesionTransformerConfig
from engine.models.output import ModelInput, ModelOutput
from engine.preprocess.image import letterbox


class Bright(LesionTransformer):
    """Draws what is brighter than 0, and what lies in the left `blind` cells never."""

    def __init__(self, blind: int = 0) -> None:
        super().__init__(LesionTransformerConfig(labels=3, image_size=64, width=24, layers=1, heads=3))
        self.blind = blind

    def draw(self, inputs: ModelInput) -> tuple[ModelOutput, Tensor]:
        cells = 20 * nn.functional.avg_pool2d(inputs.values, CELL)
        cells[..., : self.blind] = -20
        return self(inputs), cells


def _scene() -> tuple[ModelInput, np.ndarray]:
    """A picture of 30 x 60 pixels with a bright part of 8 x 20, in a square of 64."""
    geometry = letterbox(30, 60, size=64, patch=16)
    truth = np.zeros((30, 60), dtype=bool)
    truth[4:12, 10:30] = True
    square = torch.full((1, 1, 64, 64), -1.0)
    picture = torch.from_numpy(np.where(truth, 1.0, -1.0).astype(np.float32))[None, None]
    drawn = nn.functional.interpolate(picture, (geometry.height, geometry.width))
    square[..., geometry.top : geometry.top + geometry.height, geometry.left : geometry.left + geometry.width] = drawn
    return ModelInput(square, torch.from_numpy(geometry.presence)[None]), truth


def test_a_lesion_lies_where_it_is_on_the_source() -> None:
    inputs, truth = _scene()
    lesion = draw_lesion(Bright().eval(), inputs, letterbox(30, 60, size=64, patch=16))
    assert lesion.mask.shape == truth.shape
    assert overlap(lesion.mask, truth) > 0.85
    assert lesion.share == pytest.approx(lesion.mask.mean())
    assert lesion.agreement == 1.0
    (region,) = lesion.regions
    assert np.abs(np.array(region.box) - (4, 10, 12, 30)).max() <= 1
    assert region.probability > 0.8
    assert region.contour.min(axis=0).tolist() == [region.box[1], region.box[0]]


def test_what_the_mirror_image_contradicts_lowers_the_agreement() -> None:
    inputs, _ = _scene()
    geometry = letterbox(30, 60, size=64, patch=16)
    assert draw_lesion(Bright(blind=5).eval(), inputs, geometry).agreement < 0.8


def test_nothing_drawn_is_no_lesion() -> None:
    inputs, _ = _scene()
    empty = ModelInput(-inputs.values.abs(), inputs.presence)
    lesion = draw_lesion(Bright().eval(), empty, letterbox(30, 60, size=64, patch=16))
    assert (lesion.regions, lesion.share, lesion.agreement) == ((), 0.0, 1.0)


def test_regions_are_parted_sorted_and_freed_of_specks() -> None:
    probability = np.full((100, 100), 0.1, dtype=np.float32)
    probability[10:20, 10:20] = 0.6
    probability[50:80, 50:90] = 0.8
    probability[95, 5] = 0.9
    mask, regions = find_regions(probability)
    assert [region.box for region in regions] == [(50, 50, 80, 90), (10, 10, 20, 20)]
    assert [round(region.probability, 2) for region in regions] == [0.8, 0.6]
    assert mask.sum() == 30 * 40 + 100


def test_overlap_is_the_dice_coefficient() -> None:
    one, other = np.array([[1, 1, 0, 0]], dtype=bool), np.array([[0, 1, 1, 0]], dtype=bool)
    assert overlap(one, other) == 0.5
    assert overlap(one, one) == 1.0
    assert overlap(np.zeros_like(one), np.zeros_like(one)) == 1.0
