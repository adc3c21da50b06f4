"""How far the maps of one case, and of one model, can be believed: the public way to what `engine.explain` measures.

Nothing here keeps a case. Only the sanity check, which is about the model and our own samples, is kept on disk.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from itertools import islice
from typing import TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case, Note
from engine.errors import CaseError
from engine.explain.agreement import rank_correlations
from engine.explain.faithfulness import Ask, RemovalEvidence, measure
from engine.explain.places import parts_of
from engine.explain.removal import Players, answers
from engine.explain.sanity import follow_randomisation
from engine.explain.sensitivity import max_sensitivity
from engine.explain.source_map import players_of
from engine.literature.reading import read_literature
from engine.measured import Agreement, Faithfulness, MethodSanity, Sanity
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision, precision_of_many
from engine.models.output import ModelInput, TokenNetwork, combine
from engine.models.room import with_room
from engine.pipeline import explain_case, forward, label_rank, prepare_case
from engine.preprocess.image import ImageGeometry
from engine.preprocess.prepared import Prepared
from engine.results import Explanation, Method
from engine.samples import sample_case, sample_index, sample_library
from engine.tasks import KNOWN_TASKS
from engine.tasks.task import Source
from engine.trust.calibration import calibrate
from engine.user_cache import keep, recall
from engine.words import mark, tr

Progress: TypeAlias = Callable[[float], None]

SANITY_CASES = 4

_UNITS = {
    Source.IMAGE: mark("patch"),
    Source.NOTE: mark("word"),
    Source.COURSE: mark("observation"),
    Source.SEQUENCE: mark("base"),
    Source.QUESTION: mark("part"),
    Source.FILM_AND_NOTE: mark("part"),
}
_BASELINES = {
    "patch": mark("A removed patch is absent, as the model was trained with: nothing is painted in its place."),
    "observation": mark(
        "A removed observation is absent, as the model was trained with: no other value takes its place."
    ),
    "word": mark("A removed word is absent, as the model was trained with: nothing is written in its place."),
    "part": mark("A removed patch or word is absent, as the model was trained with: nothing takes its place."),
    "base": mark("A removed base is absent, as the model was trained with: no other takes its place, none moves up."),
}


@with_room
def measure_faithfulness(
    case: Case,
    model: LoadedModel,
    explanation: Explanation,
    *,
    label: str | None = None,
    image_index: int = 0,
    frame: int = 0,
    progress: Progress | None = None,
) -> Faithfulness:
    """Remove what a map marks and see whether the answer goes with it, against random maps and blobs in the middle.

    Parameters
    ----------
    explanation : Explanation
        The map as the reader sees it, of this case and this frame.
    label : str or None
        None takes the map's own, or the most probable one where the method does not depend on the label.
    progress : callable or None
        Called with the share done, in [0, 1], some times a second; what it raises ends the measurement.

    Raises
    ------
    UnknownLabel
        The model has no such label.
    """
    began = time.perf_counter()
    prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    label = label or explanation.label or _preferred(model, prepared)
    rather_than = explanation.rather_than if label == explanation.label else None
    players = players_of(prepared.geometry, prepared.inputs.presence)
    found = measure(
        _asker(model, prepared.inputs, players, label, rather_than),
        parts_of(prepared.geometry).relevance(explanation),
        players.places.cpu().numpy(),
        progress=progress,
    )
    unit = _UNITS[KNOWN_TASKS[model.task].source]
    return Faithfulness(
        method=explanation.method,
        label=label,
        rather_than=rather_than,
        baseline=_BASELINES[unit],
        unit=unit,
        model_digest=model.digest,
        seconds=time.perf_counter() - began,
        **{field.name: getattr(found, field.name) for field in fields(RemovalEvidence)},
    )


@with_room
def measure_sensitivity(
    case: Case, model: LoadedModel, explanation: Explanation, *, image_index: int = 0, frame: int = 0
) -> float:
    """Measure how much a map of an image changes under noise that hardly changes the image.

    Returns
    -------
    float
        Largest change of the map in some draws as a share of the map, at least 0 (Yeh et al., NeurIPS 2019).

    Raises
    ------
    CaseError
        The model reads the note.
    """
    prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    if not isinstance(prepared.geometry, ImageGeometry):
        raise CaseError(tr("Words and bases cannot be changed a little."), tr("Ask for the map of an image."))
    label, other = explanation.label, explanation.rather_than
    with precision(model.device):
        return max_sensitivity(
            cast(TokenNetwork, model.network),
            prepared.inputs,
            explanation.method,
            label=label_rank(model, label) if label is not None else 0,
            rather_than=label_rank(model, other) if other is not None else None,
            layer=explanation.layer,
            head=explanation.head,
        )


@with_room
def measure_agreement(
    case: Case,
    model: LoadedModel,
    methods: Sequence[Method] | None = None,
    *,
    label: str | None = None,
    image_index: int = 0,
    frame: int = 0,
    progress: Progress | None = None,
) -> Agreement:
    """Compare the maps of several methods on one case by Spearman's rank correlation.

    Parameters
    ----------
    methods : sequence of Method or None
        None takes all that need no removals.
    label : str or None
        None takes the most probable one.
    progress : callable or None
        As for `measure_faithfulness`.
    """
    prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    label = label or _preferred(model, prepared)
    chosen = _cheap_methods(model) if methods is None else tuple(methods)
    parts = parts_of(prepared.geometry)
    maps = []
    for rank, method in enumerate(chosen):
        explanation = explain_case(case, model, method=method, label=label, image_index=image_index, frame=frame)
        maps.append(parts.relevance(explanation))  # (U,)
        if progress is not None:
            progress((rank + 1) / len(chosen))
    correlations = rank_correlations(np.stack(maps))  # (M, M)
    return Agreement(label, chosen, tuple(tuple(row) for row in correlations.round(4).tolist()))


@with_room
def check_sanity(model: LoadedModel, *, progress: Progress | None = None) -> Sanity:
    """Randomise a model's weights from the head down and see whether each method's map follows.

    Measured on our sample cases once for the model's files; later calls read it from the user's cache folder.

    Parameters
    ----------
    progress : callable or None
        As for `measure_faithfulness`.

    Raises
    ------
    CaseError
        There is no sample case that the model reads.
    """
    known = known_sanity(model)
    if known is not None:
        return known
    inputs = [prepare_case(case, model).inputs for case in islice(_samples_for(model), SANITY_CASES)]
    if not inputs:
        raise CaseError(tr("There is no sample case for this model."), tr("Install the samples: make samples."))
    with precision(model.device):
        stages, methods = follow_randomisation(model.network, inputs, _cheap_methods(model), progress=progress)
    found = Sanity(model.digest, len(inputs), stages, methods)
    keep(_sanity_name(model), asdict(found))
    return found


def known_sanity(model: LoadedModel) -> Sanity | None:
    """Return what `check_sanity` found for these weights on this computer, or None where it has not run."""
    kept = recall(_sanity_name(model))
    try:
        methods = tuple(
            MethodSanity(Method(row["method"]), tuple(row["correlations"]), row["left"], row["passed"], row["sentence"])
            for row in kept["methods"]
        )
        found = Sanity(kept["model_digest"], kept["cases"], tuple(kept["stages"]), methods)
    except (TypeError, KeyError, ValueError):
        return None
    return found if {row.method for row in methods} == set(_cheap_methods(model)) else None


def _asker(model: LoadedModel, inputs: ModelInput, players: Players, label: str, rather_than: str | None) -> Ask:
    """Ask a model for the probability of a label where some parts of a case are absent; among two labels if told so."""
    rank = label_rank(model, label)
    other = label_rank(model, rather_than) if rather_than is not None else None

    half = precision_of_many(model.network, model.device)

    def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        presence = players.presence(torch.from_numpy(kept).to(model.device), inputs.presence)  # (M, W, T)
        with half:
            by_window = answers(cast(TokenNetwork, model.network), inputs, presence)  # (M, W, L)
        logits = combine(by_window.transpose(0, 1).float()).cpu()  # (M, L)
        found = calibrate(logits, model.card.trust, multi_label=KNOWN_TASKS[model.task].multi_label)  # (M, L)
        return np.asarray(found[:, rank] if other is None else found[:, rank] / (found[:, rank] + found[:, other]))

    return ask


def _preferred(model: LoadedModel, prepared: Prepared) -> str:
    return model.labels[int(forward(model, prepared)[1].argmax())]


def _cheap_methods(model: LoadedModel) -> tuple[Method, ...]:
    """Methods that ask for few passes and whose colour scale the model's card knows."""
    return tuple(method for method in Method if not method.by_removal and method in model.card.map_scales)


def _samples_for(model: LoadedModel) -> Iterator[Case]:
    """Yield the sample cases that were made for a model: it reads them and their truth is one of its labels.

    A model that is asked by a reader has none: it gets abstracts of the sample library.
    """
    task = KNOWN_TASKS[model.task]
    if task.asked:
        for abstract in read_literature(*sample_library()).abstracts:
            yield Case(abstract.identifier, abstract.title, note=Note(abstract.words, ""), synthetic=True)
        return
    for entry in sample_index():
        if set(entry.labels) & set(model.labels):
            case = sample_case(entry.case_id)
            if task.accepts(case):
                yield case


def _sanity_name(model: LoadedModel) -> str:
    """Name all files of the model, a learned explainer's too: maps depend on each of them."""
    files = json.dumps(dict(sorted(model.card.files.items())))
    return f"sanity-{hashlib.sha256(files.encode()).hexdigest()}"
