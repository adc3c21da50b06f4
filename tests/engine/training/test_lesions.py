from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.models.lesion import LesionTransformer, LesionTransformerConfig
from engine.models.output import ModelInput
from engine.training.curves import read_curves
from engine.training.images import ImageSettings
from engine.training.lesions import Batch, Scans, lesion_loss, predict_scans, scan_draws, train_lesion_classifier


def _network() -> LesionTransformer:
    torch.manual_seed(0)
    return LesionTransformer(LesionTransformerConfig(labels=3, image_size=32, width=24, layers=1, heads=3))


def _scans(count: int, size: int) -> Scans:
    """Grey noise; label 1 has a dark round lesion, outlined in every second scan; label 0 has none."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(120, 200, (count, size, size), generator=generator, dtype=torch.uint8)
    masks = torch.zeros_like(pixels)
    targets = torch.arange(count) % 2
    down, across = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    for rank in torch.nonzero(targets)[:, 0].tolist():
        y, x = (size * (0.35 + 0.3 * torch.rand(2, generator=generator))).tolist()
        inside = (down - y) ** 2 + (across - x) ** 2 < (0.22 * size) ** 2
        pixels[rank][inside], masks[rank][inside] = 20, 255
    drawn = (targets == 0) | (torch.arange(count) % 4 == 1)
    masks[~drawn] = 0
    return Scans(pixels, torch.ones(count), targets, masks, drawn)


def test_training_learns_to_draw_from_the_scans_that_are_outlined(tmp_path: Path) -> None:
    settings = ImageSettings(stages="32x8", batch_size=16, lr=3e-3, average=0.9)
    network = train_lesion_classifier(
        _network(), lambda size: _scans(96, size), lambda size: _scans(32, size), settings, tmp_path, 0
    )
    curves = read_curves(tmp_path)
    assert curves[-1]["validation_dice"] > 0.5 > curves[0]["validation_dice"]
    held = _scans(32, 32)
    logits, lesions = predict_scans(network, held)
    assert lesions.shape == (32, 1, 8, 8)
    assert (logits[:, :2].argmax(dim=1) == held.targets).float().mean() > 0.6


def test_a_mask_counts_only_where_it_is_known() -> None:
    network = _network().eval()
    inputs = ModelInput(torch.randn(2, 1, 32, 32), torch.ones(2, 4, dtype=torch.bool))
    targets, none = torch.tensor([0, 1]), torch.zeros(2, dtype=torch.bool)
    masks = torch.zeros(2, 1, 32, 32)
    masks[1, :, :16, :16] = 1

    def loss(masks: torch.Tensor, drawn: torch.Tensor) -> float:
        return float(lesion_loss(network, Batch(inputs, targets, masks, drawn, whole=True), smoothing=0.0).detach())

    label_only = float(torch.nn.functional.cross_entropy(network(inputs).logits, targets).detach())
    assert loss(masks, none) == pytest.approx(label_only, rel=1e-5)
    assert loss(masks, ~none) > label_only + 0.5


def test_reading_outside_the_lesion_costs() -> None:
    network = _network().eval()
    inputs = ModelInput(torch.randn(1, 1, 32, 32), torch.ones(1, 4, dtype=torch.bool))
    masks = torch.zeros(1, 1, 32, 32)
    masks[..., :16, :16] = 1
    batch = Batch(inputs, torch.tensor([1]), masks, torch.tensor([True]), whole=True)
    gradient = torch.autograd.grad(lesion_loss(network, batch, smoothing=0.0), network.gate.weight)[0]
    before = network(inputs).readout[0, 0]
    with torch.no_grad():
        network.gate.weight -= gradient
    assert network(inputs).readout[0, 0] > before


def test_labels_are_drawn_equally_often_and_outlined_scans_more() -> None:
    scans = _scans(64, 32)
    rare = Scans(scans.pixels, scans.aspects, (torch.arange(64) < 8).long(), scans.masks, scans.drawn)
    draws = np.concatenate([scan_draws(rare, np.random.default_rng(seed)) for seed in range(40)])
    assert rare.targets.numpy()[draws].mean() == pytest.approx(0.5, abs=0.03)
    often = np.bincount(draws, minlength=64)
    alike = rare.targets.numpy() == 0
    outlined = rare.outlined.numpy()
    assert often[alike & outlined].mean() == pytest.approx(3 * often[alike & ~outlined].mean(), rel=0.2)
