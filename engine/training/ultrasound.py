"""Random views of ultrasound scans together with the masks of their lesions, for training.

Physics sets the limits: a scan may be mirrored (the probe can be turned about), never put upside down; gain, depth
compensation and speckle differ from scanner to scanner.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.models.output import ModelInput
from engine.preprocess.image import standardise
from engine.training.augment import as_display, place, sharpen, thin, tone, uniform


def random_scans(
    scans: Tensor, aspects: Tensor, masks: Tensor, *, patch: int, generator: torch.Generator
) -> tuple[ModelInput, Tensor]:
    """A random view of each scan.

    Parameters
    ----------
    scans, masks : Tensor
        ``(B, S, S)`` uint8: display values squeezed to a square, and 255 in the lesion.
    aspects : Tensor
        ``(B,)`` float: columns / rows before that.
    generator : torch.Generator
        The only source of randomness.

    Returns
    -------
    inputs : ModelInput
        All patches of the letterbox present.
    masks : Tensor
        ``(B, 1, S, S)`` float32 in [0, 1], on the same view.
    """
    count = len(scans)
    stretched = torch.rand(count, generator=generator) < 0.7  # (B,)
    aspects = torch.where(stretched, aspects * uniform(count, math.log(0.75), math.log(1.4), generator).exp(), aspects)
    touched = (torch.rand(count, generator=generator) < 0.8)[:, None, None, None]  # (B, 1, 1, 1)
    pixels = as_display(scans)  # (B, 1, S, S)
    pixels = torch.where(touched, _another_scanner(pixels, generator), pixels)  # (B, 1, S, S)
    both = torch.cat([pixels, as_display(masks)], dim=1)  # (B, 2, S, S)
    both, presence = place(both, aspects, _affine(count, generator), patch=patch)
    return ModelInput(standardise(both[:, :1], presence), presence), both[:, 1:]


def random_scan_view(scans: Tensor, aspects: Tensor, patch: int, generator: torch.Generator) -> ModelInput:
    """A random view of each scan with all its patches: an `engine.training.augment.View`, on which trust is fitted."""
    return random_scans(scans, aspects, torch.zeros_like(scans), patch=patch, generator=generator)[0]


def thinned(inputs: ModelInput, generator: torch.Generator) -> ModelInput:
    """The same scans with a random share of their patches, at least a tenth."""
    share = 0.1 + 0.9 * float(torch.rand((), generator=generator))
    return ModelInput(inputs.values, thin(inputs.presence, share, generator))


def _affine(count: int, generator: torch.Generator) -> Tensor:
    """``(B, 2, 3)``: turns to 12 degrees, magnification 0.85 to 1.6, shifts of the part seen, mirrors."""
    angle = uniform(count, -math.radians(12), math.radians(12), generator)  # (B,)
    scale = uniform(count, math.log(0.62), math.log(1.18), generator).exp()  # (B,)
    mirror = 1.0 - 2.0 * (torch.rand(count, generator=generator) < 0.5).float()  # (B,)
    room = (1.0 - scale).abs() + 0.1  # (B,)
    shift = (2 * torch.rand(count, 2, generator=generator) - 1) * room[:, None]  # (B, 2)
    cosine, sine = scale * angle.cos(), scale * angle.sin()  # (B,)
    turn = torch.stack([torch.stack([mirror * cosine, -sine], 1), torch.stack([mirror * sine, cosine], 1)], 1)
    return torch.cat([turn, shift[:, :, None]], dim=2)  # (B, 2, 3)


def _another_scanner(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Other processing, depth compensation and gain; speckle, which multiplies the echo."""
    count, size = len(pixels), pixels.shape[-1]
    pixels = tone(sharpen(pixels, uniform(count, -1.0, 0.8, generator)), generator)
    depth = torch.linspace(-1, 1, size)[None, None, :, None]  # (1, 1, S, 1)
    slope = uniform(count, -0.35, 0.35, generator)[:, None, None, None]  # (B, 1, 1, 1)
    gain = uniform(count, 0.75, 1.3, generator)[:, None, None, None]  # (B, 1, 1, 1)
    grain = uniform(count, 0.0, 0.15, generator)[:, None, None, None]  # (B, 1, 1, 1)
    speckle = 1 + grain * torch.randn(pixels.shape, generator=generator)  # (B, 1, S, S)
    return (pixels * gain * (1 + slope * depth) * speckle).clamp(0, 1)
