"""The measured half of a visual-question card: trust parameters and figures from questions that were not taught.

Every figure stands beside that of the same network without the image, and of a linear model that reads the question
alone: a model that ignores the image must be caught.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from engine.evaluation.exact_match import MOVED, Answered, difference, question_metrics
from engine.evaluation.metrics import Interval, bootstrap_weights, share_of
from engine.evaluation.report import reliability, to_metric
from engine.models.card import Card, DataFacts, Metric, Report, Subgroup, TrustParameters
from engine.models.fusion import FusionTransformer
from engine.models.output import ModelInput
from engine.preprocess.question import QuestionGeometry, prepare_question
from engine.results import Method
from engine.tasks.assessment import training_facts
from engine.tasks.image_fit import read_image
from engine.tasks.map_scales import scales_on
from engine.tasks.question_data import YES_NO
from engine.tasks.task import Example
from engine.training.split import folds_by_group
from engine.trust.calibration import calibrate, fit_temperature
from engine.trust.conformal import fit_conformal

NAME = "visual-question"
TITLE = "Questions about a radiology image"
COVERAGE = 0.9
PROMISED = 0.6  # share of right answers that is aimed at among those given
LEAST = 1 / 3  # what is wrong twice in three times is no answer, whatever share is right above it
LINEAR = "TF-IDF and logistic regression on the question alone"
MAP_CASES = 12

Floats = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]

SUMMARY = (
    "Answers a question about one radiology image from a list of {answers} answers. An image encoder (convolutional "
    "stem and four Transformer layers) and the two lower layers of all-MiniLM-L6-v2 (Apache-2.0, vocabulary cut to "
    "{pieces} pieces), both unchanged in this training, feed two layers in which every word attends to the words "
    "and, through a learned gate, to the patches."
)
INTENDED_USE = "Research and education; not a medical device. For studying what an answer takes from image and words."
LIMITS = (
    "It chooses from the answers that it was taught; {covered:.0%} of the open answers to held-out questions are among "
    "them, so that it can never be right on the others.",
    "Most answers are carried by the question: see what seeing the image adds. An answer that would be the same "
    "without the image says nothing about this patient.",
    "The real questions are on 285 images of teaching cases: chest radiographs, CT and MR of head and abdomen.",
    "Of breast ultrasound and of children's chest films it knows only questions that were generated from labels.",
    "It reads one image, and no comparison, history or report.",
    "Paraphrases of one question were kept on one side; images recur on both, except in the figures on unseen images.",
    "Calibration and the limit for 'cannot tell' hold for questions like these, and for no others.",
)


@dataclass(frozen=True, eq=False)
class Trial:
    """What networks answered to N questions that they were not taught.

    Parameters
    ----------
    whole, blind, other : numpy.ndarray
        ``(N, L)`` logits: with the image, without it, and with an image of another part of the body.
    linear : numpy.ndarray
        ``(N,)`` rank of the answer of a linear model that reads the question alone.
    """

    examples: tuple[Example, ...]
    whole: Floats
    blind: Floats
    other: Floats
    linear: NDArray[np.int64]

    @classmethod
    def of(cls, trials: Sequence[Trial]) -> Trial:
        """Several trials as one."""
        rows = [(trial.whole, trial.blind, trial.other, trial.linear) for trial in trials]
        whole, blind, other, linear = (np.concatenate(part) for part in zip(*rows, strict=True))
        return cls(tuple(example for trial in trials for example in trial.examples), whole, blind, other, linear)


def linear_answers(learned: Sequence[Example], held: Sequence[Example], answers: Sequence[str]) -> NDArray[np.int64]:
    """Rank ``(N,)`` of the answer of TF-IDF and logistic regression on the question alone."""
    vectors = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    known = vectors.fit_transform([example.text or "" for example in learned])
    fitted = LogisticRegression(C=10.0, max_iter=300).fit(known, [answers.index(one.truth[0]) for one in learned])
    return np.asarray(fitted.predict(vectors.transform([example.text or "" for example in held])), dtype=np.int64)


def fit_trust(logits: Floats, truth: NDArray[np.int64]) -> TrustParameters:
    """Fit temperature, conformal limits and the least probability of an answer that is given.

    Parameters
    ----------
    logits : numpy.ndarray
        ``(N, L)``.
    truth : numpy.ndarray
        ``(N,)`` rank of the true answer; below 0 where it is none of the list's.
    """
    known = truth >= 0  # (N,)
    trust = TrustParameters(temperatures=(fit_temperature(logits[known], truth[known]),), coverage=COVERAGE)
    probability = calibrate(logits, trust, multi_label=False)  # (N, L)
    hits = truth[:, None] == np.arange(logits.shape[1])  # (N, L)
    (low,), (high,) = fit_conformal(probability.reshape(-1, 1), hits.reshape(-1, 1), coverage=COVERAGE)
    return replace(
        trust,
        rule_out=(low,) * logits.shape[1],
        rule_in=(high,) * logits.shape[1],
        least_sure=least_sure(probability.max(axis=1), probability.argmax(axis=1) == truth),
    )


def least_sure(probability: Floats, right: Flags, promised: float = PROMISED) -> float:
    """Smallest probability from which on the promised share of first answers is right; ``(N,)`` each.

    Where no such limit leaves a tenth of the questions answered, the limit of the surest tenth; never below `LEAST`.
    """
    order = np.argsort(-probability, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(right) + 1)  # (N,) right among the surest
    enough = np.flatnonzero(shares >= promised)
    last = max(int(enough[-1]) if len(enough) else 0, len(right) // 10 - 1, 0)
    return max(LEAST, float(probability[order[last]]))


def make_card(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    answers: tuple[str, ...],
    trials: Mapping[str, Trial],
    settings: Any,
    further: int,
    *,
    seed: int,
    run: Path,
) -> Card:
    """Write the card of a network that was taught all questions, from what its siblings answered unprepared.

    Parameters
    ----------
    trials : mapping of str to Trial
        By the ending of their figures' names; the one without an ending is what trust is fitted on.
    settings : dataclass
        With what it was trained.
    further : int
        Number of pictures of other sets.
    """
    metrics: dict[str, Metric] = {}
    for ending, trial in trials.items():
        judged = judge(trial, answers, trials[""], seed)
        metrics |= {f"{name}{ending}": metric for name, metric in figures(trial, judged, answers, seed).items()}
    own = trials[""]
    truth = ranks_of(own.examples, answers)  # (N,)
    history = training_facts(settings, seed, run, "tokenizers")
    return Card(
        task=NAME,
        title=TITLE,
        labels=answers,
        summary=SUMMARY.format(answers=len(answers), pieces=network.config.vocabulary),
        intended_use=INTENDED_USE,
        limits=(
            what_the_image_adds(metrics),
            *(limit.format(covered=metrics["open_answers_covered"].value) for limit in LIMITS),
        ),
        data=DataFacts(
            "VQA-RAD, with Kermany chest radiographs and BUSI breast ultrasound for generated questions",
            "CC0; CC BY 4.0 both others",
            len(own.examples),
            f"Clinicians' questions on images of MedPix teaching cases; {further} further labelled pictures.",
            f"{len(own.examples)} questions answered by networks that were taught others, two thirds each, paraphrases "
            "together; figures on unseen images, where there are any, are of a network taught without them. The "
            "network that ships was taught all questions.",
        ),
        metrics=metrics,
        trust=fit_trust(own.whole, truth),
        map_scales=map_scales(network, tokenizer, own),
        training=history,
        report=_report(judge(own, answers, own, seed), seed),
    )


def what_the_image_adds(metrics: Mapping[str, Metric]) -> str:
    """Say in one sentence what seeing the image is worth, and how a model fares that reads the question alone."""
    own, gain, linear = metrics["exact_match"], metrics["image_gain"], metrics["exact_match_of_linear"]
    sure = gain.low is not None and gain.low > 0
    verdict = "Seeing the image helps" if sure else "It is not shown that seeing the image helps"
    low, high = ("?" if end is None else f"{end:+.3f}" for end in (gain.low, gain.high))
    return (
        f"{verdict}: on {own.n} held-out questions {own.value:.3f} of its first answers are right, "
        f"and {gain.value:+.3f} ({low} to {high}) more than without the image; {LINEAR} is right on {linear.value:.3f}."
    )


def judge(trial: Trial, answers: Sequence[str], fitted: Trial, seed: int) -> Answered:
    """First answers as they are given: of each half by what the other half taught, of other trials by all of it."""
    probability = np.empty(trial.whole.shape)  # (N, L)
    given = np.zeros(len(trial.examples), np.bool_)  # (N,)
    for trust, rows in _parts(trial, answers, fitted, seed):
        probability[rows] = calibrate(trial.whole[rows], trust, multi_label=False)
        given[rows] = probability[rows].max(axis=1) >= (trust.least_sure or 0.0)
    said, blind = (tuple(answers[rank] for rank in logits.argmax(axis=1)) for logits in (trial.whole, trial.blind))
    return Answered(trial.examples, said, probability.max(axis=1), given, blind)


@dataclass(frozen=True)
class _Row:
    rank: int
    group: str


def _parts(
    trial: Trial, answers: Sequence[str], fitted: Trial, seed: int
) -> list[tuple[TrustParameters, NDArray[np.int64]]]:
    truth = ranks_of(fitted.examples, answers)  # (N,)
    if trial is not fitted:
        return [(fit_trust(fitted.whole, truth), np.arange(len(trial.examples)))]
    rows = [_Row(rank, example.group) for rank, example in enumerate(trial.examples)]
    parts = []
    for some, rest in folds_by_group(rows, folds=2, seed=seed):
        known, asked = (np.array([row.rank for row in part]) for part in (some, rest))
        parts.append((fit_trust(trial.whole[known], truth[known]), asked))
    return parts


def figures(trial: Trial, judged: Answered, answers: Sequence[str], seed: int) -> dict[str, Metric]:
    """All figures of one trial, with intervals by image."""
    weights = bootstrap_weights([str(example.path) for example in trial.examples], seed=seed)  # (1 + B, N)
    closed, right = judged.closed, judged.right  # (N,) each
    truth = ranks_of(trial.examples, answers)  # (N,)
    found: dict[str, Interval] = question_metrics(judged, weights)
    for name, ranks in (("linear", trial.linear), ("majority", _majority(closed, answers, trial.examples))):
        hit = ranks == truth
        for ending, rows in (("", None), ("_closed", closed), ("_open", ~closed)):
            found[f"exact_match_of_{name}{ending}"] = share_of(hit, weights, rows)
        found[f"gain_over_{name}"] = difference(right, hit, weights)
    moved = trial.whole.argmax(axis=1) != trial.other.argmax(axis=1)  # (N,)
    found[MOVED] = share_of(moved, weights)
    found["open_answers_covered"] = share_of(_taught(trial.examples), weights, ~closed)
    return {name: to_metric(one, len(truth)) for name, one in found.items()}


def _taught(examples: Sequence[Example]) -> Flags:
    """``(N,)``: the answer occurs with another question, on which a network can have learnt it."""
    pairs: dict[str, set[str]] = {}
    for example in examples:
        pairs.setdefault(example.truth[0], set()).add(example.traits["pair"])
    return np.array([len(pairs[example.truth[0]]) > 1 for example in examples])


def _majority(closed: Flags, answers: Sequence[str], examples: Sequence[Example]) -> NDArray[np.int64]:
    """The commonest closed and open answer, ``(N,)``."""
    truth = ranks_of(examples, answers)
    most = [int(np.bincount(truth[kind & (truth >= 0)], minlength=1).argmax()) for kind in (closed, ~closed)]
    return np.where(closed, *most)


def ranks_of(examples: Sequence[Example], answers: Sequence[str]) -> NDArray[np.int64]:
    """Rank ``(N,)`` of the true answer in the list; -1 where it is not there."""
    known = {answer: rank for rank, answer in enumerate(answers)}
    return np.array([known.get(example.truth[0], -1) for example in examples], dtype=np.int64)


def _report(judged: Answered, seed: int) -> Report:
    weights = bootstrap_weights([str(example.path) for example in judged.examples], seed=seed)  # (1 + B, N)
    parts = np.array([example.traits["part"] for example in judged.examples])
    groups = []
    for part in sorted(set(parts)):
        rows = parts == part  # (N,)
        values = {
            "exact_match": share_of(judged.right, weights, rows),
            "image_gain": difference(judged.right, judged.right_blind, weights, rows),
        }
        shown = {name: to_metric(one, len(rows)) for name, one in values.items()}
        groups.append(Subgroup("part", str(part), shown))
    return Report(
        reliability=reliability(judged.right[:, None], judged.probability[:, None], weights), subgroups=tuple(groups)
    )


def map_scales(network: FusionTransformer, tokenizer: Tokenizer, trial: Trial) -> dict[str, float]:
    """Measure the colour scale of each method, on some questions with their images."""
    chosen = [example for example in trial.examples if example.truth[0] not in YES_NO][:MAP_CASES]
    methods = [method for method in Method if not method.learned]
    return scales_on(network, (_prepared(example, network, tokenizer) for example in chosen), methods)


def _prepared(
    example: Example, network: FusionTransformer, tokenizer: Tokenizer
) -> tuple[ModelInput, QuestionGeometry]:
    config, image = network.config, read_image(cast(Path, example.path))
    inputs, geometry = prepare_question(
        image,
        example.text or "",
        tokenizer,
        size=config.image_size,
        patch=config.patch_size,
        longest=config.longest,
    )
    return inputs.to(network.head.weight.device), geometry
