"""What measuring a map or an answer gives: verdicts, curves, agreement, sanity, past cases; plain records, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.results import Method, Span
from engine.words import mark, spoken, tr

_ADDED = mark(
    "Without the image the model would say the same, with probability {words:.2f} instead of {both:.2f}: the image "
    "adds to what the words suggest."
)
_ALONE = mark(
    "Without the image the model would say the same, with probability {words:.2f} instead of {both:.2f}: the words "
    "alone carry this answer."
)
_MADE = mark(
    "Without the image the model would say “{other}”, and “{label}” only with probability {words:.2f} instead of "
    "{both:.2f}: the image made this answer."
)
_TIPPED = mark(
    "Without the image the model would say “{other}”, and “{label}” only with probability {words:.2f} instead of "
    "{both:.2f}: the image tipped this answer."
)
_NOTABLE = 0.1  # of probability: a smaller change makes no answer


class Verdict(StrEnum):
    """What removing the parts that a map marks says of the map, on one case."""

    FAITHFUL = mark("faithful")
    CHANCE = mark("no better than chance")
    WORSE = mark("worse than chance")


@dataclass(frozen=True)
class Curve:
    """The probability of the explained label, in [0, 1], while shares of the parts, in [0, 1], go or come."""

    shares: tuple[float, ...]
    probabilities: tuple[float, ...]

    @property
    def area(self) -> float:
        """Area under the curve by the trapezoidal rule, in [0, 1]."""
        return float(np.trapezoid(self.probabilities, self.shares))


@dataclass(frozen=True)
class Band:
    """The lowest, mean and highest of several curves at the same shares."""

    shares: tuple[float, ...]
    low: tuple[float, ...]
    mean: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """A map against maps that know nothing of the case, measured alike at one share of the parts.

    Parameters
    ----------
    against : str
        What they are, as on the screen.
    share : float
        The share of the parts, in (0, 1).
    gap : float
        The probability with that share alone which the map ranks first, less that with the share ranked last.
    gaps : tuple of float
        The same of each map that knows nothing.
    p_better, p_worse : float
        How often such a map does at least as well, or as badly: ``(1 + k) / (1 + n)``, in (0, 1].
    deletion, insertion : Band
        Their curves.
    """

    against: str
    share: float
    gap: float
    gaps: tuple[float, ...]
    p_better: float
    p_worse: float
    deletion: Band
    insertion: Band


@dataclass(frozen=True)
class Faithfulness:
    """Whether a map marks what the model's answer rests on, on this case.

    Parameters
    ----------
    label, rather_than : str and str or None
        Whose probability the curves follow; with `rather_than`, among the two labels alone.
    verdict, sentence : Verdict and str
        The badge, and in words which comparison it passed or failed.
    baseline : str
        What is there in place of a part that is removed, for the screen.
    unit : str
        What a part is: "patch", "word" or "base".
    deletion, insertion : Curve
        Parts removed from the most relevant on; parts shown from the most relevant on.
    chance, blob : Comparison
        Against random maps and against blobs in the middle.
    sufficiency, comprehensiveness : float
        How much the probability falls when only the most relevant parts stay, and when they go (DeYoung et al., ACL
        2020): means over 1, 5, 10, 20 and 50 % of the parts. Low and high are good.
    passes : float
        Cost, in shares of tokens that went through the model: 1 is one case with all its tokens.
    """

    method: Method
    label: str
    rather_than: str | None
    verdict: Verdict
    sentence: str
    baseline: str
    unit: str
    deletion: Curve
    insertion: Curve
    chance: Comparison
    blob: Comparison
    sufficiency: float
    comprehensiveness: float
    model_digest: str
    passes: float
    seconds: float

    @property
    def gap(self) -> float:
        """Area of insertion less area of deletion, in [-1, 1]: above 0 where the marked parts carry the answer."""
        return self.insertion.area - self.deletion.area


@dataclass(frozen=True)
class Agreement:
    """Spearman's rank correlations between the maps of several methods on one case, in [-1, 1]."""

    label: str
    methods: tuple[Method, ...]
    correlations: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class MethodSanity:
    """How much of a method's map is left while the model's weights are randomised, stage by stage.

    `correlations` are Spearman's, one a stage, means over the sample cases; a map that is about the model loses them.
    `left` is what decides: the mean of their sizes, whatever their signs, at the last stage.
    """

    method: Method
    correlations: tuple[float, ...]
    left: float
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Sanity:
    """The cascading weight randomisation of Adebayo et al., NeurIPS 2018, for one model.

    `stages` are what was randomised, each with all before it: the head, then the layers from the last to the first.
    `cases` is the number of sample cases behind every figure.
    """

    model_digest: str
    cases: int
    stages: tuple[str, ...]
    methods: tuple[MethodSanity, ...]


@dataclass(frozen=True)
class TwoLabels:
    """The maps of two labels on one note, in one unit: multiples of an average word of both maps together.

    Parameters
    ----------
    label, other : str
        Whose they are.
    spans, other_spans : tuple of Span
        The same words in both.
    """

    label: str
    other: str
    spans: tuple[Span, ...]
    other_spans: tuple[Span, ...]

    @property
    def total(self) -> float:
        """What shares of both maps are of: all relevance of the one that has more, without its sign."""
        return max(sum(abs(span.relevance) for span in spans) for spans in (self.spans, self.other_spans))

    def telling(self, *, most: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Rank the words that speak for one label and not for the other, by what they do to the difference.

        Returns
        -------
        tuple of tuple of int
            Ranks of the words for `label`, and of those for `other`; the most telling first.
        """
        apart = [one.relevance - two.relevance for one, two in zip(self.spans, self.other_spans, strict=True)]
        order = sorted(range(len(apart)), key=lambda rank: -apart[rank])
        first = tuple(rank for rank in order[:most] if apart[rank] > 0 and self.spans[rank].relevance > 0)
        last = tuple(r for r in order[::-1][:most] if apart[r] < 0 and self.other_spans[r].relevance > 0)
        return first, last


@dataclass(frozen=True)
class PastCase:
    """A training case: its labels, its cosine distance, in [0, 2], from the case in hand, and its name, if public."""

    labels: tuple[str, ...]
    distance: float
    name: str = ""


@dataclass(frozen=True)
class SimilarCases:
    """The training cases that look most alike to the model, nearest first.

    Parameters
    ----------
    searched : int
        Among how many they were found: all, or all with the label that was asked for.
    typical : float
        Median distance of a training case to the nearest other one: much farther than that is not alike.
    """

    cases: tuple[PastCase, ...]
    searched: int
    typical: float


@dataclass(frozen=True)
class Steadiness:
    """What becomes of the most probable answer when the picture is moved by a few pixels.

    Parameters
    ----------
    views : int
        The picture itself and its moved copies.
    agreement : float
        Share of the views with the same most probable label, in (0, 1].
    low, high : float
        The label's lowest and highest calibrated probability among the views.
    mirrored : bool
        Whether mirror images are among them.
    """

    label: str
    views: int
    agreement: float
    low: float
    high: float
    mirrored: bool = False

    @property
    def moved(self) -> int:
        """The moved copies."""
        return self.views - 1

    @property
    def held(self) -> int:
        """The moved copies for which the answer is that for the picture itself."""
        return round(self.agreement * self.views) - 1


@dataclass(frozen=True)
class ModalityShare:
    """What is left of an answer's probability without the image, without the words, and without both.

    Parameters
    ----------
    both, words, image, neither : float
        Calibrated probability of `label`, in [0, 1], with what is named.
    said_by_words, said_by_image : str
        The most probable answer from the words alone, and from the image alone.
    """

    label: str
    both: float
    words: float
    image: float
    neither: float
    said_by_words: str
    said_by_image: str

    @property
    def of_image(self) -> float:
        """Shapley value of the image: its mean contribution to the probability, in [-1, 1]."""
        return ((self.both - self.words) + (self.image - self.neither)) / 2

    @property
    def of_words(self) -> float:
        """Shapley value of the words; with that of the image it sums to `both` less `neither`."""
        return ((self.both - self.image) + (self.words - self.neither)) / 2

    @property
    def carried_by_words(self) -> bool:
        """Whether the answer would be the same without the image."""
        return self.said_by_words == self.label

    @property
    def image_used(self) -> bool:
        """Whether taking the image away changes the answer, or its probability by at least a tenth."""
        return not self.carried_by_words or abs(self.both - self.words) >= _NOTABLE

    @property
    def sentence(self) -> str:
        """What the reader should know first."""
        added = self.both - self.words >= _NOTABLE
        if self.carried_by_words:
            return tr(_ADDED if added else _ALONE, words=self.words, both=self.both)
        other, label = spoken(self.said_by_words), spoken(self.label)
        return tr(_MADE if added else _TIPPED, other=other, label=label, words=self.words, both=self.both)


@dataclass(frozen=True, eq=False)
class WordRegions:
    """Where each word of a question looked.

    Parameters
    ----------
    words : tuple of Span
        W words, by their characters in the question.
    attention : numpy.ndarray
        ``(W, R, C)`` float32: the share of a word's attention on each of R x C patches of the picture; the rest of
        it went to words.
    """

    words: tuple[Span, ...]
    attention: NDArray[np.float32]

    @property
    def on_image(self) -> NDArray[np.float32]:
        """``(W,)``: the share of each word's attention that went to the image."""
        return np.asarray(self.attention.sum(axis=(1, 2)), dtype=np.float32)
