from __future__ import annotations

import torch

from engine.models.output import ModelInput
from engine.training.ultrasound import random_scans, thinned


def _views(seed: int = 0, count: int = 64) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Scans whose lesion is their only dark part and whose top is brightest; pixels, presence and masks of a view."""
    scans = torch.linspace(250, 120, 64)[None, :, None].expand(count, 64, 64).to(torch.uint8).clone()
    masks = torch.zeros_like(scans)
    scans[:, 28:40, 16:32], masks[:, 28:40, 16:32] = 5, 255
    generator = torch.Generator().manual_seed(seed)
    inputs, drawn = random_scans(scans, torch.ones(count), masks, patch=16, generator=generator)
    return inputs.values, inputs.presence, drawn


def test_the_mask_goes_where_the_lesion_goes() -> None:
    pixels, presence, masks = _views()
    seen = presence.view(-1, 1, 4, 4).repeat_interleave(16, 2).repeat_interleave(16, 3)
    inside, outside = (masks > 0.99), (masks < 0.01) & seen & (pixels != 0)
    darker = [
        float(view[within].median()) < float(view[without].median())
        for view, within, without in zip(pixels, inside, outside, strict=True)
        if int(within.sum()) > 20
    ]
    assert len(darker) > 50
    assert sum(darker) >= 0.95 * len(darker)


def test_scans_are_mirrored_but_never_put_upside_down() -> None:
    _, _, masks = _views()
    left = [float(mask[:, :, :32].sum() - mask[:, :, 32:].sum()) > 0 for mask in masks]
    assert 10 < sum(left) < 54
    pixels, _, _ = _views()
    assert float(pixels[:, :, 4:20].mean() - pixels[:, :, -20:-4].mean()) > 0


def test_the_generator_is_the_only_chance() -> None:
    assert torch.equal(_views(3, 8)[0], _views(3, 8)[0])
    assert not torch.equal(_views(3, 8)[0], _views(4, 8)[0])


def test_thinning_leaves_some_patches_and_all_pixels() -> None:
    inputs = ModelInput(torch.randn(8, 1, 64, 64), torch.ones(8, 16, dtype=torch.bool))
    shares = []
    for seed in range(20):
        thin = thinned(inputs, torch.Generator().manual_seed(seed))
        assert torch.equal(thin.values, inputs.values)
        shares.append(float(thin.presence.float().mean()))
    assert min(shares) >= 1 / 16
    assert max(shares) - min(shares) > 0.5
