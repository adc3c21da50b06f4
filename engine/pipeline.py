"""The one path of a case through the rooms: tokens, model, trust, map on the source.

Nothing here keeps a case: models are shared by all sessions, patient data belongs to the caller.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import cast

import torch
from torch import Tensor

from engine.case import Case
from engine.drafts import Draft
from engine.errors import CheckpointError, NoSuitableTask, UnknownLabel
from engine.explain.heads import Heads, heads_of
from engine.explain.lesion import draw_lesion
from engine.explain.source_map import on_source, players_of
from engine.explain.token_maps import token_maps
from engine.models.card import Card, read_card
from engine.models.checkpoint import LoadedModel, shared_model
from engine.models.course import CourseTransformer
from engine.models.device import precision
from engine.models.lesion import LesionTransformer
from engine.models.output import ModelInput, ModelOutput, TokenNetwork, answer_in_turns, combine
from engine.models.room import with_room
from engine.preprocess.course import CourseGeometry
from engine.preprocess.image import ImageGeometry
from engine.preprocess.prepared import Prepared
from engine.results import (
    DEFAULT_METHOD,
    Analysis,
    Cautions,
    Domain,
    Explanation,
    Finding,
    Lesion,
    Method,
    Trajectory,
)
from engine.tasks import KNOWN_TASKS, TASKS
from engine.tasks.task import Source, Task
from engine.trust.calibration import calibrate
from engine.trust.conformal import calls
from engine.trust.domain import judge
from engine.words import tr

WEIGHTS = Path(__file__).parent / "weights"


def suitable_tasks(case: Case) -> tuple[Task, ...]:
    """Tasks whose model answers for this kind of case unasked, most specific first; empty where there is none."""
    found = [task for task in TASKS.values() if task.accepts(case) and not task.asked]
    return tuple(sorted(found, key=lambda task: task.source is not Source.FILM_AND_NOTE))


def fitting_tasks(case: Case, ask: Callable[[Task], Analysis] | None = None) -> tuple[Task, ...]:
    """Suitable tasks, without those whose model was not made for a picture that another model was made for.

    A file that does not say what it shows is accepted by every model of pictures: the domain gate decides among them.
    Where none was made for the picture all stay, and say so.

    Parameters
    ----------
    ask : callable, optional
        Task -> its model's answer to the case; None asks the shipped models about its first image.
    """
    tasks = suitable_tasks(case)
    pictured = [task for task in tasks if task.source is Source.IMAGE]
    if len(pictured) < 2:
        return tasks
    ask = ask or (lambda task: analyse(case, task=task.name))
    inside = [task for task in pictured if ask(task).domain.inside]
    return tuple(task for task in tasks if not inside or task.source is not Source.IMAGE or task in inside)


def shipped_model(task_name: str) -> LoadedModel:
    """The checkpoint that comes with the package: loaded and verified once per process, shared by all threads.

    Raises
    ------
    CheckpointMissing, CheckpointTampered
        If the folder is not what its card vouches for.
    """
    return shared_model(WEIGHTS / task_name)


@cache
def shipped_card(task_name: str) -> Card:
    """The card of a shipped checkpoint, without loading its weights."""
    return read_card(WEIGHTS / task_name)


def analyse(
    case: Case, model: LoadedModel | None = None, *, task: str | None = None, image_index: int = 0, frame: int = 0
) -> Analysis:
    """See one case by one model.

    Parameters
    ----------
    case : Case
        The case; one frame of one of its images is read, or its note.
    model : LoadedModel or None
        None takes the shipped model of `task`.
    task : str or None
        None takes the first suitable task.
    image_index, frame : int
        Which of ``case.images`` and which of its frames.

    Raises
    ------
    NoSuitableTask
        If no model answers for this kind of case.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "load"):
        model = model or shipped_model(task or _first_task(case).name)
    return _answer(case, model, seconds, image_index, frame)


@with_room
def _answer(case: Case, model: LoadedModel, seconds: dict[str, float], image_index: int, frame: int) -> Analysis:
    """See one case by a model that is there; how long each step took goes into `seconds`."""
    with _timed(seconds, "prepare"):
        narrowed = case.at(image_index, frame)
        prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    with _timed(seconds, "predict"):
        output, logits = forward(model, prepared)
    probabilities = calibrate(logits, model.card.trust, multi_label=KNOWN_TASKS[model.task].multi_label)  # (L,)
    said = calls(probabilities, model.card.trust)
    findings = [
        Finding(label, float(p), call) for label, p, call in zip(model.labels, probabilities, said, strict=True)
    ]
    domain = judge(narrowed, output.embedding.float().mean(dim=0).cpu().numpy(), model)
    return Analysis(
        task=model.task,
        case_id=case.case_id,
        findings=tuple(sorted(findings, key=lambda finding: -finding.probability)),
        domain=domain,
        model_digest=model.digest,
        device=model.where,
        coverage=prepared.coverage,
        flag=_flag(findings, KNOWN_TASKS[model.task], model.card),
        sure=float(probabilities.max()) >= (model.card.trust.least_sure or 0.0),
        lesion=_lesion(model, prepared, seconds),
        trajectory=_timed_trajectory(model, prepared, seconds),
        cautions=_cautions(narrowed, model, seconds),
        draft=_draft(narrowed, model, prepared, domain, seconds),
        withheld=tuple((part.start, part.end) for part in prepared.withheld),
        image_index=image_index,
        frame=frame,
        versions=MappingProxyType({name: version(name) for name in ("attending", "torch", "transformers")}),
        seconds=MappingProxyType(seconds),
    )


@with_room
def explain_case(
    case: Case,
    model: LoadedModel,
    *,
    method: Method | None = None,
    label: str | None = None,
    rather_than: str | None = None,
    layer: int | None = None,
    head: int | None = None,
    image_index: int = 0,
    frame: int = 0,
) -> Explanation:
    """Bring one answer back to the pixels or characters that it came from.

    Parameters
    ----------
    method : Method or None
        None takes the best that was measured for this model.
    label : str or None
        None takes the most probable one; ignored where the method does not depend on the label.
    rather_than : str or None
        Explain why `label` and not this one: the difference of their logits.
    layer, head : int or None
        Of `Method.ATTENTION`; None is the last layer, and the mean over heads.

    Raises
    ------
    UnknownLabel
        If the model has no such label.
    CheckpointError
        If the model's card has no colour scale for the method.
    """
    prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    inputs = prepared.inputs.to(model.device)
    method = method or next(iter(model.card.methods), DEFAULT_METHOD)
    if not method.by_label:
        label = rather_than = None
    elif label is None:
        label = model.labels[int(forward(model, prepared)[1].argmax())]
    if not method.by_head:
        layer = head = None
    with precision(model.device):
        relevance = token_maps(
            cast(TokenNetwork, model.network),
            inputs,
            method,
            label=label_rank(model, label) if label is not None else 0,
            rather_than=label_rank(model, rather_than) if rather_than is not None else None,
            layer=layer,
            head=head,
            one_case=True,
            players=players_of(prepared.geometry, inputs.presence),
        )  # (W, T)
    scale = _map_scale(model.card, method)
    found = on_source(relevance.cpu().numpy(), prepared.geometry)
    return Explanation(method, label, scale, found.pixels, found.spans, found.observed, head, layer, rather_than)


@with_room
def attention_heads(case: Case, model: LoadedModel, *, window: int = 0, image_index: int = 0, frame: int = 0) -> Heads:
    """Take the attention of every layer and head from one window of a case; other windows are not computed.

    Raises
    ------
    IndexError
        If the case has no such window.
    """
    prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    with precision(model.device):
        return heads_of(model.network, prepared, window)


def prepare_case(case: Case, model: LoadedModel, *, image_index: int = 0, frame: int = 0) -> Prepared:
    """Make what a model reads of a case into tokens, with the way back to the source.

    Raises
    ------
    NoSuitableTask
        The model reads images and the case has none, or notes likewise.
    """
    narrowed = case.at(image_index, frame)
    return _task_of(model, narrowed).prepare(narrowed, model)


def label_rank(model: LoadedModel, label: str) -> int:
    """Find the logit of a label.

    Raises
    ------
    UnknownLabel
        The model has no such label.
    """
    if label not in model.labels:
        raise UnknownLabel(
            tr("The model has no label {label!r}.", label=label),
            tr("Choose one of: {labels}.", labels=", ".join(model.labels)),
        )
    return model.labels.index(label)


def forward(model: LoadedModel, prepared: Prepared) -> tuple[ModelOutput, Tensor]:
    """Answer for the windows of one case: the output for each, and the case's logits ``(L,)`` float32 on the CPU."""
    with torch.inference_mode(), precision(model.device):
        gathers = model.device.type == "cuda"
        network: Callable[[ModelInput], ModelOutput] = model.gathered if gathers else model.network
        output = answer_in_turns(network, prepared.inputs.to(model.device))
        return output, combine(output.logits).float().cpu()  # (L,)


def _first_task(case: Case) -> Task:
    found = suitable_tasks(case)
    if not found:
        raise NoSuitableTask(
            tr("No model here answers for this kind of case."),
            tr("The case can still be viewed; see the Models page for what can be read."),
        )
    return found[0]


def _task_of(model: LoadedModel, case: Case) -> Task:
    task = KNOWN_TASKS[model.task]
    there = {
        Source.IMAGE: bool(case.images),
        Source.NOTE: case.note is not None,
        Source.COURSE: case.course is not None,
        Source.SEQUENCE: case.sequence is not None,
        Source.QUESTION: bool(case.images and case.question),
        Source.FILM_AND_NOTE: bool(case.images and case.note),
    }
    if not there[task.source]:
        raise NoSuitableTask(
            tr("The task {name} reads the {source}, and the case has none.", name=task.name, source=tr(task.source)),
            tr("Choose another task."),
        )
    return task


def _flag(findings: list[Finding], task: Task, card: Card) -> bool | None:
    """Whether the positive labels together reach the locked operating point; None where the task has none."""
    if not task.positive or card.trust.operating_point is None:
        return None
    return sum(f.probability for f in findings if f.label in task.positive) >= card.trust.operating_point


def _lesion(model: LoadedModel, prepared: Prepared, seconds: dict[str, float]) -> Lesion | None:
    """What the model draws around; None where it is of a family that draws nothing."""
    if not isinstance(model.network, LesionTransformer) or not isinstance(prepared.geometry, ImageGeometry):
        return None
    with _timed(seconds, "draw"), precision(model.device):
        return draw_lesion(model.network, prepared.inputs.to(model.device), prepared.geometry)


def _timed_trajectory(model: LoadedModel, prepared: Prepared, seconds: dict[str, float]) -> Trajectory | None:
    """The risk at every hour until the course is read; None where the model reads no course."""
    if not isinstance(model.network, CourseTransformer):
        return None
    with _timed(seconds, "trajectory"):
        return trajectory_of(model, prepared)


def trajectory_of(model: LoadedModel, prepared: Prepared) -> Trajectory | None:
    """Tell the risk at every hour until a course is read, from what is present; None where the model reads no course.

    Parameters
    ----------
    prepared : Prepared
        The course, one row of tokens of which some may be absent.
    """
    if not isinstance(model.network, CourseTransformer) or not isinstance(prepared.geometry, CourseGeometry):
        return None
    hours = tuple(range(1, prepared.geometry.reading + 1))
    with torch.inference_mode(), precision(model.device):
        votes = model.network.trajectory(prepared.inputs.to(model.device), hours).float().cpu()  # (H, M)
    answers = torch.cat([votes.mean(dim=1, keepdim=True), votes], dim=1)[..., None]  # (H, 1 + M, 1)
    said = calibrate(answers, model.card.trust, multi_label=True)[..., 0]  # (H, 1 + M)
    answer, low, high = said[:, 0], said[:, 1:].min(axis=1), said[:, 1:].max(axis=1)  # (H,) each
    return Trajectory(model.labels[0], hours, tuple(answer.tolist()), tuple(low.tolist()), tuple(high.tolist()))


def _cautions(case: Case, model: LoadedModel, seconds: dict[str, float]) -> Cautions | None:
    """What the case states that speaks against labels of the model; None where the task has no such thing."""
    look = KNOWN_TASKS[model.task].cautions
    if look is None:
        return None
    with _timed(seconds, "cautions"):
        return look(case)


def _draft(
    case: Case, model: LoadedModel, prepared: Prepared, domain: Domain, seconds: dict[str, float]
) -> Draft | None:
    """What the model writes of the case; None where it writes nothing, or was not made for such a case."""
    write = KNOWN_TASKS[model.task].draft
    if write is None or not domain.inside:
        return None
    with _timed(seconds, "draft"):
        return write(case, model, prepared)


def _map_scale(card: Card, method: Method) -> float:
    """The fixed upper end of a method's colour scale: never the map's own maximum."""
    if method not in card.map_scales:
        raise CheckpointError(
            tr("The model's card has no scale for {method}.", method=method.full_name),
            tr("Choose another method."),
        )
    return card.map_scales[method]


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - start
