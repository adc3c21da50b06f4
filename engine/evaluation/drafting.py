"""A model that drafts, scored on a labelled folder: its drafts, and its labels where equal findings count once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from tokenizers import Tokenizer

from engine.evaluation.evaluate import Evaluation
from engine.evaluation.impressions import Impressions, distinct, draft_metrics
from engine.evaluation.metrics import bootstrap_weights, multi_label_metrics
from engine.models.checkpoint import LoadedModel
from engine.models.encoder_decoder import EncoderDecoder
from engine.tasks.report_draft import choose, withheld_for, write_impressions
from engine.tasks.task import Task

Progress = Callable[[int, int], None]
_ONCE = ("macro_auroc", "micro_f1")


def add_drafts(
    evaluation: Evaluation,
    task: Task,
    model: LoadedModel,
    *,
    progress: Progress | None = None,
    repeats: int = 1000,
    seed: int = 0,
) -> tuple[Evaluation, Impressions]:
    """Draft every case of an evaluation, and add the figures of it.

    Parameters
    ----------
    progress : callable or None
        Told (cases done, all cases) after each case.

    Returns
    -------
    tuple of Evaluation and Impressions
        With more figures; and what was written, whether a reader would see it or not.
    """
    network, tokenizer = cast(EncoderDecoder, model.network), cast(Tokenizer, model.tokenizer)
    least = model.card.trust.least_drafted or 0.0
    texts, confidence, shown = [], [], []
    for done, example in enumerate(evaluation.examples):
        case = task.load(example)
        inputs = task.prepare(case, model).inputs.to(model.device)
        first = inputs.select(torch.tensor([0], device=model.device))
        written = choose(write_impressions(network, tokenizer, first, example.text or ""))
        texts.append(written.text)
        confidence.append(written.beam.confidence)
        shown.append(len(inputs.presence) == 1 and task.accepts(case) and not withheld_for(written, least))
        if progress is not None:
            progress(done + 1, len(evaluation.examples))
    drafted = Impressions(evaluation.examples, tuple(texts), np.array(confidence), np.array(shown))
    weights = bootstrap_weights([example.group for example in evaluation.examples], repeats=repeats, seed=seed)
    metrics = evaluation.metrics | draft_metrics(drafted, weights)
    once = distinct(evaluation.examples)  # (N,)
    truth = np.array([[label in example.truth for label in model.labels] for example in evaluation.examples])  # (N, L)
    probability = evaluation.probabilities[once]  # (n, L)
    called = probability >= model.card.trust.thresholds  # (n, L)
    found = multi_label_metrics(truth[once], probability, model.labels, weights[:, once], called=called)
    metrics |= {f"{name} of distinct findings": replace(found[name], n=int(once.sum())) for name in _ONCE}
    return replace(evaluation, metrics=metrics), drafted
