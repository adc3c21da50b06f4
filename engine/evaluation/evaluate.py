"""A model scored on a labelled folder: figures with intervals, and one row a case for whoever scores it again."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import torch
from numpy.typing import NDArray

from engine.errors import DatasetError, UsageError
from engine.evaluation.certainty import certainty_figures
from engine.evaluation.exact_match import MOVED, Answered, QuestionEvaluation, question_metrics
from engine.evaluation.metrics import (
    Interval,
    area,
    bootstrap_weights,
    interval,
    multi_label_metrics,
    ranking_metrics,
    risk_metrics,
    share_of,
    single_label_metrics,
)
from engine.evaluation.ranking import beside_baselines
from engine.evaluation.ranking import remarks as ranking_remarks
from engine.evaluation.report import Scored, report_many_labels, report_one_label
from engine.evaluation.retrieval import (
    AMONG_THEMSELVES,
    IN_MEMORY,
    NEAREST,
    among_themselves,
    cosines,
    precision_at,
)
from engine.models.card import Metric, Report, TrustParameters
from engine.models.checkpoint import LoadedModel
from engine.models.course import CourseTransformer
from engine.models.lesion import LesionTransformer
from engine.models.literature import LiteratureTransformer
from engine.models.output import answer_in_turns, combine
from engine.pipeline import forward
from engine.questions import with_and_without_image
from engine.results import DEFAULT_METHOD
from engine.tasks.course_card import EARLIER
from engine.tasks.image_fit import read_image
from engine.tasks.outlines import drawn_mask, measure_outlines
from engine.tasks.question_data import of_another_part
from engine.tasks.task import Example, Source, Task
from engine.trust.calibration import calibrate
from engine.trust.conformal import calls as calls_of
from engine.trust.domain import judge

Progress = Callable[[int, int], None]

DECIMALS = 8


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model did on N labelled cases.

    Parameters
    ----------
    metrics : dict of str to Interval
        Figures with 95 % bootstrap intervals by patient (or note).
    probabilities : numpy.ndarray
        ``(N, L)`` calibrated, in the order of `labels`.
    flags : numpy.ndarray
        ``(N,)`` bool: the positive labels together reach the locked operating point; for independent labels, at least
        one of them reaches its locked threshold.
    report : Report
        What figures alone do not say.
    outlined : dict of str to Metric
        How well lesions were drawn, on those cases of which the set has an outline; empty where it has none.
    codes : mapping of str to str
        Under which names labels stand in the table; a label that is not here under its own.
    remarks : tuple of str
        What a reader of the figures has to know.
    """

    task: str
    model_digest: str
    labels: tuple[str, ...]
    metrics: dict[str, Interval]
    examples: tuple[Example, ...]
    probabilities: NDArray[np.float64]
    flags: NDArray[np.bool_]
    report: Report
    outlined: dict[str, Metric] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of cases."""
        return len(self.examples)

    def to_json(self) -> dict[str, Any]:
        """The record that ``attending evaluate --json`` writes."""
        metrics = {name: metric.to_json(self.n) for name, metric in self.metrics.items()}
        metrics |= {name: asdict(metric) for name, metric in self.outlined.items()}
        head = {"task": self.task, "n": self.n, "model_digest": self.model_digest, "metrics": metrics}
        return {**head, **({"remarks": list(self.remarks)} if self.remarks else {}), **asdict(self.report)}

    def write_csv(self, path: Path) -> None:
        """Write one row a case: id, truth (labels with ``|`` between; 1 or 0 of a single one), flag, probabilities."""
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            one = len(self.labels) == 1
            writer.writerow(["case_id", "truth", "flag", *(f"p:{self._code(label)}" for label in self.labels)])
            for example, flag, row in zip(self.examples, self.flags, self.probabilities, strict=True):
                values = [round(float(value), DECIMALS) for value in row]
                truth = int(bool(example.truth)) if one else "|".join(map(self._code, example.truth))
                writer.writerow([example.case_id, truth, int(flag), *values])

    def _code(self, label: str) -> str:
        return self.codes.get(label, label)


def evaluate(
    task: Task,
    model: LoadedModel,
    folder: Path,
    *,
    progress: Progress | None = None,
    repeats: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Score a model on a data set's folder.

    Parameters
    ----------
    progress : callable or None
        Told (cases done, all cases) after each case.
    repeats : int
        Number of bootstrap resamples.

    Raises
    ------
    DatasetError
        The folder has not the layout of the task's data set, or holds labels that the model does not know.
    UploadError
        A file of the folder cannot be read.
    """
    examples = task.read_dataset(folder)
    truth = _truth(examples, model.labels)  # (N, L)
    logits, embeddings, inside = _answers(task, model, examples, progress)  # (N, L), (N, D), (N,)
    trust = model.card.trust
    probabilities = calibrate(logits, trust, multi_label=task.multi_label).astype(np.float64)  # (N, L)
    weights = bootstrap_weights([example.group for example in examples], repeats=repeats, seed=seed)  # (1 + B, N)
    flags = _flags(probabilities, model.labels, task, trust)  # (N,)
    scored = Scored(
        case_ids=[example.case_id for example in examples],
        labels=model.labels,
        positive=task.positive,
        truth=truth,
        probability=probabilities,
        weights=weights,
        flag=flags,
        traits=[example.traits for example in examples],
    )
    metrics, report = _figures(scored, task, trust)
    if task.source is Source.IMAGE:
        metrics["in_domain"] = share_of(inside, weights)
    network = model.network
    if isinstance(network, CourseTransformer):
        metrics |= _earlier(network, task, model, examples, weights)
    if isinstance(network, LiteratureTransformer):
        metrics |= _search(model, embeddings, truth, weights)
    baselines, said = _beside(task, model, scored, embeddings)
    metrics |= baselines
    outlined = {}
    if isinstance(network, LesionTransformer):
        first = next(iter(model.card.methods), DEFAULT_METHOD)
        outlined = measure_outlines(network, examples, method=first, seed=seed)
    cases = tuple(examples)
    return Evaluation(
        task.name, model.digest, model.labels, metrics, cases, probabilities, flags, report, outlined, task.codes, said
    )


def _beside(
    task: Task, model: LoadedModel, scored: Scored, embeddings: NDArray[np.float32]
) -> tuple[dict[str, Interval], tuple[str, ...]]:
    """The rankings that know no head, and what has to be known of them; nothing of a model that ranks nothing."""
    if not task.offered or model.memory is None:
        return {}, ()
    truth, probability, weights = scored.truth, scored.probability, scored.weights
    found = beside_baselines(truth, probability, embeddings, model.memory, weights, offered=task.offered)
    return found, ranking_remarks(scored.case_ids, model.memory)


def evaluate_questions(
    task: Task,
    model: LoadedModel,
    folder: Path,
    *,
    progress: Progress | None = None,
    repeats: int = 1000,
    seed: int = 0,
) -> QuestionEvaluation:
    """Score a model's answers to a data set's questions, with their images, without, and with another part's image.

    Raises
    ------
    DatasetError
        The folder has not the layout of the task's data set.
    UploadError
        An image of the folder cannot be read.
    """
    examples = task.read_dataset(folder)
    logits = np.empty((3, len(examples), len(model.labels)))  # (3, N, L)
    for done, (example, other) in enumerate(zip(examples, of_another_part(examples, seed), strict=True)):
        prepared = task.prepare(task.load(example), model)
        logits[:2, done] = with_and_without_image(model, prepared)
        swapped = replace(task.load(examples[other]), question=example.text or "")
        logits[2, done] = forward(model, task.prepare(swapped, model))[1].numpy()
        if progress is not None:
            progress(done + 1, len(examples))
    whole, blind, other_part = calibrate(logits, model.card.trust, multi_label=False)  # (N, L) each
    said, unseen = (tuple(model.labels[rank] for rank in each.argmax(axis=1)) for each in (whole, blind))
    probability = whole.max(axis=1)  # (N,)
    given = probability >= (model.card.trust.least_sure or 0.0)  # (N,)
    answered = Answered(tuple(examples), said, probability, given, unseen)
    weights = bootstrap_weights([str(example.path) for example in examples], repeats=repeats, seed=seed)  # (1 + B, N)
    metrics = question_metrics(answered, weights)
    if len({example.traits["part"] for example in examples}) > 1:
        metrics[MOVED] = share_of(whole.argmax(axis=1) != other_part.argmax(axis=1), weights)
    return QuestionEvaluation(task.name, model.digest, answered, metrics)


def write_masks(model: LoadedModel, examples: Sequence[Example], folder: Path, out: Path) -> None:
    """Draw the lesion of every picture of a data set, white on black, at the picture's size.

    Parameters
    ----------
    folder : pathlib.Path
        Of the data set: a mask lies in `out` where its picture lies there.

    Raises
    ------
    UsageError
        The model draws no lesions.
    """
    if not isinstance(model.network, LesionTransformer):
        raise UsageError(f"The model of {model.task} draws no lesions.", "Leave --masks out.")
    outlined = [example.outline.picture for example in examples if example.outline]
    pictures = [example.path for example in examples if example.path] + outlined
    for picture in pictures:
        place = out / picture.relative_to(folder).with_suffix(".png")
        place.parent.mkdir(parents=True, exist_ok=True)
        mask = drawn_mask(model.network, read_image(picture))  # (rows, columns)
        PIL.Image.fromarray(255 * mask.astype(np.uint8)).save(place)


def _figures(scored: Scored, task: Task, trust: TrustParameters) -> tuple[dict[str, Interval], Report]:
    truth, probability, weights = scored.truth, scored.probability, scored.weights
    if len(scored.labels) == 1:
        return risk_metrics(truth[:, 0], probability[:, 0], weights, flag=scored.flag), report_many_labels(scored)
    if task.multi_label:
        called = probability >= trust.thresholds  # (N, L)
        ranked = ranking_metrics(truth, probability, weights, offered=task.offered) if task.offered else {}
        found = multi_label_metrics(truth, probability, scored.labels, weights, called=called)
        return ranked | found, report_many_labels(scored)
    figures = single_label_metrics(truth, probability, scored.labels, weights, positive=task.positive, flag=scored.flag)
    if trust.rule_out:
        figures |= certainty_figures(truth, np.array([calls_of(row, trust) for row in probability], object), weights)
    return figures, report_one_label(scored)


def _earlier(
    network: CourseTransformer, task: Task, model: LoadedModel, examples: Sequence[Example], weights: NDArray[Any]
) -> dict[str, Interval]:
    """How well the risk at earlier hours foresees the outcome, with only the past seen."""
    risks = []
    for example in examples:
        prepared = task.prepare(task.load(example), model)
        with torch.inference_mode():
            risks.append(network.trajectory(prepared.inputs, EARLIER).mean(dim=1).cpu().numpy())  # (hours,)
    died = np.array([bool(example.truth) for example in examples])  # (N,)
    pairs = zip(EARLIER, np.stack(risks, axis=1), strict=True)
    return {f"auroc at {hour} h": area(died, risk, weights) for hour, risk in pairs}


def _answers(
    task: Task, model: LoadedModel, examples: Sequence[Example], progress: Progress | None
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.bool_]]:
    """Logits ``(N, L)`` and embeddings ``(N, D)`` of all cases, and whether the model was made for them ``(N,)``."""
    found = []
    for example in examples:
        found.append(_answer(task, model, example))
        if progress is not None:
            progress(len(found), len(examples))
    logits, embeddings, inside = zip(*found, strict=True)
    return np.stack(logits).astype(np.float64), np.stack(embeddings), np.array(inside)


def _answer(task: Task, model: LoadedModel, example: Example) -> tuple[NDArray[np.float32], NDArray[np.float32], bool]:
    """Logits ``(L,)`` and embedding ``(D,)`` of one case; whether the model was made for it, asked of images alone."""
    case = task.load(example)
    prepared = task.prepare(case, model)
    with torch.inference_mode():
        output = answer_in_turns(model.network, prepared.inputs.to(model.device))
    embedding = output.embedding.float().mean(dim=0).cpu().numpy()  # (D,)
    inside = task.source is not Source.IMAGE or judge(case, embedding, model).inside
    return np.asarray(combine(output.logits).float().cpu().numpy()), embedding, inside


def _search(
    model: LoadedModel, keys: NDArray[np.float32], truth: NDArray[np.bool_], weights: NDArray[Any]
) -> dict[str, Interval]:
    """How often what lies nearest has the label of the question: in the model's memory, and among the cases."""
    target, found = truth.argmax(axis=1), {}  # (N,)
    if len(keys) > NEAREST:
        found[AMONG_THEMSELVES] = precision_at(among_themselves(cosines(keys, keys)), target, target)
    if model.memory is not None:
        known = model.memory["embeddings"].float().numpy(), model.memory["truth"].numpy().argmax(axis=1)
        found[IN_MEMORY] = precision_at(cosines(keys, known[0]), target, known[1])
    return {name: interval(weights @ each / weights.sum(axis=1)) for name, each in found.items()}


def _truth(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.bool_]:
    """``(N, L)`` bool."""
    unknown = {label for example in examples for label in example.truth} - set(labels)
    if unknown:
        raise DatasetError(f"The model does not know {', '.join(sorted(unknown))}.", "Use a model of this task.")
    return np.array([[label in example.truth for label in labels] for example in examples])


def _flags(
    probabilities: NDArray[np.float64], labels: Sequence[str], task: Task, trust: TrustParameters
) -> NDArray[np.bool_]:
    """Whether the operating point is reached, ``(N,)``; never where a single-label task has none."""
    if task.multi_label:
        return np.asarray((probabilities >= trust.thresholds).any(axis=1))
    if not task.positive or trust.operating_point is None:
        return np.zeros(len(probabilities), dtype=np.bool_)
    return np.asarray(probabilities[:, np.isin(labels, task.positive)].sum(axis=1) >= trust.operating_point)
