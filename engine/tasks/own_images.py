"""Any folder of labelled images: its sub-folders are the labels, its files PNG, JPEG, TIFF or DICOM.

Which files are of one patient is said by ``patients.csv`` (columns ``file`` and ``patient``; every further column is a
trait by which figures are told apart), else by the hashed Patient ID of DICOM files.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.errors import DatasetError
from engine.io.patient import patient_key
from engine.tasks.image_classifier import Facts, load, prepare, train
from engine.tasks.task import Example, Source, Task
from engine.training.images import ClassifierSettings

NAME = "images"
PATIENTS = "patients.csv"

logger = logging.getLogger(__name__)


def read_dataset(folder: Path) -> list[Example]:
    """Read the sub-folders of a folder as labels; what begins with a dot is left out.

    Raises
    ------
    DatasetError
        There are fewer than two labels, or ``patients.csv`` does not say whose file is whose.
    """
    if not folder.is_dir():
        raise DatasetError(f"There is no folder {folder.name}.", "Give the folder that holds one sub-folder a label.")
    patients = _read_patients(folder / PATIENTS)
    examples = []
    for place in sorted(child for child in folder.iterdir() if child.is_dir() and not child.name.startswith(".")):
        for path in sorted(file for file in place.rglob("*") if file.is_file() and not file.name.startswith(".")):
            examples.append(_example(path, folder, place.name, patients))
    labels = {example.truth[0] for example in examples}
    if len(labels) < 2:
        raise DatasetError(f"There are images of {len(labels)} labels.", "Give a folder with a sub-folder for each.")
    alone = sum(example.group == example.case_id for example in examples)
    if alone:
        logger.warning(
            "%d of %d files do not say whose they are: each counts as a patient of its own, and figures flatter where "
            "that is wrong. A file %s with the columns file and patient says it.",
            alone,
            len(examples),
            PATIENTS,
        )
    return examples


def train_own(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Train on the labels that the folder has."""
    labels = tuple(sorted({example.truth[0] for example in examples}))
    facts = Facts(
        task=NAME,
        title=f"Images: {', '.join(labels)}",
        labels=labels,
        positive=(),
        summary="A small vision Transformer with a convolutional stem, trained on a folder of one's own.",
        intended_use="Research and education; not a medical device. For images like those that it was trained on.",
        limits=(
            f"It knows {len(labels)} answers: an image of anything else still gets one of them.",
            "A mirrored image is not told from one that lies as the others do.",
            "Nothing is known of how the images were chosen, nor of those to whom they belong.",
            "Calibration and conformal coverage hold for images like the validation images, and for no others.",
        ),
        data_name="A folder of one's own",
        licence="not said",
        who="Not said.",
        mirror=True,
    )
    train(examples, out, settings, seed, facts=facts)


def _example(path: Path, folder: Path, label: str, patients: Mapping[str, Mapping[str, str]]) -> Example:
    name = path.relative_to(folder)
    said = dict(patients.get(name.as_posix(), {}))
    case_id = name.with_suffix("").as_posix()
    group = said.pop("patient", "") or patient_key(path) or case_id
    return Example(case_id, group, (label,), path=path, traits={trait: value for trait, value in said.items() if value})


def _read_patients(path: Path) -> dict[str, dict[str, str]]:
    """The rows of ``patients.csv`` by file; none where there is no such file."""
    if not path.is_file():
        return {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [dict(row) for row in csv.DictReader(file, strict=True)]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DatasetError(f"{PATIENTS} is not a CSV file in UTF-8.", "Write it anew.") from exc
    if any(None in row or None in row.values() or not {"file", "patient"} <= set(row) for row in rows):
        raise DatasetError(f"{PATIENTS} needs rows with the columns file and patient.", "Check its header and rows.")
    return {row.pop("file"): row for row in rows}


OWN_IMAGES = Task(
    name=NAME,
    title="Images of one's own",
    question="Which of the labels is it?",
    source=Source.IMAGE,
    labels=(),
    multi_label=False,
    positive=(),
    accepts=lambda case: bool(case.images),
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train_own,
    defaults=asdict(ClassifierSettings(stages="224x8", lr=3e-4, average=0.99)),
)
