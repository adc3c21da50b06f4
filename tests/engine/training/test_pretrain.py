from __future__ import annotations

from pathlib import Path

import torch

from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.training.curves import read_curves
from engine.training.images import Films, ImageSettings
from engine.training.pretrain import Painter, painting_loss, pretrain

CONFIG = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=2, heads=2)


def _stripes(count: int = 64) -> Films:
    """Every film has the same upright stripes, shifted: what is absent can be told from what is there."""
    columns = torch.arange(32)[None, None, :] + torch.arange(count)[:, None, None]  # (N, 1, 32)
    pixels = ((columns // 4 % 2) * 200 + 20).expand(-1, 32, -1)
    return Films(pixels.to(torch.uint8).clone(), torch.ones(count), torch.zeros(count, dtype=torch.int64))


def test_only_absent_patches_of_the_film_count() -> None:
    presence = torch.zeros(1, 16, dtype=torch.bool)
    presence[0, :8] = True
    there = presence.clone()
    there[0, 8:12] = True  # the last row lies outside the film
    values = torch.randn(1, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    painted = torch.zeros(1, 16, 64)
    base = painting_loss(painted, ModelInput(values, presence), there)
    painted[:, :8] = painted[:, 12:] = 100.0
    assert painting_loss(painted, ModelInput(values, presence), there) == base
    painted[:, 8:12] = 100.0
    assert painting_loss(painted, ModelInput(values, presence), there) > 50


def test_an_absent_patch_is_painted_from_the_present_ones_alone() -> None:
    torch.manual_seed(0)
    painter = Painter(ImageTransformer(CONFIG)).eval()
    presence = torch.ones(1, 16, dtype=torch.bool)
    presence[0, 5] = False
    values = torch.randn(1, 1, 32, 32)
    changed = values.clone()
    changed[..., 8:16, 8:16] += 5.0  # the absent patch
    with torch.no_grad():
        assert torch.equal(painter(ModelInput(values, presence)), painter(ModelInput(changed, presence)))
        changed[..., :8, :8] += 5.0
        assert not torch.equal(
            painter(ModelInput(values, presence))[0, 5], painter(ModelInput(changed, presence))[0, 5]
        )


def test_pretraining_learns_to_paint_and_leaves_the_head_alone(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = ImageTransformer(CONFIG)
    head, stem = network.head.weight.clone(), network.stem[0].weight.clone()
    settings = ImageSettings(stages="32x1", batch_size=16, lr=4e-3)
    assert pretrain(network, _stripes(), settings, tmp_path, 0, epochs=12) is network
    losses = [row["validation_loss"] for row in read_curves(tmp_path)]
    assert losses[-1] < 0.95 * losses[0]
    assert torch.equal(network.head.weight, head)
    assert not torch.equal(network.stem[0].weight, stem)
