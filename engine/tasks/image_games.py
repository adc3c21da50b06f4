"""Films as a learned explainer plays them: batches as serving sees them, and random views of them for training."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import torch

from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer
from engine.tasks.explainer import Ground
from engine.tasks.image_classifier import HELD
from engine.tasks.image_fit import read_image
from engine.tasks.task import Example
from engine.training.augment import plain_batch, random_batch
from engine.training.images import Films, load_films
from engine.training.shapley import ExplainerSettings

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel


def read(model: LoadedModel, examples: Sequence[Example]) -> ModelInput:
    """Films as serving sees them, ``(B, 1, S, S)``."""
    config = cast(ImageTransformer, model.network).config
    films = _films(examples, config.image_size)
    return plain_batch(films.pixels, films.aspects, patch=config.patch_size).to(model.device)


def view(model: LoadedModel, examples: Sequence[Example], generator: torch.Generator) -> ModelInput:
    """A random view of each film with all its patches."""
    config = cast(ImageTransformer, model.network).config
    films = _films(examples, config.image_size)
    inputs = random_batch(films.pixels, films.aspects, patch=config.patch_size, generator=generator, thinned=False)
    return inputs.to(model.device)


def _films(examples: Sequence[Example], size: int) -> Films:
    images = [partial(read_image, cast(Path, example.path)) for example in examples]
    return load_films(images, [0] * len(images), size=size)  # the labels play no part


FILMS = Ground(read, view, HELD, ExplainerSettings())
