"""The data sets behind visual questions: real ones with their answers, and what is known of each picture.

Real questions: Lau, Gayen, Ben Abacha & Demner-Fushman, A dataset of clinically generated visual questions and answers
about radiology images, Scientific Data 5, 2018.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DatasetError
from engine.tasks import breast_ultrasound, chest_xray
from engine.tasks.task import Example
from engine.training.generated import PLANES, Facts

FILE, IMAGES = "questions.json", "images"
YES_NO = ("yes", "no")
CLOSED, OPEN = "closed", "open"

_PARTS = {"CHEST": "chest", "HEAD": "brain", "ABD": "abdomen"}
_NEEDED = {"image_name", "question", "answer", "answer_type", "image_organ"}
_ARTICLE = re.compile(r"^(the|an|a)\s+")
_SIGNS = {
    "mri": re.compile(r"\b(mri?|mra|flair|dwi|adc|t1|t2)\b"),
    "ct": re.compile(r"\b(cta?|computed tomography|cat scan)\b"),
    "x-ray": re.compile(r"\b(x-? ?rays?|cxr|radiograph|plain film)\b"),
    "ultrasound": re.compile(r"\bultraso\w+\b"),
}
_IDENTIFIES = re.compile(r"(is|was) (this|the) (image |picture |film |scan |study )?(an? |in |taken )")
_ASKS_WHAT = re.compile(r"modality|plane|type of (image|scan|study|mri)|kind of|how was|what is this image|taken|view")
_TAKEN = re.compile(r"(this|the above|shown) (ct|mri?|x-? ?ray|cxr|radiograph)|on (the )?(ct|mri|x-? ?ray|cxr)")
_PROJECTIONS = frozenset({"pa", "ap"})
_PLANES = {"posteroanterior": "pa", "anteroposterior": "ap", "saggital": "sagittal", "transverse": "axial"}


@dataclass(frozen=True)
class Picture:
    """A labelled picture, with the name that the image encoder learns for its kind."""

    path: Path
    group: str
    kind: str
    facts: Facts


def read_dataset(folder: Path) -> list[Example]:
    """Read ``questions.json`` and the names of its ``images``: one example a question, grouped by the patient's case.

    Raises
    ------
    DatasetError
        The file is missing, is no list of questions, or names an image that is not there.
    """
    try:
        rows = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise DatasetError(f"The folder has no readable {FILE}.", f"Give the folder that holds {FILE}.") from exc
    if (
        not isinstance(rows, list)
        or not rows
        or not all(isinstance(row, dict) and row.keys() >= _NEEDED for row in rows)
    ):
        raise DatasetError(f"{FILE} needs questions with {', '.join(sorted(_NEEDED))}.", "Give it as published.")
    return [_example(folder, row, rank) for rank, row in enumerate(rows)]


def _example(folder: Path, row: dict[str, Any], rank: int) -> Example:
    path = folder / IMAGES / str(row["image_name"])
    if path.parent != folder / IMAGES or not path.is_file():
        raise DatasetError(f"There is no image {path.name}.", f"Keep the images in {IMAGES}.")
    kind = CLOSED if str(row["answer_type"]).strip().upper() == "CLOSED" else OPEN
    return Example(
        case_id=str(row.get("qid", rank)),
        group=str(row.get("image_case_url", path.name)),
        truth=(normalise(str(row["answer"])),),
        path=path,
        text=str(row["question"]),
        traits={
            "answer": kind,
            "part": _PARTS.get(str(row["image_organ"]), ""),
            "pair": str(row.get("qid_linked_id", rank)),
        },
    )


def normalise(answer: str) -> str:
    """Write an answer as answers are compared: lower case, single spaces, no article before and no full stop behind.

    >>> normalise(" The Right  lung. "), normalise("5.6cm")
    ('right lung', '5.6cm')
    """
    plain = re.sub(r"\s+", " ", answer.lower()).strip().rstrip(".").strip()
    return _ARTICLE.sub("", plain)


def answer_space(examples: Iterable[Example], generated: Iterable[str]) -> tuple[str, ...]:
    """Every answer that occurs: yes and no, then the others, the most frequent first."""
    counts = Counter(example.truth[0] for example in examples)
    counts.update(dict.fromkeys(set(generated), 1))
    ranked = sorted(counts, key=lambda answer: (-counts[answer], answer))
    return (*YES_NO, *(answer for answer in ranked if answer not in YES_NO))


def pictures_of(examples: Sequence[Example]) -> list[Picture]:
    """The pictures that are asked about, with what their own questions tell of them; sorted by name."""
    found: dict[Path, list[Example]] = {}
    for example in examples:
        if example.path is not None:
            found.setdefault(example.path, []).append(example)
    return [Picture(path, rows[0].group, rows[0].traits["part"], _told(rows)) for path, rows in sorted(found.items())]


def of_another_part(examples: Sequence[Example], seed: int) -> NDArray[np.int64]:
    """For each question the rank ``(N,)`` of one about another part of the body; of any where all show the same."""
    generator = np.random.default_rng(seed)
    parts = np.array([example.traits["part"] for example in examples])
    alone = len(set(parts)) == 1
    return np.array([generator.choice(np.flatnonzero((parts != part) | alone)) for part in parts], dtype=np.int64)


def labelled_pictures(chest: str, ultrasound: str, *, most: int, seed: int) -> list[Picture]:
    """Pictures of our other sets, at most so many a label.

    Parameters
    ----------
    chest, ultrasound : str
        Folders of the chest radiographs and of the breast ultrasound images; empty for none.
    """
    sets = [
        (chest, chest_xray.read_dataset, "x-ray", "chest", "pa"),
        (ultrasound, breast_ultrasound.read_dataset, "ultrasound", "breast", ""),
    ]
    found = []
    for folder, read, modality, part, plane in sets:
        examples = read(Path(folder)) if folder else []
        for label in sorted({example.truth[0] for example in examples}):
            own = [example for example in examples if example.truth == (label,) and example.path is not None]
            chosen = np.random.default_rng(seed).permutation(len(own))[:most]
            facts = Facts(modality, part, plane, label)
            found += [Picture(own[rank].path or Path(), own[rank].group, f"{part}, {label}", facts) for rank in chosen]
    return found


def _told(rows: Sequence[Example]) -> Facts:
    """What the questions on a picture, with their answers, say that it is; nothing where they contradict each other."""
    said = " . ".join(_affirmed(row) for row in rows)
    modalities = {name for name, sign in _SIGNS.items() if sign.search(said)}
    planes = {_PLANES.get(word, word) for word in re.findall(r"[a-z]+", said)} & set(PLANES)
    plane = next(iter(planes)) if len(planes) == 1 else ""
    if not modalities and plane in _PROJECTIONS:
        modalities = {"x-ray"}
    return Facts(next(iter(modalities)) if len(modalities) == 1 else "", rows[0].traits["part"], plane)


def _affirmed(row: Example) -> str:
    """What a question and its answer take for granted of the picture, in lower case."""
    question, answer = (row.text or "").lower(), row.truth[0]
    if answer in YES_NO or " or " in question or "not" in question.split():
        sure = answer == "yes" and _IDENTIFIES.match(question) is not None and " or " not in question
        return question if sure else ""
    return f"{question} {answer}" if _ASKS_WHAT.search(question) else question if _TAKEN.search(question) else ""
