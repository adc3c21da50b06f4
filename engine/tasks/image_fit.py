"""Fitting an image classifier to labelled files: reading them at any size, a start from other weights, pretraining."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import torch

from engine.case import Image
from engine.errors import DatasetError, TrainingError
from engine.io.upload import read_upload
from engine.models.checkpoint import load_model
from engine.models.device import pick_device
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.tasks.image_gate import joined
from engine.tasks.task import Example
from engine.training.images import ClassifierSettings, Films, load_films, train_image_classifier
from engine.training.pretrain import pretrain
from engine.training.start import take_over

_PICTURES = frozenset({".dcm", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})


def read_image(path: Path) -> Image:
    """Read a file that holds one image.

    Raises
    ------
    DatasetError
        It holds something else.
    """
    records = read_upload(path.name, path)
    if len(records) != 1 or not isinstance(records[0], Image):
        raise DatasetError(f"{path.name} is not one image.", "Remove it from the data set's folder.")
    return records[0]


def film_reader(examples: Sequence[Example], labels: Sequence[str]) -> Callable[[int], Films]:
    """Image side -> the films of the examples."""
    paths = [cast(Path, example.path) for example in examples]
    targets = [labels.index(example.truth[0]) for example in examples]
    return lambda size: _films(paths, targets, size)


def pictures_in(folder: Path, size: int, *, most: int | None = None) -> Films:
    """Read the pictures in a folder and below, whatever they show; `most` of them, taken evenly.

    Raises
    ------
    DatasetError
        There is none.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _PICTURES)
    if not paths:
        raise DatasetError(f"There are no pictures in {folder.name}.", "Give a folder of PNG, JPEG, TIFF or DICOM.")
    chosen = paths[:: -(-len(paths) // most) if most else 1]
    return _films(chosen, [0] * len(chosen), size)


def fit_network(
    training: Sequence[Example],
    validation: Sequence[Example],
    settings: ClassifierSettings,
    run: Path,
    seed: int,
    labels: Sequence[str],
) -> ImageTransformer:
    """Train a network, pretrained first where that is asked for, or go on with a run; return its average.

    Raises
    ------
    TrainingError
        A folder of unlabelled images is given, and no epochs in which to learn from them.
    """
    sides = settings.sides()
    if settings.unlabelled and not settings.pretrain:
        raise TrainingError("Images without labels serve pretraining only.", "Give --set pretrain=EPOCHS with them.")
    torch.manual_seed(seed)
    network = _begin(settings, labels=len(labels), side=sides[-1]).to(pick_device())
    read_training, read_validation = film_reader(training, labels), film_reader(validation, labels)
    if settings.pretrain:
        films = read_training(sides[-1])
        if settings.unlabelled:
            films = joined([films, pictures_in(Path(settings.unlabelled), sides[-1])])
        network = pretrain(network, films, settings, run / "pretraining", seed, epochs=settings.pretrain)
    return train_image_classifier(network, read_training, read_validation, settings, run, seed)


def _begin(settings: ClassifierSettings, *, labels: int, side: int) -> ImageTransformer:
    """Make the network to train: of the sizes and weights of the starting model, where there is one."""
    config = ImageTransformerConfig(labels=labels, image_size=side, dropout=settings.dropout, stem=settings.stem)
    if not settings.init:
        return ImageTransformer(config)
    source = load_model(Path(settings.init), device="cpu").network
    if not isinstance(source, ImageTransformer):
        raise TrainingError("The starting model reads no images.", "Give the folder of an image model.")
    sizes = {name: getattr(source.config, name) for name in ("patch_size", "width", "layers", "heads", "stem")}
    network = ImageTransformer(replace(config, **sizes))
    take_over(network, source)
    return network


def _films(paths: Sequence[Path], targets: Sequence[int], size: int) -> Films:
    return load_films([partial(read_image, path) for path in paths], targets, size=size)
