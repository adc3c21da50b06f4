"""Teaching an image encoder what kinds of picture there are, before anything is asked of it.

All labels of all picture sets are told apart at once, so that one encoder serves them all (multi-task transfer:
Caruana, Machine Learning 28, 1997).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from engine.case import Image
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.training.images import ClassifierSettings, Films, load_films, train_image_classifier
from engine.training.start import take_over

Read = Callable[[], Image]


def learn_to_see(
    films: Sequence[tuple[Read, str]],
    held: Sequence[tuple[Read, str]],
    config: ImageTransformerConfig,
    settings: ClassifierSettings,
    start: ImageTransformer | None,
    *,
    out: Path,
    seed: int,
) -> ImageTransformer:
    """Train an encoder to tell kinds of picture apart, or go on with a run that was stopped.

    Parameters
    ----------
    films, held : sequence of (callable, str)
        How each picture is read, and its kind; the held ones only draw the validation curve.
    config : ImageTransformerConfig
        `labels` is replaced by the number of kinds.
    start : ImageTransformer or None
        Whose weights the encoder begins with, as far as they fit.
    """
    kinds = sorted({kind for _, kind in films})
    torch.manual_seed(seed)
    network = ImageTransformer(config_with(config, len(kinds)))
    if start is not None:
        take_over(network, start)
    known = [(read, kind) for read, kind in held if kind in kinds]
    return train_image_classifier(
        network, partial(_read, films, kinds), partial(_read, known, kinds), settings, out, seed
    ).eval()


def config_with(config: ImageTransformerConfig, labels: int) -> ImageTransformerConfig:
    """The same sizes with another number of labels."""
    return ImageTransformerConfig(**{**vars(config), "labels": labels})


def _read(films: Sequence[tuple[Read, str]], kinds: Sequence[str], size: int) -> Films:
    return load_films([read for read, _ in films], [kinds.index(kind) for _, kind in films], size=size)
