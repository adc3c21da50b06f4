"""A learned explainer for a trained image classifier: games on training films, a head, and what it is worth.

It is put beside the weights with its figures: area of insertion less area of deletion on validation films, for its
maps and for those of the best method by gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from engine.errors import TrainingError
from engine.evaluation.metrics import bootstrap_weights, interval
from engine.evaluation.report import to_metric
from engine.evaluation.trial import removal_gap
from engine.models.card import Metric
from engine.models.checkpoint import LoadedModel, add_explainer, load_model
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer
from engine.results import DEFAULT_METHOD, Method
from engine.tasks.image_classifier import HELD, read_image
from engine.tasks.map_scales import CASES, scales_on
from engine.tasks.task import Example
from engine.training.augment import plain_batch, random_batch
from engine.training.images import Films, load_films
from engine.training.shapley import ExplainerSettings, Games, play, train_head
from engine.training.split import split_by_group

CHUNK = 64  # films played between two files
BATCH = 8  # films played at once
VALIDATED = 64  # validation films for the curves, and for the figures

_SETTINGS = ExplainerSettings()
_ADVANTAGE = f"removal_gap@{Method.LEARNED_SHAPLEY} over {DEFAULT_METHOD}"


def learn_explainer(examples: Sequence[Example], folder: Path, settings: ExplainerSettings = _SETTINGS) -> None:
    """Train an explainer for the model of a folder and put it there if it is better; goes on where it was stopped.

    Parameters
    ----------
    examples : sequence of Example
        The data set that the model was trained on: the same patients stay aside.
    folder : pathlib.Path
        Receives the explainer; ``folder/run`` keeps what a resumed run needs.

    Raises
    ------
    TrainingError
        Its maps are not better than those of `DEFAULT_METHOD` on validation films; the folder stays as it was.
    """
    model = load_model(folder)
    network, card = cast(ImageTransformer, model.network), model.card
    run = folder / "run" / f"explainer-{model.digest[:12]}"  # what one network said holds for no other
    seed = int(card.training["seed"])
    training, validation = split_by_group(examples, held=HELD, seed=seed)
    training, validation = _some(training, settings.films, seed), _some(validation, VALIDATED, seed)
    head = train_head(
        _games(model, training, settings.pairs, run, "training", seed),
        _games(model, validation, settings.pairs, run, "validation", seed),
        settings,
        run,
        seed,
    )
    network.explainer = head.to(model.device)
    films = [_inputs(model, [example]) for example in validation]
    scales = scales_on(network, ((inputs, None) for inputs in films[:CASES]), [Method.LEARNED_SHAPLEY])
    figures = _figures(model, films, [example.group for example in validation])
    advantage = figures[_ADVANTAGE]
    if not (advantage.low or 0.0) > 0:
        raise TrainingError(
            f"The learned maps are not better than those of {DEFAULT_METHOD.full_name}: their removal gap is larger by "
            f"{advantage.value} ({advantage.low} to {advantage.high}).",
            "Keep the model as it is.",
        )
    written = replace(
        card,
        metrics={**card.metrics, **figures},
        map_scales={**card.map_scales, **scales},
        training={**card.training, "explainer": asdict(settings)},
    )
    add_explainer(folder, head, written)


def _some(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Draw at most `count` examples."""
    return [examples[rank] for rank in np.random.default_rng(seed).permutation(len(examples))[:count]]


def _films(examples: Sequence[Example], size: int) -> Films:
    images = [partial(read_image, cast(Path, example.path)) for example in examples]
    return load_films(images, [0] * len(images), size=size)  # the labels play no part


def _inputs(model: LoadedModel, examples: Sequence[Example]) -> ModelInput:
    """Films as serving sees them."""
    config = cast(ImageTransformer, model.network).config
    films = _films(examples, config.image_size)
    return plain_batch(films.pixels, films.aspects, patch=config.patch_size).to(model.device)


def _games(model: LoadedModel, examples: Sequence[Example], pairs: int, run: Path, name: str, seed: int) -> Games:
    """Play the examples' films, in random views for training; each chunk is kept, so that a stopped run goes on."""
    run.mkdir(parents=True, exist_ok=True)
    parts = []
    for rank, start in enumerate(range(0, len(examples), CHUNK)):
        file = run / f"{name}-{rank:03d}.safetensors"
        if not file.is_file():
            generator = torch.Generator().manual_seed(seed * 100_003 + rank)
            chunk = examples[start : start + CHUNK]
            played = _play(model, chunk, pairs, generator, random_views=name == "training")
            save_file({entry: value.contiguous() for entry, value in vars(played).items()}, file)
        parts.append(Games(**load_file(file)))
    return Games.joined(parts)


def _play(
    model: LoadedModel, examples: Sequence[Example], pairs: int, generator: torch.Generator, *, random_views: bool
) -> Games:
    network = cast(ImageTransformer, model.network)
    patch = network.config.patch_size
    parts = []
    for start in range(0, len(examples), BATCH):
        films = _films(examples[start : start + BATCH], network.config.image_size)
        if random_views:
            inputs = random_batch(films.pixels, films.aspects, patch=patch, generator=generator, thinned=False)
        else:
            inputs = plain_batch(films.pixels, films.aspects, patch=patch)
        parts.append(play(network, inputs.to(model.device), pairs, generator))
    return Games.joined(parts)


def _figures(model: LoadedModel, films: Sequence[ModelInput], groups: Sequence[str]) -> dict[str, Metric]:
    """Removal gaps of the learned maps and of the default ones, with intervals by patient."""
    methods = (Method.LEARNED_SHAPLEY, DEFAULT_METHOD)
    gaps = np.array([[removal_gap(model, inputs, method) for method in methods] for inputs in films])  # (N, 2)
    weights = bootstrap_weights(groups, seed=0)  # (1 + B, N)
    columns = {
        f"removal_gap@{methods[0]}": gaps[:, 0],
        f"removal_gap@{methods[1]}": gaps[:, 1],
        _ADVANTAGE: gaps[:, 0] - gaps[:, 1],
    }
    total = weights.sum(axis=1)
    return {name: to_metric(interval(weights @ column / total), len(films)) for name, column in columns.items()}
