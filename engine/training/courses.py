"""Training of a course model: random hours of reading, random absence of cells and of whole variables, values shaken.

Masking by attention: Covert et al., ICLR 2023 (arXiv 2206.05282). Each member is trained without a part of the stays,
and judges that part: cross-validation, Stone, J. R. Stat. Soc. B 36, 1974.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from engine.models.cells import describe_cells, newest
from engine.models.course import CourseTransformer, CourseTransformerConfig, read_at
from engine.models.output import ModelInput
from engine.models.pack import pack_present
from engine.preprocess.course import HOURS, KIND, KINDS, VALUE
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import build_optimiser, decay_groups

Floats = NDArray[np.floating[Any]]

EARLIEST = 4  # hour from which courses are read in training
WHOLE = 0.3  # share of the courses of which no cell is made absent
LOST = 0.7  # share of the batches in which whole variables are made absent
FARTHEST = 0.0005  # quantile of the outermost knots
SPREAD = 1.5  # standard deviations that are 1 on the common scale
ON_CURVES = 1000  # stays on which the curves are measured


@dataclass(frozen=True)
class CourseSettings:
    """How a course model is trained.

    Parameters
    ----------
    width, heads : int
        Of all members together.
    at_the_end : float
        Share of the courses that are read at the last hour, the others at a random one.
    kept : float
        Least share of a course's cells that stay present.
    lost : float
        Chance of a whole variable to be absent, where any is.
    shaken : float
        Standard deviation of what is added to values on the common scale.
    folds : int
        Whole models trained anew on all but one part of the stays, each judged on that part; 0 trains none.
    """

    epochs: int = 14
    batch_size: int = 64
    members: int = 5
    width: int = 320
    layers: int = 1
    heads: int = 20
    dropout: float = 0.3
    lr: float = 1e-3
    weight_decay: float = 0.1
    average: float = 0.995
    patience: int = 5
    at_the_end: float = 0.35
    kept: float = 0.3
    lost: float = 0.15
    shaken: float = 0.1
    folds: int = 0


@dataclass(frozen=True, eq=False)
class Stays:
    """N courses as tokens ``(T, 4)`` each, whether the patient died ``(N,)``, and the part ``(N,)`` they belong to.

    The member of a part's number is trained without it.
    """

    tokens: tuple[Tensor, ...]
    died: Tensor
    part: Tensor

    def select(self, rows: NDArray[np.int64]) -> Stays:
        """Some of the stays."""
        return Stays(tuple(self.tokens[row] for row in rows), self.died[rows], self.part[rows])

    def batch(self, rows: Sequence[int] | NDArray[np.int64]) -> ModelInput:
        """Some courses as one batch, padded by tokens that are none."""
        values = pad_sequence([self.tokens[row] for row in rows], batch_first=True)  # (B, T, 4)
        return ModelInput(values, values[..., KIND] > 0)


@dataclass(frozen=True, eq=False)
class Batch:
    """Courses, their values on the common scale ``(B, T)``, and whose members ``(B, M)`` learn what of them."""

    inputs: ModelInput
    scaled: Tensor
    died: Tensor
    weight: Tensor


def train_courses(stays: Stays, settings: CourseSettings, *, out: Path, seed: int) -> CourseTransformer:
    """Train all members side by side, each without its part; returns the averaged weights."""
    torch.manual_seed(seed)
    network = CourseTransformer(
        CourseTransformerConfig(
            kinds=KINDS,
            hours=HOURS,
            **{name: getattr(settings, name) for name in ("width", "layers", "heads", "members", "dropout")},
        )
    )
    fit_scale(network, stays)
    nn.init.constant_(network.head.bias, float(torch.logit((stays.died.sum() + 1) / (len(stays.died) + 2))))

    def batches(_: int, generator: np.random.Generator) -> Iterator[Batch]:
        return random_batches(network, stays, settings, generator)

    def validate(model: nn.Module) -> dict[str, float]:
        rows = np.random.default_rng(seed).permutation(len(stays.tokens))[:ON_CURVES]
        votes = torch.from_numpy(predict_stays(cast(CourseTransformer, model), stays, rows))  # (N, M)
        alone = votes.gather(1, stays.part[rows, None])[:, 0]  # (N,): of the member that does not know the stay
        return {"loss": float(F.binary_cross_entropy_with_logits(alone, stays.died[rows]))}

    loop = LoopSettings(
        settings.epochs,
        len(stays.tokens) // settings.batch_size,
        seed=seed,
        clip=float(settings.members),
        average=settings.average,
        patience=settings.patience,
    )
    optimiser = build_optimiser("adamw", decay_groups(network), lr=settings.lr, weight_decay=settings.weight_decay)
    return cast(CourseTransformer, fit(network, optimiser, Plan(batches, _loss, validate), loop, out))


def fit_scale(network: CourseTransformer, stays: Stays) -> None:
    """Write into a network's buffers how each kind's values are distributed, as normal scores at some quantiles."""
    levels = np.linspace(0, 1, network.config.knots)  # (K,)
    levels[[0, -1]] = FARTHEST, 1 - FARTHEST
    tokens = torch.cat(stays.tokens).numpy()  # (C, 4)
    for kind in np.unique(tokens[:, KIND].astype(int)):
        values = tokens[tokens[:, KIND] == kind, VALUE]
        network.knots[kind] = torch.from_numpy(np.quantile(values, levels).astype(np.float32))
    network.scores.copy_(torch.from_numpy(norm.ppf(levels) / SPREAD))


def random_batches(
    network: CourseTransformer, stays: Stays, settings: CourseSettings, generator: np.random.Generator
) -> Iterator[Batch]:
    """Yield every course once in random order, each read at some hour with some cells absent and values shaken."""
    order = generator.permutation(len(stays.tokens))  # (N,)
    source = torch.Generator().manual_seed(int(generator.integers(2**31)))
    for first in range(0, len(order) - settings.batch_size + 1, settings.batch_size):
        rows = order[first : first + settings.batch_size]  # (B,)
        weight = (stays.part[rows, None] != torch.arange(settings.members)).float()  # (B, M)
        inputs = _thinned(stays.batch(rows), settings, source)
        scaled = network.scaled(inputs.values[..., KIND].long(), inputs.values[..., VALUE])  # (B, T)
        scaled = scaled + settings.shaken * torch.randn(scaled.shape, generator=source)  # (B, T)
        yield Batch(inputs, scaled, stays.died[rows], weight)


def predict_stays(
    network: CourseTransformer,
    stays: Stays,
    rows: Sequence[int] | NDArray[np.int64],
    *,
    hour: int = HOURS,
    at_once: int = 32,
) -> NDArray[np.float32]:
    """Logits of the members for some courses read at one hour, ``(R, M)`` in the order of `rows`."""
    order = np.argsort([len(stays.tokens[row]) for row in rows], kind="stable")  # (R,): like lengths waste least
    votes = np.empty((len(order), network.config.members), np.float32)  # (R, M)
    for first in range(0, len(order), at_once):
        chosen = order[first : first + at_once]
        whole = stays.batch([rows[rank] for rank in chosen])
        inputs = read_at(whole, torch.full((len(chosen), 1), float(hour)))
        scaled = network.scaled(inputs.values[..., KIND].long(), inputs.values[..., VALUE])  # (B, T)
        with torch.inference_mode():
            votes[chosen] = _votes(network, Batch(inputs, scaled, scaled, scaled)).numpy()
    return votes


def _loss(network: nn.Module, batch: Batch) -> Tensor:
    """Sum over members of the cross-entropy on the stays that each may know."""
    votes = _votes(cast(CourseTransformer, network), batch)  # (B, M)
    losses = F.binary_cross_entropy_with_logits(votes, batch.died[:, None].expand_as(votes), reduction="none")
    return (losses * batch.weight).sum() / batch.weight.sum() * votes.shape[1]


def _votes(network: CourseTransformer, batch: Batch) -> Tensor:
    """The members' logits ``(B, M)``, as of the network, with only the tokens that are read on the way."""
    config, values = network.config, batch.inputs.values  # (B, T, 4)
    told = describe_cells(batch.inputs, batch.scaled, hours=config.hours, kinds=config.kinds)  # (B, T, F)
    chosen = newest(values, batch.inputs.presence)  # (B, T)
    packed, read = pack_present(torch.cat([told, values[..., :1]], dim=-1), chosen)  # (B, K, F + 1), (B, K)
    tokens = network.tokens(packed[..., :-1], packed[..., -1].long()) * read[..., None]  # (B, K, D)
    return network.votes(network.encode(tokens, read).embedding)


def _thinned(inputs: ModelInput, settings: CourseSettings, source: torch.Generator) -> ModelInput:
    """Read courses at random hours, with random cells and whole kinds absent."""
    rows = len(inputs.presence)
    at_random = torch.randint(EARLIEST, HOURS + 1, (rows, 1), generator=source)  # (B, 1)
    ends = _uniform((rows, 1), source) < settings.at_the_end  # (B, 1)
    past = read_at(inputs, torch.where(ends, HOURS, at_random).float())
    share = settings.kept + (1 - settings.kept) * _uniform((rows, 1), source)  # (B, 1)
    share = torch.where(_uniform((rows, 1), source) < WHOLE, 1.0, share)  # (B, 1)
    stays = _uniform(past.presence.shape, source) < share  # (B, T)
    lost = settings.lost * float(_uniform((1,), source) < LOST)
    kinds = (_uniform((rows, KINDS), source) >= lost).gather(1, past.values[..., KIND].long())  # (B, T)
    return ModelInput(past.values, past.presence & stays & kinds)


def _uniform(shape: Sequence[int], source: torch.Generator) -> Tensor:
    return torch.rand(tuple(shape), generator=source)
