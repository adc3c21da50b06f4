"""Courses in intensive care: the risk of dying in hospital, hour by hour, from irregular observations of 48 hours.

Data set: PhysioNet/Computing in Cardiology Challenge 2012 (Silva et al., CinC 2012), set A or B with its outcomes. The
scores and the length of the stay in its outcomes file are never inputs: they are known later, or not to a monitor.
"""

from __future__ import annotations

import csv
import io
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case, Course
from engine.errors import DatasetError, TrainingError, UploadError
from engine.io.course import read_course
from engine.models.card import Card, DataFacts, Metric
from engine.models.checkpoint import save_model
from engine.models.course import CourseTransformer
from engine.preprocess.course import HOURS, prepare_course
from engine.preprocess.prepared import Prepared
from engine.tasks.assessment import training_facts
from engine.tasks.course_card import EARLIER, Held, assess, figures, measure_map_scales, on_observations
from engine.tasks.map_gaps import MapGround, all_cases, measure_maps
from engine.tasks.map_scales import CASES
from engine.tasks.outside_check import by_last_value
from engine.tasks.task import Example, Source, Task
from engine.training.courses import CourseSettings, Stays, predict_stays, train_courses
from engine.training.origin import claim_run
from engine.training.split import folds_by_group

if TYPE_CHECKING:
    from engine.models.checkpoint import LoadedModel

NAME = "icu-course"
TITLE = "Risk of dying in hospital, hour by hour"
LABELS = ("death",)
AGES = (16.0, 90.0)

SUMMARY = (
    "Reads what was observed of an adult in the first 48 hours of intensive care: 37 vital signs and laboratory "
    "values at irregular hours, age, gender, height, weight and kind of unit. Each variable in each hour where it was "
    "observed is a token; the newest of each variable is read and is told what the variable did until then; nothing is "
    "imputed. The risk at an hour is the answer for what was observed before it. Five "
    "Transformers side by side answer by their mean; how far they differ is shown. Weights are "
    "stored in half precision and computed in single."
)
INTENDED_USE = "Research and education; not a medical device. Studying how a risk follows a course, and why."
LIMITS = (
    "One centre in Boston, 2001 to 2008: patients, treatment and documentation elsewhere and today differ.",
    "What is measured, and how often, is a decision of the staff. The model reads that too: a risk may say how worried "
    "they were.",
    "It foresees death in hospital, not its time, and knows no limits of treatment that were agreed.",
    "Adults of at least 16 years who stayed 48 hours or more: shorter stays, early deaths included, are not in the "
    "data, so that risks of the first hours hold for those who will stay two days.",
    "Nothing after hour 48 is read. Observations of one variable within an hour are averaged.",
    "The band holds the answers of the five members, each trained without another fifth of the stays. It shows what "
    "other training data might change; it is no interval that holds the true risk with a known chance.",
    "The map gives values to observations alone; what holds for the whole stay, such as age, always stays present.",
)

_OUTCOME = "In-hospital_death"
_SETS = "ab"
_OLD = 65


def read_dataset(folder: Path) -> list[Example]:
    """Read ``set-a.tar.gz`` or ``set-b.tar.gz`` (or the folder unpacked) with ``Outcomes-a.txt`` or ``Outcomes-b.txt``.

    Raises
    ------
    DatasetError
        None of the two is there whole, or it has not the challenge's layout.
    """
    for letter in _SETS:
        outcomes, records = folder / f"Outcomes-{letter}.txt", folder / f"set-{letter}"
        if outcomes.is_file() and (records.is_dir() or records.with_suffix(".tar.gz").is_file()):
            died = _outcomes(outcomes)
            found = {name: text for name, text in _records(records) if name in died}
            if missing := len(died) - len(found):
                raise DatasetError(f"{missing} stays of {outcomes.name} have no record.", "Give the whole set.")
            return [_example(name, found[name], died[name]) for name in sorted(found)]
    raise DatasetError(
        "The folder has no set of PhysioNet 2012.", "Give a folder with set-a.tar.gz and Outcomes-a.txt, or set b."
    )


def _outcomes(path: Path) -> dict[str, bool]:
    """Whether each patient died in hospital, by record; no other column is looked at."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return {row["RecordID"]: bool(int(row[_OUTCOME])) for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError, TypeError) as exc:
        raise DatasetError(f"{path.name} is not as it was published.", f"It needs RecordID and {_OUTCOME}.") from exc


def _records(records: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of every record of a folder, or of the archive beside it."""
    try:
        if records.is_dir():
            for path in sorted(records.glob("*.txt")):
                yield path.stem, path.read_text(encoding="utf-8")
            return
        with tarfile.open(records.with_suffix(".tar.gz")) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(".txt"):
                    content = cast(io.BufferedReader, archive.extractfile(member)).read()
                    yield Path(member.name).stem, content.decode("utf-8")
    except (OSError, UnicodeDecodeError, tarfile.TarError, EOFError) as exc:
        raise DatasetError(f"The records of {records.name} cannot be read.", "Fetch the set again.") from exc


def _example(name: str, text: str, died: bool) -> Example:
    return Example(name, name, LABELS if died else (), text=text, traits=_traits(text))


def _traits(text: str) -> dict[str, str]:
    """What the record says of the patient, by which figures are told apart."""
    said = dict(line.split(",")[1:3] for line in text.splitlines()[1:7] if line.count(",") == 2)
    traits = {}
    if said.get("Age", "-1") != "-1":
        traits["age"] = f"{_OLD} and over" if float(said["Age"]) >= _OLD else f"under {_OLD}"
    if said.get("Gender") in {"0", "1"}:
        traits["gender"] = ("female", "male")[int(said["Gender"])]
    units = {"1": "coronary", "2": "cardiac surgery", "3": "medical", "4": "surgical"}
    if said.get("ICUType") in units:
        traits["unit"] = units[said["ICUType"]]
    return traits


def load(example: Example) -> Case:
    """Make a case of one stay."""
    return Case(example.case_id, example.case_id, course=_course(example))


def _course(example: Example) -> Course:
    return read_course(example.case_id, (example.text or "").encode())


def accepts(case: Case) -> bool:
    """True for a case with a course."""
    return case.course is not None


def prepare(case: Case, model: LoadedModel) -> Prepared:
    """Make the case's course ready."""
    inputs, geometry, coverage = prepare_course(cast(Course, case.course))
    return Prepared(inputs.to(model.device), geometry, coverage)


def train(examples: Sequence[Example], out: Path, settings: Mapping[str, Any], seed: int) -> None:
    """Train the members, each without its part of the stays, or go on with a run that was stopped, and write `out`.

    Raises
    ------
    TrainingError
        A stay cannot be read, or all of half of the stays have the same outcome.
    """
    chosen = CourseSettings(**settings)
    claim_run(out / "run", settings, seed, (example.case_id for example in examples))
    stays = stays_of(examples, members=chosen.members, seed=seed)
    network = train_courses(stays, chosen, out=out / "run", seed=seed)
    held = Held(tuple(examples), stays, LABELS)
    whole = _cross_validate(held, chosen, out / "run", seed) if chosen.folds else None
    assessment = assess(network, held, whole, seed=seed)
    some = examples[:: max(1, len(examples) // CASES)][:CASES]
    card = Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=LIMITS,
        data=DataFacts(
            "PhysioNet/Computing in Cardiology Challenge 2012",
            "ODC-BY 1.0",
            len(examples),
            "Adults in four intensive care units of one hospital in Boston, at least 48 hours there, first stays.",
            _in_words(chosen),
            AGES,
        ),
        metrics=assessment.metrics,
        trust=assessment.trust,
        report=assessment.report,
        map_scales=measure_map_scales(network, [_course(example) for example in some]),
        cross_validated=figures(whole, held, seed=seed) if whole else {},
        training=training_facts(chosen, seed, out / "run"),
    )
    save_model(out, network, card, half=True)
    measure_maps(_MAPS, examples, out)


def _cross_validate(held: Held, settings: CourseSettings, out: Path, seed: int) -> dict[int, NDArray[np.float32]]:
    """Logits ``(N, 1)`` of whole models by hour of reading, each for the stays that it was trained without."""
    stays, rank = held.stays, {example.case_id: row for row, example in enumerate(held.examples)}
    logits = {hour: np.empty((len(rank), 1), np.float32) for hour in (HOURS, *EARLIER)}
    # Another seed: the parts of the members are drawn anew within those of the folds.
    for number, sides in enumerate(folds_by_group(held.examples, folds=settings.folds, seed=seed + 1), start=1):
        learned, judged = (np.array([rank[example.case_id] for example in side]) for side in sides)
        network = train_courses(stays.select(learned), settings, out=out / f"fold-{number}", seed=seed)
        for hour, found in logits.items():
            found[judged] = predict_stays(network, stays, judged, hour=hour).mean(axis=1, keepdims=True)
    return logits


def _in_words(settings: CourseSettings) -> str:
    """How the set was split, for the card."""
    members = (
        f"By stay, into {settings.members} parts: each member was trained without one, and judges it alone. The "
        "figures are of single members; the mean of all, which answers, cannot be measured on stays that most know."
    )
    if not settings.folds:
        return members
    return (
        f"{members} The cross-validated figures are of such means: {settings.folds} whole models trained anew, each "
        "judged on the stays that it did not see. Calibration, operating point and report are fitted on those."
    )


def stays_of(examples: Sequence[Example], *, members: int, seed: int) -> Stays:
    """Read all courses, and part the stays among the members.

    Raises
    ------
    TrainingError
        A stay cannot be read.
    """
    try:
        tokens = tuple(prepare_course(_course(example))[0].values[0] for example in examples)
    except UploadError as exc:
        raise TrainingError(f"A stay cannot be read: {exc}", "Give the set as it was published.") from exc
    folds = folds_by_group(examples, folds=members, seed=seed)
    part_of = {example.case_id: part for part, (_, judged) in enumerate(folds) for example in judged}
    died = np.array([bool(example.truth) for example in examples], np.float32)  # (N,)
    part = np.array([part_of[example.case_id] for example in examples])  # (N,)
    return Stays(tokens, torch.from_numpy(died), torch.from_numpy(part))


def _on_observations(model: LoadedModel, examples: Sequence[Example]) -> dict[str, Metric]:
    """What the members say of random parts of the stays that they were each trained without."""
    training, network = model.card.training, cast(CourseTransformer, model.network)
    seed = int(training["seed"])
    stays = stays_of(examples, members=network.config.members, seed=seed)
    return on_observations(network, Held(tuple(examples), stays, LABELS), seed=seed)


_MAPS = MapGround(
    all_cases,
    load,
    prepare,
    multi_label=True,
    telling=lambda example: bool(example.truth),
    replacing=lambda model, held, one: by_last_value,
    further=_on_observations,
    remark="Maps were tested on stays of patients who died; all but one of the members had learned from each.",
)

ICU_COURSE = Task(
    name=NAME,
    title=TITLE,
    question="How likely is this patient to die in hospital?",
    source=Source.COURSE,
    labels=LABELS,
    multi_label=True,
    positive=LABELS,
    accepts=accepts,
    read_dataset=read_dataset,
    load=load,
    prepare=prepare,
    train=train,
    defaults=asdict(CourseSettings()),
    measure_maps=partial(measure_maps, _MAPS),
)
