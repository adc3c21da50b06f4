"""The measured half of a report model's card: its labels, its drafts, and what points from a draft to its findings.

Labels are measured as those of other notes (`engine.tasks.many_labels`). The power of the length and the least mean
probability at which a draft is shown are chosen on validation reports, the figures below which they stand are of the
same reports; everything else about drafts has nothing fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer

from engine.evaluation.impressions import Impressions, distinct, draft_metrics
from engine.evaluation.metrics import Interval, interval, mean_of, micro_f1
from engine.evaluation.report import to_metric
from engine.evaluation.rouge import Rouge, rouge
from engine.explain.alignment import align, word_scores
from engine.models.card import Metric
from engine.models.encoder_decoder import EncoderDecoder
from engine.models.output import ModelInput
from engine.preprocess.draft import spell
from engine.preprocess.text import Pieces, TokenOffsets, cut_windows
from engine.tasks.assessment import Assessment
from engine.tasks.many_labels import figures, fit_trust, judge, report
from engine.tasks.one_label import Labelled
from engine.tasks.report_draft import by_words, choose, ends_of, write_impressions
from engine.tasks.task import Example

Floats = NDArray[np.floating[Any]]
MAIN = ("macro_auroc", "micro_f1", "lrap")
LINEAR = "TF-IDF and logistic regression"
COPIED = "the nearest report's impression"
LEAST_ROUGE = 0.4  # ROUGE-L that the mean of withheld drafts stays below
REMOVED = 3  # words that are taken away to see whether an alignment is right
ALIGNED_REPORTS = 40
CONTENT = 4  # letters of a drafted word that is asked about: "no", "of" and signs rest on nothing in particular


@dataclass(frozen=True, eq=False)
class HeldReports:
    """Validation reports: as rows of the data set, as word pieces, and with their truth ``(N, L)``."""

    examples: tuple[Example, ...]
    pieces: tuple[Pieces, ...]
    truth: NDArray[np.bool_]
    labels: tuple[str, ...]

    @property
    def labelled(self) -> Labelled:
        """The same reports without their words."""
        return Labelled(self.examples, self.truth, self.labels)


def predict(network: EncoderDecoder, tokenizer: Tokenizer, held: HeldReports) -> Floats:
    """Logits ``(N, L)`` of whole reports."""
    rows = [_logits(network, _window(network, tokenizer, pieces)[0]) for pieces in held.pieces]
    return np.stack(rows)


def assess(
    network: EncoderDecoder,
    tokenizer: Tokenizer,
    training: Sequence[Example],
    held: HeldReports,
    linear: Floats,
    *,
    seed: int,
) -> Assessment:
    """Fit what trust needs on all validation reports, and measure labels, drafts and alignment."""
    logits, labelled = predict(network, tokenizer, held), held.labelled
    weights = labelled.weights(seed)  # (1 + B, N)
    judged, beside = judge(logits, labelled, seed), judge(linear, labelled, seed)
    metrics = figures(judged, labelled, weights)
    other = figures(beside, labelled, weights)
    metrics |= {f"{name} of {LINEAR}": other[name] for name in MAIN}
    once = distinct(held.examples)  # (N,)
    f1 = interval(micro_f1(held.truth[once], judged.called[once], weights[:, once]))
    metrics["micro_f1 of distinct findings"] = to_metric(f1, int(once.sum()))
    drafted = write_all(network, tokenizer, held)
    least = least_drafted(drafted)
    drafted = replace(drafted, shown=drafted.shown & (drafted.confidence >= least))
    written = draft_metrics(drafted, weights) | copied_metrics(training, held.examples, weights)
    metrics |= {name: to_metric(one, len(held.examples)) for name, one in written.items()}
    metrics |= measure_alignment(network, tokenizer, held, seed=seed)
    trust = replace(fit_trust(logits, held.truth), least_drafted=least)
    return Assessment(trust, metrics, report(judged, labelled, weights))


def write_all(network: EncoderDecoder, tokenizer: Tokenizer, held: HeldReports) -> Impressions:
    """Draft every report; all drafts count as shown that state nothing that the findings say is not there."""
    written = [
        choose(write_impressions(network, tokenizer, _window(network, tokenizer, pieces)[0], example.text or ""))
        for pieces, example in zip(held.pieces, held.examples, strict=True)
    ]
    confidence = np.array([one.beam.confidence for one in written])  # (N,)
    shown = np.array([not one.contradicted for one in written])  # (N,)
    return Impressions(held.examples, tuple(one.text for one in written), confidence, shown)


def least_drafted(drafted: Impressions) -> float:
    """Choose the least confidence: drafts below it have a mean ROUGE-L under `LEAST_ROUGE`; 0 if none do."""
    known = drafted.known
    confidence, values = drafted.confidence[known], drafted.rouge()[Rouge.LONGEST][known]  # (n,) each
    order = np.argsort(confidence, kind="stable")
    means = np.cumsum(values[order]) / np.arange(1, len(order) + 1)  # (n,) of those up to each
    under = np.flatnonzero(means < LEAST_ROUGE)
    if not len(under) or under[-1] + 1 == len(order):
        return 0.0
    return float(np.round(confidence[order[under[-1] + 1]], 4))


def copied_metrics(training: Sequence[Example], held: Sequence[Example], weights: Floats) -> dict[str, Interval]:
    """ROUGE of the impression of the training report whose findings are most alike, by TF-IDF."""
    known = [example for example in training if example.written]
    vectors = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
    past = vectors.fit_transform([example.text or "" for example in known])  # (M, V) sparse
    asked = vectors.transform([example.text or "" for example in held])  # (N, V) sparse
    nearest = np.asarray((asked @ past.T).argmax(axis=1)).ravel()  # (N,)
    found = [rouge(one.written, known[rank].written) for one, rank in zip(held, nearest, strict=True)]
    rows = np.array([bool(one.written) for one in held])  # (N,)
    once = rows & distinct(held)
    return {
        f"{kind}{ending} of {COPIED}": mean_of(np.array([one[kind] for one in found]), weights, part)
        for kind in Rouge
        for ending, part in (("", rows), (" of distinct findings", once))
    }


def measure_alignment(
    network: EncoderDecoder, tokenizer: Tokenizer, held: HeldReports, *, seed: int
) -> dict[str, Metric]:
    """By how much the log-probability of a drafted word falls when the words that it is aligned with go.

    Means over the words of one draft first, then over drafts; with intervals by bootstrap over drafts. Nothing where no
    draft has a word to ask about.
    """
    generator = np.random.default_rng(seed)
    rows = generator.permutation(len(held.pieces))[:ALIGNED_REPORTS]
    drops = [_drops(network, tokenizer, held.pieces[row], generator) for row in rows]
    known = np.array([row for row in drops if row is not None])  # (n, 3)
    if not len(known):
        return {}
    resampled = np.concatenate(
        [np.ones((1, len(known))), generator.multinomial(len(known), np.full(len(known), 1 / len(known)), 1000)]
    )  # (1 + B, n)
    means = resampled @ known / len(known)  # (1 + B, 3)
    names = ("words it attends to", "words of relevance", "random words")
    found = {
        f"fall without {REMOVED} {name}": to_metric(interval(column), len(known))
        for name, column in zip(names, means.T, strict=True)
    }
    gain = interval(means[:, 0] - means[:, 1])
    return found | {"fall by attention less that by relevance": to_metric(gain, len(known))}


def _drops(
    network: EncoderDecoder, tokenizer: Tokenizer, pieces: Pieces, generator: np.random.Generator
) -> Floats | None:
    """Mean fall of a draft's content words without what is attended to, relevant, and random, ``(3,)``."""
    inputs, offsets = _window(network, tokenizer, pieces)
    beam = write_impressions(network, tokenizer, inputs, "")[0].beam
    _, words = spell(beam.pieces, tokenizer)
    asked = [(word.first, word.last) for word in words if (word.end - word.start) >= CONTENT]
    if not asked or offsets.words.max() + 1 <= REMOVED:
        return None
    begin, end = ends_of(tokenizer)
    draft = torch.tensor([[begin, *beam.pieces, end]], device=inputs.values.device)  # (1, N)
    found = align(network, inputs, draft, asked)
    aligned = [by_words(one.cpu().numpy(), offsets)[0] for one in (found.attention, found.relevance)]  # (D, S) each
    orders = np.stack([*aligned, generator.random(aligned[0].shape)])  # (3, D, S)
    presences = [_presence_without(row, offsets) for row in orders.reshape(-1, orders.shape[2])]  # 3 D of (T,)
    stacked = torch.from_numpy(np.stack(presences)).to(inputs.presence.device) & inputs.presence  # (3 D, T)
    count = len(stacked)
    rows = ModelInput(inputs.values.expand(count, -1), stacked)
    scores = word_scores(network, rows, draft, asked).reshape(3, len(asked), len(asked))  # (3, D, D)
    own = scores.diagonal(dim1=1, dim2=2)  # (3, D)
    return np.asarray((found.log_probability - own).mean(dim=1).cpu().numpy())


def _presence_without(order: Floats, offsets: TokenOffsets) -> NDArray[np.bool_]:
    """Presence ``(T,)`` of one window without the first words of an order ``(S,)``."""
    numbers = np.unique(offsets.words[~offsets.special])  # (S,)
    gone = numbers[np.argsort(-order, kind="stable")[:REMOVED]]
    return ~np.isin(offsets.words[0], gone)


def _window(network: EncoderDecoder, tokenizer: Tokenizer, pieces: Pieces) -> tuple[ModelInput, TokenOffsets]:
    """The first window of a text, on the network's device."""
    inputs, offsets = cut_windows([(pieces, 0)], tokenizer)
    return inputs.to(network.piece_bias.device), offsets


@torch.inference_mode()
def _logits(network: EncoderDecoder, inputs: ModelInput) -> Floats:
    return cast(Floats, network(inputs).logits[0].float().cpu().numpy())
