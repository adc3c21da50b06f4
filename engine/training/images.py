"""Training of an image classifier from labelled films: squares in memory, balanced random views, rising resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.case import Image
from engine.errors import TrainingError
from engine.models.output import ModelInput, ModelOutput
from engine.models.vision import ImageTransformer, ImageTransformerConfig, Stem
from engine.preprocess.image import resize, to_grey
from engine.training.augment import View, mix_up, plain_batch, random_batch, thin
from engine.training.loop import LoopSettings, Plan, fit
from engine.training.optimiser import ScheduleName, build_optimiser, decay_groups

_PREDICTED = 32  # films a batch where no gradient is kept


class Balance(StrEnum):
    """What is done about labels that are rarer than others."""

    DRAWS = "draws"  # every label is drawn equally often
    WEIGHTS = "weights"  # films are drawn once an epoch, and the loss of a rare label counts more
    NONE = "none"


@dataclass(frozen=True, eq=False)
class Films:
    """Labelled films in memory.

    Parameters
    ----------
    pixels : Tensor
        ``(N, S, S)`` uint8: display values squeezed to a square.
    aspects : Tensor
        ``(N,)`` float32: columns / rows before that.
    targets : Tensor
        ``(N,)`` int64: rank of the true label.
    """

    pixels: Tensor
    aspects: Tensor
    targets: Tensor


@dataclass(frozen=True, eq=False)
class Predictions:
    """Logits ``(N, L)`` and embeddings ``(N, D)`` of N films, float32 on the CPU."""

    logits: Tensor
    embeddings: Tensor


@dataclass(frozen=True)
class ImageSettings:
    """How an image classifier is trained.

    Parameters
    ----------
    stages : str
        Image side and epochs, in order: ``"128x10 224x2"`` is ten epochs at 128 pixels, then two at 224.
    smoothing : float
        Share of the target spread over all labels (Szegedy et al., CVPR 2016, section 7), in [0, 1).
    patience : int
        Stop after so many epochs without a smaller validation loss, and keep the best; 0 for none.
    init : str
        Folder of a model whose weights the new one starts from; empty for a start from scratch.
    half : bool
        bfloat16 autocast: faster where the processor or accelerator computes in it.
    """

    stages: str
    batch_size: int = 32
    optimiser: str = "adamw"
    schedule: str = "cosine"
    lr: float = 8e-4
    weight_decay: float = 0.05
    warmup: float = 0.05
    clip: float = 1.0
    average: float = 0.998
    smoothing: float = 0.1
    dropout: float = 0.0
    patience: int = 0
    init: str = ""
    half: bool = False

    def sides(self) -> list[int]:
        """The image side of each epoch.

        Raises
        ------
        TrainingError
            `stages` is not of the form ``SIDExEPOCHS SIDExEPOCHS ...``.
        """
        try:
            stages = [tuple(map(int, stage.split("x"))) for stage in self.stages.split()]
            return [side for side, epochs in stages for _ in range(epochs)]
        except ValueError as exc:
            raise TrainingError(f"The stages {self.stages!r} cannot be read.", "Write them as 128x10 224x2.") from exc

    def loop(self, count: int, seed: int) -> LoopSettings:
        """The loop's share of the settings, for `count` films an epoch."""
        return LoopSettings(
            epochs=len(self.sides()),
            steps=-(-count // self.batch_size),
            seed=seed,
            schedule=ScheduleName(self.schedule),
            warmup=self.warmup,
            clip=self.clip,
            average=self.average,
            half=self.half,
            patience=self.patience,
        )


@dataclass(frozen=True)
class ClassifierSettings(ImageSettings):
    """What only a classifier of whole films can be told.

    Parameters
    ----------
    balance : str
        A `Balance`.
    mixup : float
        Both parameters of the Beta distribution from which the shares of two mixed films are drawn (Zhang et al.,
        ICLR 2018); 0 mixes none.
    folds : int
        Train as many further models, each on the other patients than it is scored on, for figures over all films; 0
        for none.
    pretrain : int
        Epochs of masked-image modelling before the labels are learnt; none by default, for it was not measured to help.
    unlabelled : str
        Folder of images without labels, to pretrain on beside the training images; empty for none.
    stem : str
        A `Stem`, for a network that does not start from another one.
    """

    balance: str = "draws"
    mixup: float = 0.0
    folds: int = 0
    pretrain: int = 0
    unlabelled: str = ""
    stem: str = Stem.CONVOLUTIONS.value


def load_films(images: Sequence[Callable[[], Image]], targets: Sequence[int], *, size: int) -> Films:
    """Read films into memory, each squeezed to ``size`` x ``size``.

    Parameters
    ----------
    images : sequence of callable
        Each reads one image when it is called, so that only one is held at full size.
    """
    pixels = torch.empty(len(images), size, size, dtype=torch.uint8)  # (N, S, S)
    aspects = torch.empty(len(images))  # (N,)
    for rank, read in enumerate(images):
        grey = to_grey(read(), 0)  # (rows, columns)
        pixels[rank] = (resize(grey, size, size) * 255.0).round().to(torch.uint8)
        aspects[rank] = grey.shape[1] / grey.shape[0]
    return Films(pixels, aspects, torch.tensor(targets, dtype=torch.int64))


def train_image_classifier(
    network: ImageTransformer,
    training: Callable[[int], Films],
    validation: Callable[[int], Films],
    settings: ClassifierSettings,
    out: Path,
    seed: int,
) -> ImageTransformer:
    """Train, or go on with a run that was stopped.

    Parameters
    ----------
    training, validation : callable
        Image side -> films; asked once a stage.

    Returns
    -------
    ImageTransformer
        The averaged network.
    """
    sides = settings.sides()
    device = next(network.parameters()).device
    films_of, held_films_of = _OneSize(training), _OneSize(validation)
    targets = films_of(sides[0]).targets  # (N,)
    weight = _label_weights(targets, network.config.labels, Balance(settings.balance)).to(device)  # (L,)
    current = [sides[0]]

    def batches(epoch: int, generator: np.random.Generator) -> Iterator[tuple[ModelInput, Tensor]]:
        current[0] = sides[epoch]
        drawn = random_batches(films_of(sides[epoch]), network.config, settings, generator)
        return ((inputs.to(device), truth.to(device)) for inputs, truth in drawn)

    def loss(model: nn.Module, batch: tuple[ModelInput, Tensor]) -> Tensor:
        logits = model(batch[0]).logits.float()  # (B, L)
        return nn.functional.cross_entropy(logits, batch[1], weight, label_smoothing=settings.smoothing)

    def validate(model: nn.Module) -> Mapping[str, float]:
        films = held_films_of(current[0])
        logits = predict(cast(ImageTransformer, model), films).logits  # (N, L)
        right = (logits.argmax(dim=1) == films.targets).float().mean()
        return {"loss": float(nn.functional.cross_entropy(logits, films.targets)), "accuracy": float(right)}

    groups = decay_groups(network)
    optimiser = build_optimiser(settings.optimiser, groups, lr=settings.lr, weight_decay=settings.weight_decay)
    plan = Plan(batches, loss, validate)
    return cast(ImageTransformer, fit(network, optimiser, plan, settings.loop(len(targets), seed), out))


@torch.no_grad()
def predict(
    network: ImageTransformer, films: Films, *, keep: float = 1.0, view: View | None = None, seed: int = 0
) -> Predictions:
    """Answer for films, seen as serving sees them or in other views.

    Parameters
    ----------
    keep : float
        Share of the present patches that is kept, drawn anew for each film, in (0, 1].
    view : callable or None
        How each film is seen, for example with another exposure, sharpness and crop; None as serving does.
    """
    patch, device = network.config.patch_size, next(network.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    outputs: list[ModelOutput] = []
    for start in range(0, len(films.targets), _PREDICTED):
        chosen = slice(start, start + _PREDICTED)
        pixels, aspects = films.pixels[chosen], films.aspects[chosen]  # (B, S, S), (B,)
        inputs = view(pixels, aspects, patch, generator) if view else plain_batch(pixels, aspects, patch=patch)
        inputs = ModelInput(inputs.values, thin(inputs.presence, keep, generator))
        outputs.append(network(inputs.to(device)))
    logits = torch.cat([output.logits.float().cpu() for output in outputs])  # (N, L)
    return Predictions(logits, torch.cat([output.embedding.float().cpu() for output in outputs]))  # (N, D)


def random_batches(
    films: Films, config: ImageTransformerConfig, settings: ClassifierSettings, generator: np.random.Generator
) -> Iterator[tuple[ModelInput, Tensor]]:
    """Yield every batch of an epoch: random views, and how much of each label they show, ``(B, L)`` float32."""
    draws = _draws(films.targets.numpy(), Balance(settings.balance), generator)  # (N,)
    views = torch.Generator().manual_seed(int(generator.integers(2**62)))
    for start in range(0, len(draws), settings.batch_size):
        chosen = torch.from_numpy(draws[start : start + settings.batch_size])  # (B,)
        inputs = random_batch(films.pixels[chosen], films.aspects[chosen], patch=config.patch_size, generator=views)
        truth = nn.functional.one_hot(films.targets[chosen], config.labels).float()  # (B, L)
        if settings.mixup:
            share = float(generator.beta(settings.mixup, settings.mixup))
            inputs, truth = mix_up(inputs, truth, share)
        yield inputs, truth


def _draws(targets: NDArray[np.int64], balance: Balance, generator: np.random.Generator) -> NDArray[np.int64]:
    """As many ranks ``(N,)`` as there are targets; where draws are balanced, every label equally often on average."""
    if balance is not Balance.DRAWS:
        return generator.permutation(len(targets))
    counts = np.bincount(targets)
    weights = 1.0 / counts[targets]  # (N,)
    return generator.choice(len(targets), size=len(targets), p=weights / weights.sum())


def _label_weights(targets: Tensor, labels: int, balance: Balance) -> Tensor:
    """What the loss of each label counts, ``(L,)``: 1 on average over the films."""
    if balance is not Balance.WEIGHTS:
        return torch.ones(labels)
    counts = targets.bincount(minlength=labels).clamp_min(1)  # (L,)
    return len(targets) / (labels * counts)  # (L,)


class _OneSize:
    """Keeps the films of the last size that was asked for."""

    def __init__(self, load: Callable[[int], Films]) -> None:
        self._load = load
        self._size = 0
        self._films: Films | None = None

    def __call__(self, size: int) -> Films:
        if self._films is None or size != self._size:
            self._films, self._size = self._load(size), size
        return self._films
