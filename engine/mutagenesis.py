"""In-silico mutagenesis: what a model would say if a single base were another.

Method: Zhou & Troyanskaya, Nature Methods 12, 2015 (DeepSEA).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from engine.case import Case
from engine.errors import NoSuitableTask
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.output import ModelInput, TokenNetwork
from engine.models.room import with_room
from engine.pipeline import label_rank, prepare_case
from engine.preprocess.sequence import BASES
from engine.preprocess.text import TokenOffsets
from engine.tasks import KNOWN_TASKS
from engine.tasks.task import Source
from engine.trust.calibration import calibrate
from engine.words import tr


@dataclass(frozen=True, eq=False)
class Mutations:
    """The change of one label's probability by every single substitution in a window.

    Parameters
    ----------
    positions : numpy.ndarray
        ``(P,)`` int64: the bases of the window that are there, counted from 0 in the sequence.
    changes : numpy.ndarray
        ``(P, 4)`` float64 in [-1, 1]: with A, C, G and T in its place; 0 where that base stands there already.
    before : float
        The probability as it is.
    """

    label: str
    positions: NDArray[np.int64]
    changes: NDArray[np.float64]
    before: float


@with_room
def mutate(case: Case, model: LoadedModel, label: str, *, frame: int = 0) -> Mutations:
    """Put every base in the place of every other in the window around a site, one at a time.

    Parameters
    ----------
    frame : int
        The site, as in `Case.at`.

    Raises
    ------
    NoSuitableTask
        The model reads no sequences.
    UnknownLabel
        The model has no such label.
    """
    prepared, rank = prepare_case(case, model, frame=frame), label_rank(model, label)
    if KNOWN_TASKS[model.task].source is not Source.SEQUENCE:
        raise NoSuitableTask(tr("Only bases can be changed for one another."), tr("Ask about a sequence."))
    tokens = prepared.inputs.presence[0].nonzero()[:, 0].cpu()  # (P,)
    values = prepared.inputs.values[0].cpu()  # (T, 4)
    changed = values.repeat(len(tokens), len(BASES), 1, 1)  # (P, 4, T, 4)
    for row, token in enumerate(tokens.tolist()):
        changed[row, :, token] = torch.eye(len(BASES))
    variants = torch.cat([values[None], changed.flatten(0, 1)])  # (1 + 4 P, T, 4)
    presence = prepared.inputs.presence.cpu().expand(len(variants), -1)  # (1 + 4 P, T)
    with torch.inference_mode(), precision(model.device):
        network = cast(TokenNetwork, model.network)
        logits = network(ModelInput(variants, presence).to(model.device)).logits.float().cpu()  # (1 + 4 P, L)
    probability = calibrate(logits, model.card.trust, multi_label=False)[:, rank]  # (1 + 4 P,)
    before = float(probability[0])
    changes = np.asarray(probability[1:].reshape(-1, len(BASES)) - before, np.float64)  # (P, 4)
    offsets = cast(TokenOffsets, prepared.geometry).offsets[0, tokens.numpy(), 0]  # (P,)
    return Mutations(label, offsets, changes, before)
