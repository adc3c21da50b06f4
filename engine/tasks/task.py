"""What a task is: its labels, which cases it answers, how its data set is read and how a case becomes tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.case import Case
from engine.drafts import Draft
from engine.results import Cautions
from engine.words import mark

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel
    from engine.preprocess.prepared import Prepared


class Source(StrEnum):
    """What a task reads."""

    IMAGE = mark("image")
    NOTE = mark("note")
    COURSE = mark("course")
    SEQUENCE = mark("sequence")
    QUESTION = mark("question")
    FILM_AND_NOTE = mark("film and note")


@dataclass(frozen=True)
class Outline:
    """A picture in which somebody drew what is to be found.

    Parameters
    ----------
    masks : tuple of Path
        Pictures that are white where a lesion is, one a lesion.
    """

    picture: Path
    masks: tuple[Path, ...]


@dataclass(frozen=True)
class Example:
    """One row of a data set.

    Parameters
    ----------
    case_id : str
        The file's path in the folder without its ending, or the set's own id.
    group : str
        What must never be split between training and validation: the patient, or the note.
    truth : tuple of str
        The true labels: exactly one where the task is single-label.
    path : Path or None
        The file, for images.
    text : str or None
        The note, for notes.
    outline : Outline or None
        The same case with its lesions drawn.
    written : str
        What a person wrote of the case, for tasks that draft it; empty where nothing is known.
    traits : mapping of str to str
        What the set says of the case beside its labels, by which figures are told apart; a case that lacks a trait is
        compared with the cases of every value of it.
    """

    case_id: str
    group: str
    truth: tuple[str, ...]
    path: Path | None = None
    text: str | None = None
    outline: Outline | None = None
    written: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One task: everything that differs between it and its siblings.

    Parameters
    ----------
    positive : tuple of str
        Labels whose summed probability is compared with the locked operating point (`flag`); empty where there is none.
    read_dataset : callable
        Folder -> examples; raises `DatasetError` where the layout is not the expected one.
    prepare : callable
        (case, model) -> tokens and the way back, for the case's image or note.
    train : callable
        (examples, out folder, settings, seed) -> None; writes the checkpoint and its card.
    defaults : mapping
        Training settings that `--set key=value` may change.
    asked : bool
        Whether it answers only where it is asked for by name, not whenever a case is opened.
    mirror : bool
        Whether the mirror image of a picture shows a case as good as it: not where the body has a left and a right.
    lungs : bool
        Whether its pictures are frontal chest films, on which relevance is counted by lung.
    cautions : callable or None
        Case -> what it states that speaks against labels; None where labels are nothing that anybody would do.
    draft : callable or None
        (case, model, prepared) -> what the model writes of it; None where it writes nothing.
    offered : int
        How many labels are offered at once, by which a ranking is judged; 0 where labels are not ranked.
    codes : mapping of str to str
        What the data set itself calls a label, where that is a code that says nothing to a reader.
    train_explainer : callable or None
        (examples, model folder) -> None; puts a learned explainer beside the weights. None where there is none yet.
    remember : callable or None
        (examples, model folder) -> None; makes the memory of the training cases anew, for weights that were changed.
    teach_gate : callable or None
        (examples, model folder, folders of other pictures, folder of older patients' or None) -> None; puts a gate
        beside weights that stay as they are.
    ablate : callable or None
        (examples, model folder, folder of runs, other model's folder or None) -> None; compares choices in the making
        of the model and writes them into its card.
    measure_maps : callable or None
        (examples, model folder) -> None; writes into the card what maps are worth. None where that is not measured.
    """

    name: str
    title: str
    question: str
    source: Source
    labels: tuple[str, ...]
    multi_label: bool
    positive: tuple[str, ...]
    accepts: Callable[[Case], bool]
    read_dataset: Callable[[Path], list[Example]]
    load: Callable[[Example], Case]
    prepare: Callable[[Case, LoadedModel], Prepared]
    train: Callable[[Sequence[Example], Path, Mapping[str, Any], int], None]
    defaults: Mapping[str, Any]
    asked: bool = False
    mirror: bool = False
    lungs: bool = False
    cautions: Callable[[Case], Cautions | None] | None = None
    draft: Callable[[Case, LoadedModel, Prepared], Draft] | None = None
    offered: int = 0
    codes: Mapping[str, str] = field(default_factory=dict)
    train_explainer: Callable[[Sequence[Example], Path], None] | None = None
    remember: Callable[[Sequence[Example], Path], None] | None = None
    teach_gate: Callable[[Sequence[Example], Path, Sequence[Path], Path | None], None] | None = None
    ablate: Callable[[Sequence[Example], Path, Path, Path | None], None] | None = None
    measure_maps: Callable[[Sequence[Example], Path], None] | None = None
