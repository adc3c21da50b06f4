"""Two labels of one note held against each other: a map of each, in one unit, so that one scale serves both."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from engine.case import Case
from engine.errors import CaseError
from engine.explain.token_maps import pair_maps
from engine.measured import TwoLabels
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.output import TokenNetwork
from engine.models.room import with_room
from engine.pipeline import label_rank, prepare_case
from engine.preprocess.text import TokenOffsets
from engine.results import Method
from engine.words import tr


@with_room
def compare_labels(case: Case, model: LoadedModel, method: Method, label: str, other: str) -> TwoLabels:
    """Map a note for two labels at once.

    Parameters
    ----------
    method : Method
        One that depends on the label and takes nothing away: not `Method.by_removal`.

    Raises
    ------
    CaseError
        The model reads no note, or the method has no map for each label in few passes.
    UnknownLabel
        The model has no such label.
    """
    prepared = prepare_case(case, model)
    if not isinstance(prepared.geometry, TokenOffsets) or case.note is None:
        raise CaseError(tr("Labels are held against each other on notes alone."), tr("Ask it of a model of notes."))
    if method.by_removal or not method.by_label:
        raise CaseError(
            tr("The method {name} does not map two labels at once.", name=method.full_name),
            tr("Choose another method."),
        )
    ranks = label_rank(model, label), label_rank(model, other)
    with precision(model.device):
        maps = pair_maps(cast(TokenNetwork, model.network), prepared.inputs.to(model.device), method, ranks)
    pair = [prepared.geometry.raw_spans(values) for values in maps.cpu().numpy()]
    average = float(np.mean([abs(span.relevance) for spans in pair for span in spans])) or 1.0
    first, second = (tuple(replace(s, relevance=s.relevance / average) for s in spans) for spans in pair)
    return TwoLabels(label, other, first, second)
