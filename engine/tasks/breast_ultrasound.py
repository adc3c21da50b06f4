"""B-mode images of the breast: normal, benign or malignant, and the lesion's outline.

Data set: Al-Dhabyani et al., Dataset of breast ultrasound images (BUSI), Data in Brief 28, 2020. It holds many pictures
more than once, some of them under two labels: near-duplicates form one group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from engine.case import Case
from engine.errors import DatasetError
from engine.models.card import read_card, write_card
from engine.models.checkpoint import load_model
from engine.models.device import pick_device
from engine.models.lesion import LesionTransformer, LesionTransformerConfig
from engine.preprocess.image import to_grey
from engine.tasks.assessment import training_facts
from engine.tasks.image_ablation import ablate
from engine.tasks.image_classifier import Facts, load, prepare, teach_gate, write_model
from engine.tasks.image_fit import read_image
from engine.tasks.map_gaps import MapGround, gaps_of, kept_by_split, measure_maps
from engine.tasks.outlines import load_scans, measure_outlines
from engine.tasks.task import Example, Outline, Source, Task
from engine.training.duplicates import duplicate_groups, picture_hash
from engine.training.images import ClassifierSettings, ImageSettings
from engine.training.lesions import Scans, train_lesion_classifier
from engine.training.origin import claim_run
from engine.training.split import split_by_group
from engine.training.start import take_over
from engine.training.ultrasound import random_scan_view

LABELS = ("normal", "benign", "malignant")
HELD = 0.2  # share of the groups to validate on

_SCANS = frozenset({"", "US", "OT", "SC"})

_FACTS = Facts(
    task="breast-ultrasound",
    title="Breast ultrasound: lesion, benign or malignant",
    labels=LABELS,
    positive=("malignant",),
    summary=(
        "A small vision Transformer with a convolutional stem, started from the chest model's weights, that tells a "
        "normal B-mode image of the breast from one with a benign or a malignant lesion, and draws the lesion."
    ),
    intended_use="Research and education; not a medical device. For B-mode images of one breast of an adult woman.",
    limits=(
        "All images are of women aged 25 to 75 from one hospital and two scanners of one make.",
        "One image stands for a patient: the set does not say which images belong together, so only near-duplicates "
        "were kept on one side of the split.",
        "Some images of the set occur under two labels; callipers and text are burned in and may give the answer away.",
        "Lesions of 48 training scans were outlined: small and isoechoic ones are drawn poorly, and the drawing was "
        "measured on 11 others only.",
        "It underfits: macro AUROC on its own training scans is 0.84. Where no finding is ruled in, which is common, "
        "nothing was found out.",
        "A support vector machine over oriented gradients reaches macro AUROC 0.774 (0.693 to 0.850) on the same "
        "scans: the model's lead over it, 0.018 (-0.081 to 0.114), is not shown to be more than chance.",
        "The domain gate lets some strange pictures pass: the shares by kind stand with the figures.",
        "Synthetic scans of our own generator were trained on beside the real ones; no figure is measured on them.",
        "Calibration and conformal coverage hold for images like the validation images, and for no others.",
    ),
    data_name="BUSI breast ultrasound images",
    licence="CC BY 4.0",
    who="Women aged 25 to 75 of Baheya Hospital, Cairo, imaged in 2018 with LOGIQ E9 scanners.",
    ages=(25, 75),
    parts=("BREAST", "AXILLA"),
    split=(
        "By groups of near-duplicates, for the set names no patients: trained on {taught} images in {groups} groups; "
        "all figures are from {held} images in {others} other groups."
    ),
)


@dataclass(frozen=True)
class ScanSettings(ImageSettings):
    """How the classifier of scans is trained.

    Parameters
    ----------
    practice : str
        Folder of synthetic scans in the layout of the set, trained on beside the real ones; empty for none.
    """

    practice: str = ""


def read_dataset(folder: Path) -> list[Example]:
    """Read ``images/LABEL/*.png``, with the outlines in ``masked/LABEL`` where there are any.

    Raises
    ------
    DatasetError
        A label has no images.
    """
    examples = []
    for label in LABELS:
        paths = sorted((folder / "images" / label).glob("*.png"))
        if not paths:
            raise DatasetError(
                f"There are no PNG files in images/{label}.", "Give the folder that holds images and masked."
            )
        for path in paths:
            outline = _outline(folder / "masked" / label / path.name)
            examples.append(Example(f"images/{label}/{path.stem}", "", (label,), path=path, outline=outline))
    hashes = [picture_hash(to_grey(read_image(cast(Path, example.path)), 0)) for example in examples]
    groups = duplicate_groups(np.array(hashes))  # (N,)
    return [replace(example, group=str(group)) for example, group in zip(examples, groups, strict=True)]


def accepts(case: Case) -> bool:
    """True for ultrasound or a picture of unsaid modality; whether it shows a breast is for the domain gate to say."""
    return bool(case.images) and case.images[0].modality in _SCANS


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Train the classifier, or go on with a run that was stopped, and write its folder."""
    chosen = ScanSettings(**settings)
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    sides = chosen.sides()
    training, validation = split_by_group(examples, held=HELD, seed=seed)
    practice = read_dataset(Path(chosen.practice)) if chosen.practice else []
    torch.manual_seed(seed)
    config = LesionTransformerConfig(labels=len(LABELS), image_size=sides[-1], dropout=chosen.dropout)
    network = LesionTransformer(config)
    if chosen.init:
        take_over(network, load_model(Path(chosen.init), device="cpu").network)
    network = network.to(pick_device())
    run = out / "run"
    averaged = train_lesion_classifier(network, _reader([*training, *practice]), _reader(validation), chosen, run, seed)
    restore_frequencies(averaged, training)
    told = replace(chosen, init=Path(chosen.init).name, practice=Path(chosen.practice).name)  # no paths in a card
    write(averaged, training, validation, out, training_facts(told, seed, run))


def restore_frequencies(network: LesionTransformer, training: Sequence[Example]) -> None:
    """Tell the head how frequent labels are, which it learnt from equally many of each.

    Saerens, Latinne and Decaestecker, Adjusting the Outputs of a Classifier to New a Priori Probabilities, Neural
    Computation 14, 2002, equation 2.4.
    """
    counts = torch.tensor([sum(example.truth[0] == label for example in training) for label in LABELS])  # (L,)
    with torch.no_grad():
        network.head.bias.add_((counts / counts.sum() * len(LABELS)).log().to(network.head.bias))


def write(
    network: LesionTransformer,
    training: Sequence[Example],
    validation: Sequence[Example],
    out: Path,
    history: Mapping[str, Any],
) -> None:
    """Measure a trained network on validation groups, its drawing included, and write its folder."""
    write_model(network, training, validation, _FACTS, out, history, view=random_scan_view, mirror=True)
    card = read_card(out)
    card = replace(card, metrics={**card.metrics, **gaps_of(_MAPS, load_model(out), validation)})
    drawn = measure_outlines(network, validation, method=card.methods[0], seed=history["seed"])
    write_card(replace(card, metrics={**card.metrics, **drawn}), out)


def _reader(examples: Sequence[Example]) -> Callable[[int], Scans]:
    return lambda size: load_scans(examples, LABELS, size=size)


def _outline(picture: Path) -> Outline | None:
    """The outlines of a picture's lesions: ``NAME_mask.png``, and ``NAME_mask_1.png`` for a second one."""
    masks = tuple(sorted(picture.parent.glob(f"{_literal(picture.stem)}_mask*.png")))
    return Outline(picture, masks) if masks else None


def _literal(name: str) -> str:
    return name.replace("[", "[[]")


_MAPS = MapGround(kept_by_split(HELD), load, prepare, multi_label=False)

BREAST_ULTRASOUND = Task(
    name=_FACTS.task,
    title=_FACTS.title,
    question="Is there a lesion, and does it look malignant?",
    source=Source.IMAGE,
    labels=LABELS,
    multi_label=False,
    positive=_FACTS.positive,
    mirror=True,
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    teach_gate=partial(teach_gate, facts=_FACTS, held=HELD, view=random_scan_view, mirror=True),
    ablate=partial(
        ablate,
        labels=LABELS,
        positive=_FACTS.positive,
        held=HELD,
        epochs=20,
        settings=ClassifierSettings(stages="", batch_size=16),
    ),
    defaults=asdict(ScanSettings(stages="96x40 128x50 160x36 224x14", batch_size=16, lr=6e-4, average=0.99, half=True)),
    measure_maps=partial(measure_maps, _MAPS),
)
