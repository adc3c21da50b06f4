"""The measured half of the card of `film-and-note`: what makes its answers believable, and what either part adds.

Figures are of films of patients that neither the image encoder nor the fusion was taught on, cross-fitted on halves as
for `engine.tasks.image_card`. Since the notes are generated, what each is worth is known: Bayes' rule, applied to the
chest model's calibrated probabilities and to the exact likelihood of the note, is the best that anybody could do who
sees no more of the film than that model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from engine.evaluation.metrics import Interval, accuracy, auroc, expected_calibration_error, interval, macro
from engine.evaluation.report import to_metric
from engine.models.card import Card, DataFacts, Metric
from engine.models.fusion import FusionTransformer
from engine.models.output import ModelInput
from engine.preprocess.question import QuestionGeometry, prepare_film_and_note
from engine.results import Method
from engine.tasks.assessment import training_facts
from engine.tasks.chest_xray import LABELS
from engine.tasks.image_fit import read_image
from engine.tasks.map_scales import scales_on
from engine.tasks.one_label import Halves, Labelled, figures, fit_trust, halves_of, judge, report
from engine.tasks.task import Example
from engine.training.chest_notes import ChildNote, posterior

NAME = "film-and-note"
TITLE = "Chest radiograph read with its note"
BAYES = "Bayes' rule"
MAP_CASES = 8
_ENDINGS = {"both": "", "film": " of the film alone", "note": " of the note alone", "bayes": f" of {BAYES}"}

Floats = NDArray[np.floating[Any]]

SUMMARY = (
    "Reads a small child's chest film together with the note that came with it, and gives one answer: normal, "
    "bacterial or viral pneumonia. The image encoder is that of the chest model, unchanged; the words of the note pass "
    "two small layers of their own; then two layers in which every word attends to the words and, through a learned "
    "gate, to the patches. Weights are stored in half precision and computed in single."
)
INTENDED_USE = (
    "Research and education; not a medical device. A demonstration of how a model weighs an image against words."
)
LIMITS = (
    "The films are of children aged 1 to 5 from one hospital; a note that states another age is called outside.",
    "How often a sign goes with which kind of film is assumed, so that no answer tells what signs are worth in "
    "patients. Signs are independent given the kind of film, which they are not in patients.",
    "Assessment and plan are withheld, and every sentence that names pneumonia or how it looks on a film: the answer "
    "is to come from the signs and not from their writer.",
    "It reads a note's first 510 word pieces, and says how much of a longer one that is.",
    "English only. Words that generated notes do not use say little to it.",
    "It knows three answers: a child with another disease still gets one of them.",
    "Calibration and conformal coverage hold for such films with generated notes, and for no others.",
)


@dataclass(frozen=True, eq=False)
class Trial:
    """What was said of N held films, float arrays ``(N, L)`` of logits.

    Parameters
    ----------
    both : numpy.ndarray
        ``(V, N, L)``: with the note; the first of the plain films, others in other views with other notes.
    film, note : numpy.ndarray
        Without the note, and without the film.
    chest : numpy.ndarray
        By the chest model.
    notes : sequence of ChildNote
        What the plain films were read with.
    """

    examples: tuple[Example, ...]
    both: Floats
    film: Floats
    note: Floats
    chest: Floats
    notes: Sequence[ChildNote]

    @property
    def labelled(self) -> Labelled:
        """The films with their truth."""
        truth = np.array([[label in example.truth for label in LABELS] for example in self.examples])  # (N, L)
        return Labelled(self.examples, truth, LABELS, LABELS[1:])


def make_card(
    network: FusionTransformer,
    tokenizer: Tokenizer,
    trial: Trial,
    settings: Any,
    films: Card,
    taught: int,
    *,
    seed: int,
    run: Path,
) -> Card:
    """Write the card of a network from what it said of held films.

    Parameters
    ----------
    films : Card
        Of the chest model, whose domain this one shares.
    taught : int
        Number of films that the network was taught on.
    """
    held = trial.labelled
    halves, weights = halves_of(trial.both, held, seed), held.weights(seed)  # the latter (1 + B, N)
    said = probabilities(trial, halves)
    metrics = figures(judge(trial.both[0], halves, held), held, weights) | compare(said, trial, weights)
    trust = replace(
        fit_trust(trial.both, held),
        domain_limit=films.trust.domain_limit,
        likeness_limit=films.trust.likeness_limit,
        gate_limit=films.trust.gate_limit,
    )
    count = len(trial.examples)
    return Card(
        task=NAME,
        title=TITLE,
        labels=LABELS,
        summary=SUMMARY,
        intended_use=INTENDED_USE,
        limits=(in_words(metrics), *LIMITS),
        data=DataFacts(
            f"{films.data.name}, with generated notes",
            films.data.licence,
            taught + count,
            films.data.who,
            f"By patient, as the chest model: taught on {taught} films, each beside a new note in every epoch; all "
            f"figures are from {count} films of other patients, each with one generated note.",
            films.data.ages,
            films.data.parts,
            films.data.orientation,
        ),
        metrics=metrics,
        trust=trust,
        map_scales=map_scales(network, tokenizer, trial.examples),
        training=training_facts(settings, seed, run, "tokenizers"),
        report=report(judge(trial.both[0], halves, held), held, weights),
    )


def probabilities(trial: Trial, halves: Halves) -> dict[str, Floats]:
    """Calibrated probabilities ``(N, L)`` of film and note, of either alone, and by Bayes' rule.

    All by what was fitted on the other half of the patients; the chest model gets a matrix of its own, which also
    takes its training on evenly drawn labels out.
    """
    held = trial.labelled
    logits = {"both": trial.both[0], "film": trial.film, "note": trial.note}
    said = {name: judge(found, halves_for(found, halves, held), held).probability for name, found in logits.items()}
    likelihood = np.log([note.likelihood for note in trial.notes])  # (N, L)
    said["bayes"] = softmax(np.log(chest_probabilities(trial, halves)) + likelihood, axis=1)
    return said


def halves_for(logits: Floats, halves: Halves, held: Labelled) -> Halves:
    """The same halves, with a temperature for logits ``(N, L)`` of another kind."""
    ranks = [scored for _, scored in halves]
    return [(fit_trust(logits[None], held, fitted), scored) for fitted, scored in zip(ranks[::-1], ranks, strict=True)]


def chest_probabilities(trial: Trial, halves: Halves) -> Floats:
    """Probabilities ``(N, L)`` by the chest model, calibrated on the other half by logistic regression."""
    truth = trial.labelled.truth.argmax(axis=1)  # (N,)
    found = np.empty((len(truth), len(LABELS)))  # (N, L)
    ranks = [scored for _, scored in halves]
    for fitted, scored in zip(ranks[::-1], ranks, strict=True):
        model = LogisticRegression(C=100.0, max_iter=1000).fit(trial.chest[fitted], truth[fitted])
        found[scored] = model.predict_proba(trial.chest[scored])
    return found


def compare(said: Mapping[str, Floats], trial: Trial, weights: Floats) -> dict[str, Metric]:
    """Figures of each way of reading, and what one has over another, with intervals by patient."""
    truth = trial.labelled.truth  # (N, L)
    samples = {name: _samples(probability, truth, weights) for name, probability in said.items()}
    found: dict[str, Interval] = {}
    for name, ending in _ENDINGS.items():
        if ending:
            found |= {f"{figure}{ending}": interval(rows) for figure, rows in samples[name].items()}
    found["log_loss"] = interval(samples["both"]["log_loss"])
    for figure in ("accuracy", "macro_auroc", "log_loss"):
        for other, words in (
            ("film", "over the film alone"),
            ("note", "over the note alone"),
            ("bayes", f"over {BAYES}"),
        ):
            found[f"{figure}_gain {words}"] = interval(samples["both"][figure] - samples[other][figure])
    prior = truth.mean(axis=0)  # (L,)
    exact = np.array([posterior(note, prior) for note in trial.notes])  # (N, L)
    apart = np.abs(said["note"] - exact).max(axis=1)  # (N,)
    found["distance of the note's answer from the exact posterior"] = interval(weights @ apart / weights.sum(axis=1))
    return {name: to_metric(one, len(truth)) for name, one in found.items()}


def _samples(probability: Floats, truth: NDArray[np.bool_], weights: Floats) -> dict[str, Floats]:
    """Resamples ``(1 + B,)`` of the figures that are compared."""
    right = probability.argmax(axis=1) == truth.argmax(axis=1)  # (N,)
    surprise = -np.log(np.clip(probability[truth], 1e-12, None))  # (N,)
    sick = np.asarray(truth[:, 1:].any(axis=1))  # (N,)
    return {
        "accuracy": accuracy(right, weights),
        "macro_auroc": macro(auroc, truth, probability, weights),
        "auroc": auroc(sick, probability[:, 1:].sum(axis=1), weights),
        "ece": expected_calibration_error(right[:, None], probability.max(axis=1, keepdims=True), weights),
        "log_loss": weights @ surprise / weights.sum(axis=1),
    }


def in_words(metrics: Mapping[str, Metric]) -> str:
    """Say first that the notes are generated, then what reading both is worth."""
    own, film, note, bayes = (metrics[f"accuracy{_ENDINGS[name]}"] for name in ("both", "film", "note", "bayes"))
    gain, gap = metrics["accuracy_gain over the film alone"], metrics[f"accuracy_gain over {BAYES}"]
    return (
        "The notes are generated: these figures say nothing of real notes, and the joint answer is a demonstration of "
        f"fusion. On {own.n} films of other patients film and note together are right on {own.value:.3f}, the film "
        f"alone on {film.value:.3f}, the note alone on {note.value:.3f}: {_with_interval(gain)} for reading both "
        f"instead of the film. {BAYES}, given the chest model's calibrated probabilities and the exact worth of every "
        f"note, is right on {bayes.value:.3f}; the model's difference from it is {_with_interval(gap)}."
    )


def _with_interval(metric: Metric) -> str:
    low, high = ("?" if end is None else f"{end:+.3f}" for end in (metric.low, metric.high))
    return f"{metric.value:+.3f} ({low} to {high})"


def map_scales(network: FusionTransformer, tokenizer: Tokenizer, examples: Sequence[Example]) -> dict[str, float]:
    """Measure the colour scale of each method, on some held films with their notes."""
    chosen = examples[:: max(1, len(examples) // MAP_CASES)][:MAP_CASES]
    methods = [method for method in Method if not method.learned]
    return scales_on(network, (_prepared(example, network, tokenizer) for example in chosen), methods)


def _prepared(
    example: Example, network: FusionTransformer, tokenizer: Tokenizer
) -> tuple[ModelInput, QuestionGeometry]:
    config, image = network.config, read_image(cast(Path, example.path))
    inputs, geometry, _ = prepare_film_and_note(
        image,
        example.text or "",
        tokenizer,
        size=config.image_size,
        patch=config.patch_size,
        longest=config.longest,
    )
    return inputs.to(network.head.weight.device), geometry
