"""Pretraining without labels: a network learns what films look like by predicting the pixels of absent patches.

Xie et al., SimMIM: A Simple Framework for Masked Image Modeling, CVPR 2022 (plain pixels, one linear layer, L1 loss on
what was masked); He et al., Masked Autoencoders, CVPR 2022 (targets normalised patch by patch).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer
from engine.training.augment import plain_batch, random_view, thin
from engine.training.images import Films, ImageSettings
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups

SHOWN = 0.4  # share of the patches that is there
HELD = 64  # films that the curves are drawn from

Batch = tuple[ModelInput, Tensor]


class Painter(nn.Module):
    """An image Transformer with a linear layer that paints every patch, ``(B, T)`` tokens to ``(B, T, patch^2)``."""

    def __init__(self, network: ImageTransformer) -> None:
        super().__init__()
        self.network = network
        self.paint = nn.Linear(network.config.width, network.config.patch_size**2)

    def forward(self, inputs: ModelInput) -> Tensor:
        """Paint all patches, those above all that are absent: they attend to present ones and are attended by none."""
        output = self.network.encode(self.network.embed(inputs), inputs.presence)
        return cast(Tensor, self.paint(self.network.norm(output.hidden[-1])))  # (B, T, P * P)


def pretrain(
    network: ImageTransformer, films: Films, settings: ImageSettings, out: Path, seed: int, *, epochs: int
) -> ImageTransformer:
    """Pretrain a network on films, whose labels are not read, or go on with a run that was stopped.

    Returns
    -------
    ImageTransformer
        With the averaged weights; its head is as it was.
    """
    patch, device = network.config.patch_size, next(network.parameters()).device
    painter = Painter(network).to(device)

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        order = torch.from_numpy(generator.permutation(len(films.pixels)))  # (N,)
        views = torch.Generator().manual_seed(int(generator.integers(2**62)))
        for start in range(0, len(order), settings.batch_size):
            chosen = order[start : start + settings.batch_size]  # (B,)
            seen = random_view(films.pixels[chosen], films.aspects[chosen], patch, views)
            yield _masked(seen, views)

    def loss(model: nn.Module, batch: Batch) -> Tensor:
        inputs, there = batch[0].to(device), batch[1].to(device)
        return painting_loss(cast(Painter, model)(inputs), inputs, there)

    def validate(model: nn.Module) -> Mapping[str, float]:
        some = slice(0, HELD)
        seen = plain_batch(films.pixels[some], films.aspects[some], patch=patch)
        with torch.no_grad():
            return {"loss": float(loss(model, _masked(seen, torch.Generator().manual_seed(0))))}

    optimiser = build_optimiser(
        settings.optimiser, decay_groups(painter), lr=settings.lr, weight_decay=settings.weight_decay
    )
    loop = LoopSettings(epochs, -(-len(films.pixels) // settings.batch_size), seed=seed, half=settings.half)
    averaged = cast(Painter, fit(painter, optimiser, Plan(batches, loss, validate), loop, out))
    network.load_state_dict(averaged.network.state_dict())
    return network


def painting_loss(painted: Tensor, inputs: ModelInput, there: Tensor) -> Tensor:
    """Mean distance of painted pixels from those of absent patches, each patch brought to mean 0 and deviation 1.

    Parameters
    ----------
    painted : Tensor
        ``(B, T, P * P)``.
    inputs : ModelInput
        Films whose `presence` is what the network saw.
    there : Tensor
        ``(B, T)`` bool: the patches that the film fills.
    """
    side = round(there.shape[1] ** 0.5)  # G
    patch = inputs.values.shape[-1] // side  # P
    cells = inputs.values.unfold(2, patch, patch).unfold(3, patch, patch)  # (B, 1, G, G, P, P)
    pixels = cells.reshape(len(there), there.shape[1], -1)  # (B, T, P * P)
    centred = pixels - pixels.mean(dim=2, keepdim=True)  # (B, T, P * P)
    target = centred / centred.square().mean(dim=2, keepdim=True).add(1e-4).sqrt()  # (B, T, P * P)
    absent = there & ~inputs.presence  # (B, T)
    return (painted.float() - target).abs()[absent].mean()


def _masked(seen: ModelInput, generator: torch.Generator) -> Batch:
    """Take most patches away; the second says which patches the film fills, ``(B, T)``."""
    return ModelInput(seen.values, thin(seen.presence, SHOWN, generator)), seen.presence
