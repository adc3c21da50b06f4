"""How much a map changes when the image hardly does: maximal sensitivity (Yeh et al., NeurIPS 2019, arXiv 1901.09392).

Equation 4 of the paper, estimated by draws and divided by the norm of the map.
"""

from __future__ import annotations

import torch
from torch import Tensor

from engine.explain.token_maps import token_maps
from engine.models.output import ModelInput, TokenNetwork
from engine.results import Method

NOISE = 0.1  # largest change of a pixel, in standard deviations of the picture's grey values
DRAWS = 8


def max_sensitivity(
    network: TokenNetwork,
    inputs: ModelInput,
    method: Method,
    *,
    label: int,
    rather_than: int | None = None,
    layer: int | None = None,
    head: int | None = None,
) -> float:
    """Explain noisy copies of one image and take the largest change of the map, as a share of the map's norm.

    It is the largest of `DRAWS` draws: the maximum that they estimate is no less.

    Parameters
    ----------
    inputs : ModelInput
        One image, pixels ``(1, 1, S, S)`` standardised.
    label, rather_than, layer, head : int or None
        Of the map, as of `token_maps`.

    Returns
    -------
    float
        At least 0: 0.1 is a map that hardly changes, 1 one that is another map.
    """
    pixels = inputs.values
    noise = torch.rand(DRAWS, *pixels.shape[1:], generator=torch.Generator().manual_seed(0))  # (N, 1, S, S)
    copies = torch.cat([pixels, pixels + NOISE * (2 * noise.to(pixels.device) - 1)])  # (1 + N, 1, S, S)
    presence = inputs.presence.expand(len(copies), -1)  # (1 + N, T)
    maps: Tensor = token_maps(
        network,
        ModelInput(copies, presence),
        method,
        label=label,
        rather_than=rather_than,
        layer=layer,
        head=head,
    )
    change = (maps[1:] - maps[0]).norm(dim=1)  # (N,)
    return float(change.max() / maps[0].norm().clamp(min=torch.finfo(maps.dtype).tiny))
