"""What else may be asked before an answer is believed: whether it stands when the picture is moved, and what is alike.

The first is a handful of forward passes at once, and the second is one.
"""

from __future__ import annotations

import numpy as np
import torch

from engine.case import Case
from engine.errors import CaseError, CheckpointMissing
from engine.measured import SimilarCases, Steadiness
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.room import with_room
from engine.pipeline import forward, label_rank, prepare_case
from engine.tasks import KNOWN_TASKS
from engine.tasks.task import Source
from engine.trust.calibration import calibrate
from engine.trust.similar import nearest
from engine.trust.steadiness import moved
from engine.words import tr


@with_room
def similar_cases(
    case: Case,
    model: LoadedModel,
    *,
    image_index: int = 0,
    frame: int = 0,
    count: int = 5,
    carrying: str | None = None,
) -> SimilarCases:
    """Find the training cases that look most like this one to the model.

    Parameters
    ----------
    image_index, frame : int
        Which of ``case.images`` and which of its frames.
    count : int
        How many, at most.
    carrying : str or None
        Search only among the training cases with this label; None searches all.

    Raises
    ------
    CheckpointMissing
        The model keeps no memory of its training cases.
    UnknownLabel
        The model has no such label.
    """
    if carrying is not None:
        label_rank(model, carrying)
    if model.memory is None:
        raise CheckpointMissing(
            tr("This model keeps no memory of its training cases."), tr("Train it again to have one.")
        )
    output, _ = forward(model, prepare_case(case, model, image_index=image_index, frame=frame))
    embedding = output.embedding.float().mean(dim=0).cpu().numpy()  # (D,)
    return nearest(embedding, model.memory, model.labels, count=count, carrying=carrying)


@with_room
def steadiness(case: Case, model: LoadedModel, *, image_index: int = 0, frame: int = 0) -> Steadiness:
    """Move the picture by a few pixels, mirror it where the task allows, and see whether the answer stands.

    Parameters
    ----------
    image_index, frame : int
        Which of ``case.images`` and which of its frames.

    Raises
    ------
    CaseError
        The model reads notes.
    """
    task = KNOWN_TASKS[model.task]
    if task.source is not Source.IMAGE:
        raise CaseError(
            tr("Only a picture can be moved by a few pixels."), tr("Ask this of a model that reads images.")
        )
    prepared = prepare_case(case, model, image_index=image_index, frame=frame)
    with torch.inference_mode(), precision(model.device):
        logits = model.network(moved(prepared.inputs, mirror=task.mirror).to(model.device)).logits  # (V, L)
    probabilities = calibrate(logits.float().cpu(), model.card.trust, multi_label=task.multi_label)  # (V, L)
    top = int(probabilities[0].argmax())
    return Steadiness(
        label=model.labels[top],
        views=len(probabilities),
        agreement=float(np.mean(probabilities.argmax(axis=1) == top)),
        low=float(probabilities[:, top].min()),
        high=float(probabilities[:, top].max()),
        mirrored=task.mirror,
    )
