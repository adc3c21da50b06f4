"""What a choice in the making of an image classifier is worth: the same short training with one thing changed.

Every variant sees the same patients, views and steps, and answers for the same validation patients, so that its lead
over the reference is paired. Such runs are far shorter than the training of what ships, and of one seed: they compare
choices, and say nothing of how good the model is.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from engine.evaluation.metrics import auroc, bootstrap_weights, interval, macro, share_of
from engine.evaluation.report import to_metric
from engine.models.card import Ablation, read_card, write_card
from engine.models.vision import Stem
from engine.tasks.image_fit import film_reader, fit_network
from engine.tasks.task import Example
from engine.training.images import ClassifierSettings, predict
from engine.training.origin import claim_run
from engine.training.split import split_by_group
from engine.words import mark

SIDE = 96  # pixels, of the reference
AVERAGE = 0.95  # of the weights: a longer memory than a short run has would keep its beginning

logger = logging.getLogger(__name__)

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Variant:
    """A training with one thing changed.

    Parameters
    ----------
    part : str
        What is changed; empty for the reference.
    name : str
        How it is in this variant, in a few words.
    changes : mapping
        Fields of `ClassifierSettings`.
    """

    part: str
    name: str
    changes: Mapping[str, Any] = field(default_factory=dict)


def variants(epochs: int, *, start: Path | None = None) -> tuple[Variant, ...]:
    """Name the reference, then another stem, other resolutions, and other ways to begin.

    Parameters
    ----------
    epochs : int
        Of each; pretraining takes as many again.
    start : pathlib.Path or None
        Folder of another task's model to begin with.
    """
    begun = Variant(mark("start"), mark("weights of another task"), {"init": str(start)})
    return (
        Variant("", mark("convolutional stem, 96 pixels, from scratch")),
        Variant(mark("stem"), mark("one linear map a patch"), {"stem": Stem.PATCHES.value}),
        Variant(mark("resolution"), mark("64 pixels"), {"stages": f"64x{epochs}"}),
        Variant(mark("resolution"), mark("128 pixels"), {"stages": f"128x{epochs}"}),
        Variant(mark("pretraining"), mark("masked images first"), {"pretrain": epochs}),
        *((begun,) if start else ()),
    )


def ablate(
    examples: Sequence[Example],
    folder: Path,
    runs: Path,
    start: Path | None,
    *,
    labels: Sequence[str],
    positive: Sequence[str],
    held: float,
    epochs: int,
    settings: ClassifierSettings,
) -> None:
    """Train every variant, or go on with runs that were stopped, and write what came out into a model's card.

    Parameters
    ----------
    folder : pathlib.Path
        Of the model, whose split by patient is used again; its weights stay as they are.
    runs : pathlib.Path
        Receives the runs, a folder a variant.
    start : pathlib.Path or None
        Folder of another task's model, to begin with in one more variant.
    positive : sequence of str
        Labels that a yes or no looks for.
    held : float
        The share of the patients that the model was validated on.
    settings : ClassifierSettings
        Of all variants, but for what they change.
    """
    card = read_card(folder)
    seed = int(card.training["seed"])
    training, validation = split_by_group(examples, held=held, seed=seed)
    settings = replace(settings, stages=f"{SIDE}x{epochs}", average=AVERAGE)
    tried = variants(epochs, start=start)
    logits = []
    for rank, variant in enumerate(tried, start=1):
        chosen, run = replace(settings, **variant.changes), runs / f"variant-{rank}"
        claim_run(run, asdict(chosen), seed, (example.case_id for example in examples))
        network = fit_network(training, validation, chosen, run, seed, labels)
        films = film_reader(validation, labels)(chosen.sides()[-1])
        logits.append(predict(network, films).logits.numpy())  # (N, L)
        logger.info("variant %d of %d is trained", rank, len(tried))
    truth = np.array([[label in example.truth for label in labels] for example in validation])  # (N, L)
    weights = bootstrap_weights([example.group for example in validation], seed=seed)  # (1 + B, N)
    told = {"epochs": epochs, "batch_size": settings.batch_size, "images": len(training), "seed": seed}
    found = compared(tried, np.stack(logits), truth, weights, sought=np.isin(labels, positive))
    write_card(replace(card, ablations=found, training={**card.training, "ablations": told}), folder)


def compared(
    tried: Sequence[Variant],
    logits: Floats,
    truth: NDArray[np.bool_],
    weights: Floats,
    *,
    sought: NDArray[np.bool_],
) -> tuple[Ablation, ...]:
    """Set V variants beside the first of them, the reference.

    Parameters
    ----------
    logits : numpy.ndarray
        ``(V, N, L)``, of the same N cases.
    truth : numpy.ndarray
        ``(N, L)`` bool: one True a row.
    weights : numpy.ndarray
        ``(1 + B, N)`` of the bootstrap.
    sought : numpy.ndarray
        ``(L,)`` bool: the labels that a yes or no looks for.
    """
    shares = softmax(logits, axis=2)  # (V, N, L)
    areas = [macro(auroc, truth, said, weights) for said in shares]  # V of (1 + B,)
    disease = np.asarray(truth[:, sought].any(axis=1))  # (N,)
    found = []
    for variant, said, area in zip(tried, shares, areas, strict=True):
        right = np.asarray(truth[np.arange(len(truth)), said.argmax(axis=1)])  # (N,)
        figures = {"macro_auroc": interval(area), "accuracy": share_of(right, weights)}
        if sought.any():
            figures["auroc"] = interval(auroc(disease, said[:, sought].sum(axis=1), weights))
        if variant.part:
            figures["lead in macro_auroc"] = interval(area - areas[0])
        measured = {name: to_metric(figure, len(truth)) for name, figure in figures.items()}
        found.append(Ablation(variant.part, variant.name, measured))
    return tuple(found)
