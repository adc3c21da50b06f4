"""What the maps of a model are worth, measured on cases that were kept from its training, and written into its card.

Three kinds of figure: the removal gap of each map that costs a few passes, by which the first one is chosen
(`Card.methods`); whether answers stay calibrated on random parts of a case, on which that rests; and an outside check,
in which what a map marks is replaced by something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from engine.case import Case
from engine.evaluation.metrics import bootstrap_weights, mean_of
from engine.evaluation.report import to_metric
from engine.evaluation.trial import Trial
from engine.explain.source_map import players_of
from engine.explain.token_maps import ladder_maps, token_maps
from engine.models.card import Card, Metric, write_card
from engine.models.checkpoint import LoadedModel, load_model
from engine.models.device import precision_of_many
from engine.models.output import TokenNetwork
from engine.preprocess.prepared import Prepared
from engine.results import Method
from engine.tasks.outside_check import Replace, drops, outside_figures
from engine.tasks.subsets import subset_figures, subset_logits
from engine.tasks.task import Example
from engine.training.split import split_by_group

MAPPED = 24  # cases on which maps are compared
STEPS = 5  # of the removal of all parts
SHORT = 300  # words of a note whose maps are compared: each costs hundreds of passes
ASKED = 200  # cases of which random parts are asked about
GAP, DROP = "removal_gap@", "outside_drop@"

Floats = NDArray[np.floating[Any]]
Held: TypeAlias = Callable[[LoadedModel, Sequence[Example], Path], tuple[LoadedModel, Sequence[Example]]]
Replacing: TypeAlias = Callable[[LoadedModel, Sequence[Example], Prepared], Replace]
Figures: TypeAlias = Callable[[LoadedModel, Sequence[Example]], dict[str, Metric]]


@dataclass(frozen=True)
class MapGround:
    """What the maps of a task are measured on.

    Parameters
    ----------
    held : callable
        (model, the data set, model folder) -> what is asked, and the cases that were kept from its training.
    load, prepare : callable
        As of the task.
    multi_label : bool
        Whether each label has a probability of its own.
    parts : str
        What is taken away, in the names of figures on random shares of it; empty where these are measured elsewhere.
    telling : callable
        Whether the map of an example is of interest.
    replacing : callable or None
        (model, the cases, one of them prepared) -> how what its map marks is replaced; None for no outside check.
    gaps : bool
        False where the removal gaps are measured with a learned explainer.
    served : bool
        Whether the card's own calibration is tried on random parts, because no other cases are left to fit one.
    further : callable or None
        (model, data set) -> more figures.
    remark : str
        What a reader of the figures must know; it joins the card's limits.
    """

    held: Held
    load: Callable[[Example], Case]
    prepare: Callable[[Case, LoadedModel], Prepared]
    multi_label: bool
    parts: str = ""
    telling: Callable[[Example], bool] = lambda example: True
    replacing: Replacing | None = None
    gaps: bool = True
    served: bool = False
    further: Figures | None = None
    remark: str = ""


def kept_by_split(share: float) -> Held:
    """The cases that a model was validated on: a share of the groups, drawn by the seed in its card."""

    def held(model: LoadedModel, examples: Sequence[Example], folder: Path) -> tuple[LoadedModel, Sequence[Example]]:
        return model, split_by_group(examples, held=share, seed=int(model.card.training["seed"]))[1]

    return held


def all_cases(model: LoadedModel, examples: Sequence[Example], folder: Path) -> tuple[LoadedModel, Sequence[Example]]:
    """All cases, for a model that was trained on all of them: its card must say so."""
    return model, examples


def is_short(example: Example) -> bool:
    """Whether a note has at most `SHORT` words."""
    return len((example.text or "").split()) <= SHORT


def measure_maps(ground: MapGround, examples: Sequence[Example], folder: Path) -> None:
    """Measure the maps of the model of a folder, whose card receives the figures; nothing else is changed.

    Parameters
    ----------
    examples : sequence of Example
        The data set that the model was trained on.
    """
    model = load_model(folder)
    asked, held = ground.held(model, examples, folder)
    card = model.card
    prepared, groups = _mapped(ground, asked, held)
    if ground.remark and ground.remark not in card.limits:
        card = replace(card, limits=(*card.limits, ground.remark))
    if ground.gaps:
        card = _with(card, GAP, removal_gaps(asked, prepared, groups, multi_label=ground.multi_label))
        write_card(card, folder)  # what was measured is kept, should the rest be stopped
    if ground.replacing is not None:
        ways = [ground.replacing(asked, held, one) for one in prepared]
        found = outside_drops(asked, prepared, ways, groups, card.methods[0], multi_label=ground.multi_label)
        card = _with(card, DROP, found)
        write_card(card, folder)
    if ground.parts:
        card = _with(card, "", on_parts(asked, ground, _some(held, ASKED)))
    if ground.further is not None:
        card = _with(card, "", ground.further(model, examples))
    write_card(card, folder)


def gaps_of(ground: MapGround, model: LoadedModel, held: Sequence[Example]) -> dict[str, Metric]:
    """Only the removal gaps, on some of the cases that a model was validated on."""
    return removal_gaps(model, *_mapped(ground, model, held), multi_label=ground.multi_label)


def removal_gaps(
    model: LoadedModel, cases: Sequence[Prepared], groups: Sequence[str], *, multi_label: bool
) -> dict[str, Metric]:
    """Mean removal gap of each method that costs a few passes, with intervals by group.

    Parameters
    ----------
    cases : sequence of Prepared
        N of them.
    groups : sequence of str
        The patient, or the note, of each.
    """
    rows = []
    for prepared in cases:
        trial = _trial(model, prepared, multi_label)
        maps = _maps(model, trial)
        with precision_of_many(model.network, model.device):
            rows.append({method: trial.gap(found, steps=STEPS) for method, found in maps.items()})
    weights = bootstrap_weights(groups, seed=0)  # (1 + B, N)
    columns = {method: np.array([row[method] for row in rows]) for method in rows[0]}  # (N,) each
    return {f"{GAP}{method}": to_metric(mean_of(one, weights), len(rows)) for method, one in columns.items()}


def outside_drops(
    model: LoadedModel,
    cases: Sequence[Prepared],
    ways: Sequence[Replace],
    groups: Sequence[str],
    best: Method,
    *,
    multi_label: bool,
) -> dict[str, Metric]:
    """Figures of `engine.tasks.outside_check` for each method that costs a few passes; one of `ways` a case."""
    rows = []
    for prepared, way in zip(cases, ways, strict=True):
        trial = _trial(model, prepared, multi_label)
        maps = {method: trial.of_players(found).numpy() for method, found in _maps(model, trial).items()}
        with precision_of_many(model.network, model.device):
            rows.append(drops(model, trial, maps, way, multi_label=multi_label))
    return outside_figures(rows, groups, best)


def on_parts(model: LoadedModel, ground: MapGround, held: Sequence[Example]) -> dict[str, Metric]:
    """Figures of some held cases with random parts absent."""
    generator = np.random.default_rng(0)
    cases = (ground.prepare(ground.load(example), model) for example in held)
    with precision_of_many(model.network, model.device):
        logits = np.stack([subset_logits(model, prepared, generator) for prepared in cases])  # (N, 1 + S, L)
    truth = np.array([[label in example.truth for label in model.labels] for example in held])  # (N, L)
    return subset_figures(
        logits,
        truth,
        [example.group for example in held],
        parts=ground.parts,
        multi_label=ground.multi_label,
        served=model.card.trust if ground.served else None,
    )


def _mapped(ground: MapGround, model: LoadedModel, held: Sequence[Example]) -> tuple[list[Prepared], list[str]]:
    """At most `MAPPED` of the held cases whose maps are of interest, and their groups."""
    told = [example for example in _some(held, len(held)) if ground.telling(example)][:MAPPED]
    return [ground.prepare(ground.load(example), model) for example in told], [example.group for example in told]


def _trial(model: LoadedModel, prepared: Prepared, multi_label: bool) -> Trial:
    players = players_of(prepared.geometry, prepared.inputs.presence)
    network = cast(TokenNetwork, model.network)
    return Trial.of(prepared.inputs, model, network, multi_label=multi_label, players=players)


def _maps(model: LoadedModel, trial: Trial) -> Mapping[Method, Any]:
    """Maps ``(W, T)`` of all methods of the card that need no removals; Tensors."""
    network = cast(TokenNetwork, model.network)
    cheap = [method for method in Method if method in model.card.map_scales and not method.by_removal]
    passes = [method for method in cheap if not method.learned]
    found = dict(ladder_maps(network, trial.inputs, passes, label=trial.label, one_case=True))
    for method in (method for method in cheap if method.learned):
        found[method] = token_maps(network, trial.inputs, method, label=trial.label, one_case=True)
    return found


def _some(examples: Sequence[Example], count: int) -> list[Example]:
    """Draw at most `count` examples, always the same."""
    return [examples[rank] for rank in np.random.default_rng(0).permutation(len(examples))[:count]]


def _with(card: Card, prefix: str, found: Mapping[str, Metric]) -> Card:
    """A card with new figures, without the old ones of a prefix."""
    kept = {name: one for name, one in card.metrics.items() if not prefix or not name.startswith(prefix)}
    return replace(card, metrics={**kept, **found})
