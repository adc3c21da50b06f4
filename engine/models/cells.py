"""What a cell of a course is told of its variable so far: last, lowest, highest, mean, trend, how often, how long ago.

Such summaries are what boosted trees are given on the data of the PhysioNet/Computing in Cardiology Challenge 2012;
piecewise linear features: Gorishniy et al., On Embeddings for Numerical Features, NeurIPS 2022.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.models.output import ModelInput

FEATURES = 31
HALF_DAY, DAY = 12, 24
_FAR = 9.0  # beyond every scaled value


def describe_cells(inputs: ModelInput, scaled: Tensor, *, hours: int, kinds: int) -> Tensor:
    """Describe each token by its own value and by the present tokens of its kind up to its hour.

    Parameters
    ----------
    scaled : Tensor
        ``(B, T)``: the tokens' values on the common scale.

    Returns
    -------
    Tensor
        ``(B, T, FEATURES)`` float32; nothing in it comes from a later hour but whether a later one is there, since what
        is newest is read when the whole is read.
    """
    kind, hour = inputs.values[..., 0].long(), inputs.values[..., 1].long()  # (B, T) each
    slots = torch.where(inputs.presence, hour * kinds + kind, 0)  # (B, T): slot 0 is of the kind that is none
    rows, shape = len(slots), (len(slots), hours, kinds)
    grid = scaled.new_zeros(rows, hours * kinds).scatter(1, slots, scaled).view(shape)  # (B, H, V)
    there = torch.zeros_like(grid, dtype=torch.bool).view(rows, -1).scatter(1, slots, inputs.presence)  # (B, H V)
    read = inputs.values[:, :1, 3, None]  # (B, 1, 1)
    told = _summaries(grid * there.view(shape), there.view(shape), read)  # (B, H, V, F)
    return told.flatten(1, 2).gather(1, slots[..., None].expand(-1, -1, FEATURES))  # (B, T, F)


def newest(values: Tensor, presence: Tensor) -> Tensor:
    """Mark, ``(B, T)`` bool, the last present token of each kind, from ``(B, T, 4)`` and ``(B, T)`` bool."""
    kind, hour = values[..., 0].long(), values[..., 1].long()  # (B, T) each
    last = torch.full((len(kind), int(kind.max()) + 1), -1, device=kind.device)  # (B, V)
    last = last.scatter_reduce(1, kind, torch.where(presence, hour, -1), "amax")  # (B, V)
    return presence & (hour == last.gather(1, kind))  # (B, T)


def _summaries(value: Tensor, there: Tensor, read: Tensor) -> Tensor:
    """All features of every slot, ``(B, H, V, F)``, from values ``(B, H, V)`` that are 0 where nothing is there."""
    present = there.to(value.dtype)  # (B, H, V)
    hour = torch.arange(value.shape[1], dtype=value.dtype, device=value.device)[None, :, None].expand_as(value)
    count = present.cumsum(1).clamp(min=1)  # (B, H, V)
    mean, square = value.cumsum(1) / count, value.square().cumsum(1) / count  # (B, H, V) each
    low, high = value.masked_fill(~there, _FAR), value.masked_fill(~there, -_FAR)  # (B, H, V) each
    lowest, highest = low.cummin(1).values, high.cummax(1).values  # (B, H, V) each
    before = F.pad(hour.masked_fill(~there, -1.0).cummax(1).values, (0, 0, 1, 0), value=-1.0)[:, :-1]  # (B, H, V)
    earlier = (before >= 0).to(value.dtype)  # (B, H, V): the variable was seen before
    previous = value.gather(1, before.clamp(min=0).long())  # (B, H, V)
    began = hour.masked_fill(~there, torch.inf).amin(1, keepdim=True).clamp(max=value.shape[1] - 1)  # (B, 1, V)
    first = value.gather(1, began.long()).expand_as(value)  # (B, H, V)
    newest_here = there & (present.flip(1).cumsum(1).flip(1) == 1)  # (B, H, V)
    half_day, half_days = _mean_of_last(value, present, HALF_DAY)  # (B, H, V) each
    slope = _slope(value, present, hour, mean)  # (B, H, V)
    told = [
        *(value, value.square(), lowest, highest, mean, first, (value - previous) * earlier, value - mean),
        (square - mean.square()).clamp(min=0).add(1e-4).sqrt(),
        *(count.log1p() - 1, half_days.log1p() - 1, ((hour - before) * earlier).log1p() - 0.5),
        *((read - 1 - hour).clamp(min=0).log1p() - 1.5, hour / DAY - 1, read.expand_as(value).log1p() - 3),
        *(newest_here.to(value.dtype), half_day, _mean_of_last(value, present, DAY)[0]),
        *(-_highest_of_last(-low, DAY), _highest_of_last(high, DAY), slope, slope.abs()),
        *((value - 0.7).relu(), (-value - 0.7).relu(), (-lowest - 0.7).relu(), (-lowest - 1.3).relu()),
        *((highest - 0.7).relu(), (highest - 1.3).relu(), (mean - 0.5).relu(), (-mean - 0.5).relu(), mean.square()),
    ]
    return torch.stack(told, dim=-1)  # (B, H, V, F)


def _mean_of_last(value: Tensor, present: Tensor, hours: int) -> tuple[Tensor, Tensor]:
    """Mean and number of what was seen in the last hours, ``(B, H, V)`` each."""
    total, count = (_sum_of_last(part, hours) for part in (value, present))  # (B, H, V) each
    return total / count.clamp(min=1), count


def _sum_of_last(part: Tensor, hours: int) -> Tensor:
    total = part.cumsum(1)  # (B, H, V)
    return total - F.pad(total, (0, 0, hours, 0))[:, : total.shape[1]]  # (B, H, V)


def _highest_of_last(value: Tensor, hours: int) -> Tensor:
    padded = F.pad(value.transpose(1, 2), (hours - 1, 0), value=-_FAR)  # (B, V, H + hours - 1)
    return F.max_pool1d(padded, hours, 1).transpose(1, 2)  # (B, H, V)


def _slope(value: Tensor, present: Tensor, hour: Tensor, mean: Tensor) -> Tensor:
    """Least-squares slope so far in half days, ``(B, H, V)``, drawn towards 0 where little time has passed."""
    count = present.cumsum(1).clamp(min=1)  # (B, H, V)
    middle = (hour * present).cumsum(1) / count  # (B, H, V)
    spread = (hour.square() * present).cumsum(1) / count - middle.square()  # (B, H, V)
    together = (hour * value).cumsum(1) / count - middle * mean  # (B, H, V)
    return HALF_DAY * together / (spread + 4.0)  # (B, H, V)
