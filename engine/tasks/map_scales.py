"""The fixed colour scale of each explanation method for one model, measured on validation cases.

Scaling each map by its own maximum would paint noise as hot as a lesion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from engine.explain.removal import Players
from engine.explain.source_map import players_of
from engine.explain.token_maps import token_maps
from engine.models.output import ModelInput, TokenNetwork, combine
from engine.preprocess.course import CourseGeometry
from engine.preprocess.question import QuestionGeometry
from engine.preprocess.text import TokenOffsets
from engine.results import Method

CASES = 24  # validation cases on which the scales are measured
REMOVAL_CASES = 4  # of them, for methods that ask hundreds of questions about each
TOP = 0.99  # share of the tokens that the scale holds


def scales_on(
    network: nn.Module,
    cases: Iterable[tuple[ModelInput, TokenOffsets | CourseGeometry | QuestionGeometry | None]],
    methods: Sequence[Method] | None = None,
) -> dict[str, float]:
    """Measure the upper end of each method's colour scale, for the label that the model prefers.

    Parameters
    ----------
    cases : iterable of (ModelInput, TokenOffsets or CourseGeometry or None)
        The windows of one case each, on the network's device, with the way back of a note or a course.
    methods : sequence of Method or None
        None takes all that the network can answer.

    Returns
    -------
    dict of str to float
        By method, the 99th percentile of the absolute values, in multiples of an average patch or word.
    """
    if methods is None:
        learned = getattr(network, "explainer", None) is not None
        methods = [method for method in Method if learned or not method.learned]
    values: dict[Method, list[NDArray[np.float32]]] = {method: [] for method in methods}
    explained = cast(TokenNetwork, network)
    for rank, (inputs, offsets) in enumerate(cases):
        with torch.inference_mode():
            preferred = int(combine(explained(inputs).logits).argmax())
        players = _players(inputs, offsets)
        for method in (m for m in methods if rank < REMOVAL_CASES or not m.by_removal):
            found = token_maps(explained, inputs, method, label=preferred, one_case=True, players=players)  # (W, T)
            values[method].append(_seen(found.cpu().numpy(), inputs, offsets))
    return {str(method): round(float(np.quantile(np.concatenate(v), TOP)), 4) for method, v in values.items() if v}


def _players(inputs: ModelInput, offsets: TokenOffsets | CourseGeometry | QuestionGeometry | None) -> Players:
    return Players.of_patches(inputs.presence) if offsets is None else players_of(offsets, inputs.presence)


def _seen(
    found: NDArray[np.float32], inputs: ModelInput, offsets: TokenOffsets | CourseGeometry | QuestionGeometry | None
) -> NDArray[np.float32]:
    """Absolute values of a map ``(W, T)`` as the reader sees them: of present patches, of words or of observations."""
    if isinstance(offsets, CourseGeometry):
        observed = offsets.to_observed(found[0])  # (N,)
        return np.asarray(np.abs(observed[np.isfinite(observed)]))
    if offsets is None or isinstance(offsets, QuestionGeometry):
        return np.asarray(np.abs(found[inputs.presence.cpu().numpy()]))
    return np.abs(np.array([span.relevance for span in offsets.to_spans(found)], np.float32))
