"""Frontal chest radiographs of small children: normal, bacterial or viral pneumonia.

Data set: Kermany, Goldbaum et al., Identifying Medical Diagnoses and Treatable Diseases by Image-Based Deep Learning,
Cell 2018.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np

from engine.case import Case
from engine.errors import DatasetError, TrainingError
from engine.models.checkpoint import LoadedModel
from engine.preprocess.prepared import Prepared
from engine.tasks.explainer import learn_explainer
from engine.tasks.image_ablation import ablate
from engine.tasks.image_classifier import HELD, Facts, load, prepare, teach_gate, train
from engine.tasks.image_games import FILMS
from engine.tasks.map_gaps import MapGround, kept_by_split, measure_maps
from engine.tasks.outside_check import Replace, by_film
from engine.tasks.task import Example, Source, Task
from engine.training.images import ClassifierSettings

LABELS = ("normal", "bacterial pneumonia", "viral pneumonia")
_DONORS = 8  # normal films among which one is looked for that covers another

_RADIOGRAPHS = frozenset({"", "CR", "DX", "RG", "OT", "SC"})
_NAMES = {
    "NORMAL": re.compile(r"(?:NORMAL2-)?IM-(?P<patient>\d+)-"),
    "PNEUMONIA": re.compile(r"person(?P<patient>\d+)_(?P<kind>bacteria|virus)_"),
}
_LABEL_OF_KIND = {None: LABELS[0], "bacteria": LABELS[1], "virus": LABELS[2]}

_FACTS = Facts(
    task="chest-xray",
    title="Chest radiograph: pneumonia in small children",
    labels=LABELS,
    positive=LABELS[1:],
    summary=(
        "A small vision Transformer with a convolutional stem, trained from scratch, that tells a normal frontal chest "
        "film from bacterial and viral pneumonia."
    ),
    intended_use="Research and education; not a medical device. For frontal films of children aged 1 to 5.",
    limits=(
        "All films are of children aged 1 to 5 from one hospital; adults, newborns and other equipment are outside.",
        "It knows three answers: a film with another disease still gets one of them.",
        "Bacterial and viral pneumonia overlap on films; the label rests on the source's readers, not on microbiology.",
        "The source squeezed its films to squares; other proportions were simulated in training.",
        "Validation flatters: films of the source's separate test set are known to be harder, normal ones above all.",
        "Calibration and conformal coverage hold for films like the validation films, and for no others.",
    ),
    data_name="Kermany chest radiographs",
    licence="CC BY 4.0",
    who="Children aged 1 to 5 of the Guangzhou Women and Children's Medical Center, imaged in routine care.",
    ages=(1, 5),
    parts=("CHEST", "THORAX", "LUNG", "HEART", "MEDIASTINUM", "RIB", "STERNUM"),
    orientation=("L", "F"),
)


def read_dataset(folder: Path) -> list[Example]:
    """Read the folders ``NORMAL`` and ``PNEUMONIA`` of the set.

    The patient's key is in a file's name; keys restart between the folders, so the folder is part of the group.

    Raises
    ------
    DatasetError
        A folder is missing or empty, or a name has no patient key.
    """
    examples = []
    for name, pattern in _NAMES.items():
        paths = sorted((folder / name).glob("*.jpeg"))
        if not paths:
            raise DatasetError(
                f"There are no JPEG files in {name}.", "Give the folder that holds NORMAL and PNEUMONIA."
            )
        for path in paths:
            match = pattern.match(path.name)
            if match is None:
                raise DatasetError(f"The name {path.name} has no patient key.", "Keep the names of the data set.")
            found = match.groupdict()
            label = _LABEL_OF_KIND[found.get("kind")]
            traits = {"kind of pneumonia": label} if found.get("kind") else {}
            group = f"{name}/{found['patient']}"
            examples.append(Example(f"{name}/{path.stem}", group, (label,), path=path, traits=traits))
    return examples


def accepts(case: Case) -> bool:
    """True for a radiograph or a picture of unsaid modality; whether it shows a chest is for the domain gate to say."""
    return bool(case.images) and case.images[0].modality in _RADIOGRAPHS


def _normal_patches(model: LoadedModel, held: Sequence[Example], one: Prepared) -> Replace:
    """Patches of the one of some held normal films that covers the film in hand best, stand where its own were."""
    normal = [example for example in held if example.truth[0] == LABELS[0]]
    if not normal:
        raise TrainingError("No normal film was kept from training.", "Give a data set with more patients.")
    generator = np.random.default_rng(int(one.inputs.values.double().abs().sum()))
    drawn = [normal[rank] for rank in generator.permutation(len(normal))[:_DONORS]]
    films = [prepare(load(example), model).inputs for example in drawn]
    return by_film(max(films, key=lambda film: int((film.presence & one.inputs.presence).sum())))


_MAPS = MapGround(
    kept_by_split(HELD),
    load,
    prepare,
    multi_label=False,
    telling=lambda example: example.truth[0] != LABELS[0],
    replacing=_normal_patches,
    gaps=False,
)

CHEST_XRAY = Task(
    name=_FACTS.task,
    title=_FACTS.title,
    question="Is there pneumonia, and of which kind?",
    source=Source.IMAGE,
    labels=LABELS,
    multi_label=False,
    positive=_FACTS.positive,
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=partial(train, facts=_FACTS),
    defaults=asdict(ClassifierSettings(stages="96x8 128x8 160x3 224x2")),
    lungs=True,
    train_explainer=partial(learn_explainer, FILMS),
    teach_gate=partial(teach_gate, facts=_FACTS),
    ablate=partial(
        ablate, labels=LABELS, positive=LABELS[1:], held=HELD, epochs=3, settings=ClassifierSettings(stages="")
    ),
    measure_maps=partial(measure_maps, _MAPS),
)
