"""Counterfactuals by hand: what a model would answer if parts of a case were not there.

Parts are removed by the presence mask that the models were trained with (Covert, Kim & Lee, ICLR 2023), so the question
is one that the model was trained to answer. A window that an edit does not touch is not asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import TypeAlias, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.case import Case, Place, Stretch, Substitution
from engine.explain.places import Flags, parts_of
from engine.explain.smallest import smallest_part
from engine.models.checkpoint import LoadedModel
from engine.models.device import precision
from engine.models.output import ModelInput, TokenNetwork, combine
from engine.models.pack import pack_present
from engine.models.room import with_room
from engine.pipeline import label_rank, prepare_case, trajectory_of
from engine.preprocess.sequence import BASES
from engine.results import Explanation, Trajectory
from engine.tasks import KNOWN_TASKS
from engine.trust.calibration import calibrate

_ROWS = 16  # of one forward pass: more gain nothing on a CPU
_EVEN = 0.5

_Put: TypeAlias = tuple[Substitution, ...]
_Asked: TypeAlias = tuple[int, bytes, _Put]
"""A window, the presence of its tokens, and what is put into it: what a model is asked about."""


class Aim(StrEnum):
    """What the smallest part of a case is to do: keep the answer by itself, or flip it by its absence."""

    KEEPS = "keeps"
    FLIPS = "flips"


@dataclass(frozen=True)
class Effect:
    """What one edit alone does: the probability of the label without that place, and its change, in [-1, 1]."""

    place: Place
    probability: float
    change: float


@dataclass(frozen=True)
class Effects:
    """What some edits do to one label: its probability as it was, without all the places, and each of them alone."""

    label: str
    before: float
    after: float
    alone: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Smallest:
    """The smallest part that was found, not a proof that none is smaller.

    Parameters
    ----------
    count, total : int
        Patches or words in the part, and in the whole; a count of 0 keeps the answer where it is given to nothing too.
    probability : float
        Of the label: with these places alone, or without them.
    """

    aim: Aim
    label: str
    places: tuple[Place, ...]
    count: int
    total: int
    probability: float


class WhatIf:
    """Questions to one model about one case; each is computed once.

    Parameters
    ----------
    image_index, frame : int
        Which of ``case.images`` and which of its frames.
    """

    def __init__(self, case: Case, model: LoadedModel, *, image_index: int = 0, frame: int = 0) -> None:
        prepared = with_room(prepare_case)(case, model, image_index=image_index, frame=frame)
        self._model = model
        self._prepared, self._inputs = prepared, prepared.inputs
        self._parts = parts_of(prepared.geometry)
        self._known: dict[_Asked, Tensor] = {}  # -> logits (L,)
        self._curve: tuple[bytes, Trajectory | None] | None = None  # the latest edits, and the risk without them

    def effects(self, places: Sequence[Place], label: str) -> Effects:
        """Tell what the reader's edits do to one label, together and each alone.

        Parameters
        ----------
        places : sequence of Place
            What is taken away; a `Substitution` puts another base there, and is for sequences alone.

        Raises
        ------
        UnknownLabel
            If the model has no such label.
        """
        rank = label_rank(self._model, label)
        nothing = np.zeros(self._parts.count, np.bool_)  # (U,)
        removed = [self._parts.within(place) for place in places]  # each (U,)
        together = np.any([nothing, *removed], axis=0)  # (U,)
        put = [tuple(place for place in [place] if isinstance(place, Substitution)) for place in places]
        variants, bases = [nothing, together, *removed], [(), tuple(chain(*put)), *put]
        before, after, *alone = (float(p) for p in self._without(variants, bases)[:, rank])
        each = tuple(Effect(place, p, p - before) for place, p in zip(places, alone, strict=True))
        return Effects(label, before, after, each)

    def trajectory(self, places: Sequence[Place]) -> Trajectory | None:
        """Tell the risk at every hour without the reader's edits, over the hours of the whole course.

        Returns
        -------
        Trajectory or None
            None where the model reads no course.
        """
        removed = np.any([np.zeros(self._parts.count, np.bool_), *map(self._parts.within, places)], axis=0)  # (U,)
        if self._curve is None or self._curve[0] != removed.tobytes():
            left = self._inputs.presence.cpu() & ~torch.from_numpy(self._parts.tokens(removed))  # (1, T)
            edited = replace(self._prepared, inputs=self._inputs.having(left.to(self._inputs.presence.device)))
            self._curve = removed.tobytes(), with_room(trajectory_of)(self._model, edited)
        return self._curve[1]

    def smallest(
        self, explanation: Explanation, label: str, aim: Aim, *, heartbeat: Callable[[], None] | None = None
    ) -> Smallest | None:
        """Find a small part, in the order of a map, that keeps the model's answer alone or flips it by its absence.

        Parameters
        ----------
        label : str
            The answer: the most probable label, or one more probable than not where labels do not exclude one another.
        heartbeat : callable or None
            Called before every batch; what it raises ends the search.

        Returns
        -------
        Smallest or None
            None where the model does not give that answer to the whole case, or where no part does what is asked.

        Raises
        ------
        UnknownLabel
            If the model has no such label.
        """
        rank, keeps = label_rank(self._model, label), aim is Aim.KEEPS
        nothing = np.zeros(self._parts.count, np.bool_)  # (U,)
        given, given_to_nothing = self._margins([nothing, ~nothing], rank) > 0
        if not given:
            return None

        def margins(taken: Sequence[Flags]) -> NDArray[np.float64]:
            if heartbeat:
                heartbeat()
            if keeps:
                return self._margins([~part for part in taken], rank)
            return -self._margins(taken, rank)

        needless = keeps and given_to_nothing
        part = nothing if needless else smallest_part(self._parts.relevance(explanation), margins)
        if part is None:
            return None
        probability = float(self._without([~part if keeps else part])[0, rank])
        return Smallest(aim, label, self._parts.places(part), int(part.sum()), len(part), probability)

    def _margins(self, removed: Sequence[Flags], rank: int) -> NDArray[np.float64]:
        """How far the label is the answer without some parts, ``(V,)``: above 0 it is."""
        probabilities = self._without(removed)  # (V, L)
        others = np.delete(probabilities, rank, axis=1)  # (V, L - 1)
        least = _EVEN if KNOWN_TASKS[self._model.task].multi_label else others.max(axis=1)  # () or (V,)
        return np.asarray(probabilities[:, rank] - least)

    def _without(self, removed: Sequence[Flags], put: Sequence[_Put] | None = None) -> NDArray[np.float64]:
        """Calibrated probabilities ``(V, L)`` without each of V parts, with what was put instead in each."""
        whole = self._inputs.presence.cpu()  # (W, T)
        left = [whole & ~torch.from_numpy(self._parts.tokens(part)) for part in removed]  # each (W, T)
        pairs = zip(left, put or [()] * len(left), strict=True)
        keys = [[(row, line.numpy().tobytes(), bases) for row, line in enumerate(each)] for each, bases in pairs]
        lines = dict(zip(chain(*keys), chain(*left), strict=True))
        self._ask({key: line for key, line in lines.items() if key not in self._known})
        logits = [combine(torch.stack([self._known[key] for key in windows])) for windows in keys]  # each (L,)
        trust, several = self._model.card.trust, KNOWN_TASKS[self._model.task].multi_label
        return np.asarray(calibrate(torch.stack(logits), trust, multi_label=several))

    def _ask(self, lines: dict[_Asked, Tensor]) -> None:
        """Let the model answer for windows with a presence ``(T,)`` each, those of like length together."""
        order = sorted(lines, key=lambda key: int(lines[key].sum()))
        for first in range(0, len(order), _ROWS):
            chosen = order[first : first + _ROWS]
            presence = torch.stack([lines[key] for key in chosen])  # (B, T)
            inputs = self._inputs.select(torch.tensor([row for row, *_ in chosen])).having(presence)
            logits = _logits(self._model, self._with_bases(inputs, [put for *_, put in chosen]))  # (B, L)
            self._known |= dict(zip(chosen, logits, strict=True))

    def _with_bases(self, inputs: ModelInput, put: Sequence[_Put]) -> ModelInput:
        """Put other bases into each of B rows."""
        if not any(put):
            return inputs
        values = inputs.values.clone()  # (B, T, 4)
        for row, bases in enumerate(put):
            for one in bases:
                here = self._parts.tokens(self._parts.within(Stretch(one.start, one.start + 1)))[0]  # (T,)
                values[row, torch.from_numpy(here)] = torch.eye(len(BASES)).to(values)[BASES.index(one.base)]
        return replace(inputs, values=values)


@with_room
def _logits(model: LoadedModel, inputs: ModelInput) -> Tensor:
    """Answers ``(B, L)`` for what is present, float32 on the CPU; a row of which nothing is left keeps all wiped."""
    network, given = cast(TokenNetwork, model.network), inputs.to(model.device)
    with torch.inference_mode(), precision(model.device):
        hidden, presence = network.embed(given), given.presence  # (B, T, D), (B, T)
        if bool(presence.any(dim=1).all()):
            hidden, presence = pack_present(hidden, presence)  # (B, K, D), (B, K)
        return network.encode(hidden, presence).logits.float().cpu()
