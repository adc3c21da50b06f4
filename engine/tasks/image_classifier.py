"""What all tasks share whose answer is one label for one image: reading, preparing, training, and writing the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
import torch

from engine.case import Case
from engine.models.card import Card, DataFacts, Metric
from engine.models.checkpoint import LoadedModel, add_gate, load_model, save_model
from engine.models.device import pick_device
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer
from engine.preprocess.image import prepare_image
from engine.preprocess.prepared import Prepared
from engine.tasks.assessment import training_facts
from engine.tasks.image_card import Held, assess, cross_fitted_figures, learn_domain, measure_map_scales
from engine.tasks.image_fit import film_reader, fit_network, pictures_in, read_image
from engine.tasks.image_gate import TAUGHT, joined, learn_gate, picked, with_domain
from engine.tasks.task import Example
from engine.training.augment import View, random_view
from engine.training.images import ClassifierSettings, Films, predict
from engine.training.origin import claim_run
from engine.training.split import folds_by_group, split_by_group
from engine.trust.similar import MOST, remember

HELD = 0.15  # share of the patients to validate on
MOST_OTHERS = 120  # pictures of a folder of other things


@dataclass(frozen=True)
class Facts:
    """What a task's author knows and no measurement can tell; the headings are the card's.

    Parameters
    ----------
    mirror : bool
        Whether images may lie either way round: a mirrored one is then no stranger.
    split : str
        How the set was split; ``{taught}``, ``{groups}``, ``{held}`` and ``{others}`` stand for the counts.
    """

    task: str
    title: str
    labels: tuple[str, ...]
    positive: tuple[str, ...]
    summary: str
    intended_use: str
    limits: tuple[str, ...]
    data_name: str
    licence: str
    who: str
    ages: tuple[float, float] | None = None
    parts: tuple[str, ...] = ()
    orientation: tuple[str, str] | None = None
    mirror: bool = False
    split: str = (
        "By patient: trained on {taught} images of {groups} patients; "
        "all figures are from {held} images of {others} others."
    )


def load(example: Example) -> Case:
    """Read one example's image as a case."""
    image = read_image(cast(Path, example.path))
    return Case(example.case_id, example.case_id, series=((image,),))


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make the first frame of the case's first image ready."""
    config = cast(ImageTransformer, model.network).config
    pixels, presence, geometry = prepare_image(case.images[0], 0, config.image_size, config.patch_size)
    return Prepared(ModelInput(pixels[None], presence[None]).to(model.device), geometry)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int, *, facts: Facts) -> None:
    """Train a classifier, or go on with a run that was stopped, and write its folder.

    Parameters
    ----------
    out : pathlib.Path
        Receives the model; ``out/run`` keeps the curves and the state of the run.
    settings : mapping
        Fields of `ClassifierSettings`.
    """
    chosen = ClassifierSettings(**settings)
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    training, validation = split_by_group(examples, held=HELD, seed=seed)
    crossed = _cross_validate(examples, chosen, out / "run", seed, facts) if chosen.folds else {}
    network = fit_network(training, validation, chosen, out / "run", seed, facts.labels)
    told = replace(chosen, init=Path(chosen.init).name, unlabelled=Path(chosen.unlabelled).name)  # no paths in a card
    history = training_facts(told, seed, out / "run")
    write_model(network, training, validation, facts, out, history, mirror=facts.mirror, cross_validated=crossed)


def write_model(
    network: ImageTransformer,
    training: Sequence[Example],
    validation: Sequence[Example],
    facts: Facts,
    out: Path,
    history: Mapping[str, Any],
    *,
    view: View = random_view,
    mirror: bool = False,
    cross_validated: Mapping[str, Metric] = MappingProxyType({}),
) -> None:
    """Teach a trained network its domain, measure it on validation patients, and write its folder.

    Parameters
    ----------
    history : mapping
        From `training_facts`.
    view : callable
        How films of another hospital might look, for calibration and the domain's limits.
    mirror : bool
        Whether films may lie either way round.
    """
    size = network.config.image_size
    familiar = film_reader(training[:: -(-len(training) // MOST)], facts.labels)(size)
    truth = np.asarray(familiar.targets.numpy()[:, None] == np.arange(len(facts.labels)))  # (N, L)
    memory = remember(learn_domain(network, familiar, mirror=mirror), truth)
    gate = learn_gate(familiar, patch=network.config.patch_size, mirror=mirror, view=view, seed=history["seed"])
    films = film_reader(validation, facts.labels)(size)
    held = Held(films, tuple(validation), facts.labels, facts.positive, view)
    assessment = assess(network, held, seed=history["seed"])
    count = len(training) + len(validation)
    card = Card(
        task=facts.task,
        title=facts.title,
        labels=facts.labels,
        summary=facts.summary,
        intended_use=facts.intended_use,
        limits=facts.limits,
        data=DataFacts(
            facts.data_name,
            facts.licence,
            count,
            facts.who,
            _split(facts, training, validation),
            facts.ages,
            facts.parts,
            facts.orientation,
        ),
        metrics=assessment.metrics,
        trust=assessment.trust,
        map_scales=measure_map_scales(network, films),
        training=history,
        report=assessment.report,
        cross_validated=dict(cross_validated),
    )
    model = LoadedModel(facts.task, network, facts.labels, "", card, pick_device(), gate=gate)
    groups = [example.group for example in validation]
    card = with_domain(model, films, groups, mirror=mirror, view=view, seed=history["seed"])
    save_model(out, network, card, half=True, memory=memory, gate=gate)


def teach_gate(
    examples: Sequence[Example],
    folder: Path,
    others: Sequence[Path],
    older: Path | None = None,
    *,
    facts: Facts,
    held: float = HELD,
    view: View = random_view,
    mirror: bool = False,
) -> None:
    """Put a gate beside a trained model, whose weights stay as they are, and measure it.

    Parameters
    ----------
    others : sequence of pathlib.Path
        Folders of images of other things: every second one is taught, the rest is measured.
    older : pathlib.Path or None
        A folder of films of the same part of older patients, likewise.
    held : float
        The share of the patients that the model was validated on.
    """
    model = load_model(folder)
    network, seed = cast(ImageTransformer, model.network), int(model.card.training["seed"])
    training, validation = split_by_group(examples, held=held, seed=seed)
    size, patch = network.config.image_size, network.config.patch_size
    strange = {place.name: pictures_in(place, size, most=MOST_OTHERS) for place in others}
    grown = {} if older is None else {older.name: pictures_in(older, size, most=MOST_OTHERS)}
    taught = joined([picked(films, range(0, len(films.targets), 2)) for films in strange.values()])
    familiar = film_reader(training[:: -(-len(training) // TAUGHT)], facts.labels)(size)
    elder = next((picked(films, range(0, len(films.targets), 2)) for films in grown.values()), None)
    gate = learn_gate(familiar, patch=patch, mirror=mirror, view=view, others=taught, older=elder, seed=seed)
    kept = {name: picked(films, range(1, len(films.targets), 2)) for name, films in {**strange, **grown}.items()}
    told = replace(model.card.data, ages=facts.ages, parts=facts.parts, orientation=facts.orientation)
    model = replace(model, gate=gate, card=replace(model.card, data=told))
    groups = [example.group for example in validation]
    films = film_reader(validation, facts.labels)(size)
    add_gate(folder, gate, with_domain(model, films, groups, mirror=mirror, view=view, others=kept, seed=seed))


def _cross_validate(
    examples: Sequence[Example], settings: ClassifierSettings, run: Path, seed: int, facts: Facts
) -> dict[str, Metric]:
    """Train a network for each fold of the patients on all others, and score every film once."""
    size = settings.sides()[-1]
    logits, order = [], []
    for rank, (training, held) in enumerate(folds_by_group(examples, folds=settings.folds, seed=seed), start=1):
        network = fit_network(training, held, settings, run / f"fold-{rank}", seed, facts.labels)
        logits.append(predict(network, film_reader(held, facts.labels)(size)).logits.numpy())  # (n, L)
        order += held
    targets = torch.tensor([facts.labels.index(example.truth[0]) for example in order])  # (N,)
    films = Films(torch.empty(0), torch.empty(0), targets)
    return cross_fitted_figures(
        np.concatenate(logits), Held(films, tuple(order), facts.labels, facts.positive), seed=seed
    )


def _split(facts: Facts, training: Sequence[Example], validation: Sequence[Example]) -> str:
    """How the set was split, for the card."""
    groups, others = (len({example.group for example in part}) for part in (training, validation))
    return facts.split.format(taught=len(training), groups=groups, held=len(validation), others=others)
