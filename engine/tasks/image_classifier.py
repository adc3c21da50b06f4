"""What all tasks share whose answer is one label for one image: reading, preparing, training, and writing the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch

from engine.case import Case, Image
from engine.errors import DatasetError
from engine.io.upload import read_upload
from engine.models.card import Card, DataFacts
from engine.models.checkpoint import load_model, save_model
from engine.models.device import pick_device
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.preprocess.image import prepare_image
from engine.preprocess.prepared import Prepared
from engine.tasks.image_card import Held, assess, learn_domain, measure_map_scales
from engine.tasks.task import Example
from engine.training.images import Films, ImageSettings, load_films, train_image_classifier
from engine.training.loop import read_curves
from engine.training.split import split_by_group
from engine.training.start import take_over

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

HELD = 0.15  # share of the patients to validate on
FAMILIAR = 4  # every fourth training film teaches the domain gate what is familiar


@dataclass(frozen=True)
class Facts:
    """What a task's author knows and no measurement can tell; the headings are the card's."""

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


def load(example: Example) -> Case:
    """Read one example's image as a case."""
    image = read_image(cast(Path, example.path))
    return Case(example.case_id, example.case_id, series=((image,),))


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
        Fields of `ImageSettings`.
    """
    chosen = ImageSettings(**settings)
    sides = chosen.sides()
    training, validation = split_by_group(examples, held=HELD, seed=seed)
    torch.manual_seed(seed)
    config = ImageTransformerConfig(labels=len(facts.labels), image_size=sides[-1], dropout=chosen.dropout)
    network = ImageTransformer(config)
    if chosen.init:
        take_over(network, load_model(Path(chosen.init), device="cpu").network)
    network = network.to(pick_device())
    read_training, read_validation = _reader(training, facts.labels), _reader(validation, facts.labels)
    averaged = train_image_classifier(network, read_training, read_validation, chosen, out / "run", seed)
    write_model(averaged, training, validation, facts, out, training_facts(chosen, seed, out / "run"))


def write_model(
    network: ImageTransformer,
    training: Sequence[Example],
    validation: Sequence[Example],
    facts: Facts,
    out: Path,
    history: Mapping[str, Any],
) -> None:
    """Teach a trained network its domain, measure it on validation patients, and write its folder."""
    size = network.config.image_size
    learn_domain(network, _reader(training[::FAMILIAR], facts.labels)(size))
    films = _reader(validation, facts.labels)(size)
    groups = tuple(example.group for example in validation)
    trust, metrics = assess(network, Held(films, groups, facts.labels, facts.positive), seed=history["seed"])
    count = len(training) + len(validation)
    card = Card(
        task=facts.task,
        title=facts.title,
        labels=facts.labels,
        summary=facts.summary,
        intended_use=facts.intended_use,
        limits=facts.limits,
        data=DataFacts(facts.data_name, facts.licence, count, facts.who, _in_words(training, validation)),
        metrics=metrics,
        trust=trust,
        map_scales=measure_map_scales(network, films),
        training=history,
    )
    save_model(out, network, card)


def training_facts(settings: ImageSettings, seed: int, run: Path) -> dict[str, Any]:
    """What a card says of a training run."""
    curves = read_curves(run)
    return {
        "settings": asdict(settings),
        "seed": seed,
        "epochs": len(curves),
        "seconds": round(sum(row["seconds"] for row in curves)),
        "versions": {name: version(name) for name in ("torch", "transformers")},
    }


def _reader(examples: Sequence[Example], labels: Sequence[str]) -> Callable[[int], Films]:
    """Image side -> the films of the examples."""
    images = [partial(read_image, cast(Path, example.path)) for example in examples]
    targets = [labels.index(example.truth[0]) for example in examples]
    return lambda size: load_films(images, targets, size=size)


def _in_words(training: Sequence[Example], validation: Sequence[Example]) -> str:
    """How the set was split, for the card."""
    patients = [len({example.group for example in part}) for part in (training, validation)]
    return (
        f"By patient: trained on {len(training)} images of {patients[0]} patients; "
        f"all figures are from {len(validation)} images of {patients[1]} others."
    )
