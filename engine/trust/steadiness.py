"""Whether an answer stands when the picture is moved a little: test-time agreement over shifts, mirrors where allowed.

Wang et al., Neurocomputing 338, 2019 (uncertainty from test-time augmentation). A shift of a few pixels changes nothing
for a reader; an answer that changes with it is not to be relied on.
"""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from engine.models.output import ModelInput

SHIFT = 1 / 4  # of a patch, in each direction: the patches cut the picture differently


def moved(inputs: ModelInput, *, mirror: bool) -> ModelInput:
    """All small shifts of one picture.

    Parameters
    ----------
    inputs : ModelInput
        One picture: ``(1, 1, S, S)``, presence ``(1, T)``.
    mirror : bool
        Whether its mirror image shows a case as good as it.

    Returns
    -------
    ModelInput
        ``(V, 1, S, S)``: first the picture itself, then its eight shifts; the same mirrored where that is allowed.
    """
    grid = round(inputs.presence.shape[1] ** 0.5)  # G
    step = max(1, round(SHIFT * inputs.values.shape[-1] / grid))  # pixels
    shifts = [(0, 0), *(pair for pair in product((-step, 0, step), repeat=2) if pair != (0, 0))]
    values = torch.cat([_shift(inputs.values, down, right) for down, right in shifts])  # (9, 1, S, S)
    presence = inputs.presence.expand(len(shifts), -1)  # (9, T)
    if mirror:
        turned = presence.view(-1, grid, grid).flip(2).flatten(1)  # (9, T)
        values, presence = torch.cat([values, values.flip(3)]), torch.cat([presence, turned])
    return ModelInput(values, presence)


def _shift(values: Tensor, down: int, right: int) -> Tensor:
    """``(1, 1, S, S)`` moved by some pixels; what comes in is 0, the mean of the picture."""
    rolled = values.roll((down, right), dims=(2, 3))  # (1, 1, S, S)
    side = torch.arange(values.shape[-1], device=values.device)  # (S,)
    rows = ((side - down >= 0) & (side - down < len(side)))[:, None]  # (S, 1)
    columns = (side - right >= 0) & (side - right < len(side))  # (S,)
    return rolled * (rows & columns)
