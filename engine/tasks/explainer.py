"""A learned explainer for a trained model: games on training cases, a head, and what it is worth.

It is put beside the weights with its figures: area of insertion less area of deletion on validation cases, for its
maps and for those of the best method by gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from engine.errors import TrainingError
from engine.evaluation.metrics import bootstrap_weights, interval
from engine.evaluation.report import to_metric
from engine.evaluation.trial import removal_gap
from engine.models.card import Metric
from engine.models.checkpoint import LoadedModel, add_explainer, load_model
from engine.models.output import ModelInput, TokenNetwork
from engine.results import DEFAULT_METHOD, Method
from engine.tasks.map_scales import CASES, scales_on
from engine.tasks.task import Example
from engine.training.shapley import ExplainerSettings, Games, play, train_head
from engine.training.split import split_by_group

CHUNK = 64  # cases played between two files
BATCH = 8  # cases played at once
VALIDATED = 64  # validation cases for the curves, and for the figures

_ADVANTAGE = f"removal_gap@{Method.LEARNED_SHAPLEY} over {DEFAULT_METHOD}"

Read: TypeAlias = Callable[[LoadedModel, Sequence[Example]], ModelInput]
View: TypeAlias = Callable[[LoadedModel, Sequence[Example], torch.Generator], ModelInput]


@dataclass(frozen=True)
class Ground:
    """What a task's explainer is learned on.

    Parameters
    ----------
    read : callable
        (model, B examples) -> a batch of B rows as serving sees them, all of as many tokens.
    view : callable or None
        (model, B examples, generator) -> the same in a random view, for training; None where there is one view.
    held : float
        Share of the groups to validate on: those that the model itself was not trained on, where there are any.
    settings : ExplainerSettings
        How long and on how many cases.
    independent : bool
        Whether each label has a probability of its own.
    """

    read: Read
    view: View | None
    held: float
    settings: ExplainerSettings
    independent: bool = False


def learn_explainer(ground: Ground, examples: Sequence[Example], folder: Path) -> None:
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
        Its maps are not better than those of `DEFAULT_METHOD` on validation cases; the folder stays as it was.
    """
    model = load_model(folder)
    run = folder / "run" / f"explainer-{model.digest[:12]}"  # what one network said holds for no other
    seed = int(model.card.training["seed"])
    training, validation = split_by_group(examples, held=ground.held, seed=seed)
    training, validation = _some(training, ground.settings.cases, seed), _some(validation, VALIDATED, seed)
    head = train_head(
        _games(model, training, ground, run, "training", seed),
        _games(model, validation, ground, run, "validation", seed),
        ground.settings,
        run,
        seed,
        independent=ground.independent,
    )
    model.network.explainer = head.to(model.device)
    cases = [ground.read(model, [example]) for example in validation]
    groups = [example.group for example in validation]
    figures = _figures(model, cases, groups, multi_label=ground.independent)
    advantage = figures[_ADVANTAGE]
    if not (advantage.low or 0.0) > 0:
        raise TrainingError(
            f"The learned maps are not better than those of {DEFAULT_METHOD.full_name}: their removal gap is larger by "
            f"{advantage.value} ({advantage.low} to {advantage.high}).",
            "Keep the model as it is.",
        )
    scales = scales_on(model.network, ((inputs, None) for inputs in cases[:CASES]), [Method.LEARNED_SHAPLEY])
    written = replace(
        model.card,
        metrics={**model.card.metrics, **figures},
        map_scales={**model.card.map_scales, **scales},
        training={**model.card.training, "explainer": asdict(ground.settings)},
    )
    add_explainer(folder, head, written)


def _some(examples: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Draw at most `count` examples."""
    return [examples[rank] for rank in np.random.default_rng(seed).permutation(len(examples))[:count]]


def _games(model: LoadedModel, examples: Sequence[Example], ground: Ground, run: Path, name: str, seed: int) -> Games:
    """Play the examples, in random views for training; each chunk is kept, so that a stopped run goes on."""
    run.mkdir(parents=True, exist_ok=True)
    view = ground.view if name == "training" else None
    parts = []
    for rank, start in enumerate(range(0, len(examples), CHUNK)):
        file = run / f"{name}-{rank:03d}.safetensors"
        if not file.is_file():
            generator = torch.Generator().manual_seed(seed * 100_003 + rank)
            chunk = examples[start : start + CHUNK]
            batches = [chunk[first : first + BATCH] for first in range(0, len(chunk), BATCH)]
            seen = (view(model, some, generator) if view else ground.read(model, some) for some in batches)
            network, pairs = cast(TokenNetwork, model.network), ground.settings.pairs
            played = Games.joined(
                [play(network, inputs, pairs, generator, independent=ground.independent) for inputs in seen]
            )
            save_file({entry: value.contiguous() for entry, value in vars(played).items()}, file)
        parts.append(Games(**load_file(file)))
    return Games.joined(parts)


def _figures(
    model: LoadedModel, cases: Sequence[ModelInput], groups: Sequence[str], *, multi_label: bool
) -> dict[str, Metric]:
    """Removal gaps of the learned maps and of the default ones, with intervals by group."""
    methods = (Method.LEARNED_SHAPLEY, DEFAULT_METHOD)
    gap = partial(removal_gap, model, multi_label=multi_label)
    gaps = np.array([[gap(inputs, method) for method in methods] for inputs in cases])  # (N, 2)
    weights = bootstrap_weights(groups, seed=0)  # (1 + B, N)
    columns = {
        f"removal_gap@{methods[0]}": gaps[:, 0],
        f"removal_gap@{methods[1]}": gaps[:, 1],
        _ADVANTAGE: gaps[:, 0] - gaps[:, 1],
    }
    total = weights.sum(axis=1)
    return {name: to_metric(interval(weights @ column / total), len(cases)) for name, column in columns.items()}
