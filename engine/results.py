"""What is reported: findings, explanations and the analysis that holds them, as plain frozen records without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray


class Method(StrEnum):
    """The methods that bring a prediction back to its source."""

    RELEVANCE = "relevance"
    LIBRA_FULL_GRADIENT = "libra-full-gradient"
    LIBRA_ATTCAT = "libra-attcat"
    CLASS_ACTIVATION = "class-activation"
    ATTCAT = "attcat"
    INTEGRATED_GRADIENTS = "integrated-gradients"
    ROLLOUT = "rollout"
    ATTENTION = "attention"
    OCCLUSION = "occlusion"
    RISE = "rise"
    SHAPLEY = "shapley"
    LEARNED_SHAPLEY = "learned-shapley"

    @property
    def by_label(self) -> bool:
        """Whether the map depends on the label that it explains."""
        return self not in (Method.ROLLOUT, Method.ATTENTION)

    @property
    def by_head(self) -> bool:
        """Whether one layer and one head can be asked for."""
        return self is Method.ATTENTION

    @property
    def signed(self) -> bool:
        """Whether negative values speak against the label."""
        return self.by_label and self is not Method.RELEVANCE

    @property
    def by_removal(self) -> bool:
        """Whether it asks the model many times with parts absent: seconds, where the others take two passes."""
        return self in (Method.OCCLUSION, Method.RISE, Method.SHAPLEY)

    @property
    def learned(self) -> bool:
        """Whether it needs an explainer that was learnt for the model, which not every model has."""
        return self is Method.LEARNED_SHAPLEY

    @property
    def full_name(self) -> str:
        """The name as it is printed."""
        return _PROPER_NAMES.get(self.value, self.value.replace("-", " ").capitalize())


DEFAULT_METHOD = Method.LIBRA_FULL_GRADIENT
"""The most faithful of those that cost two passes, as measured by removing and keeping parts of validation cases."""

_PROPER_NAMES = {
    "libra-full-gradient": "LibraGrad full gradient",
    "libra-attcat": "LibraGrad AttCAT",
    "attcat": "AttCAT",
    "rise": "RISE",
    "shapley": "Shapley values",
    "learned-shapley": "Learned Shapley values",
}


class Call(StrEnum):
    """What a conformal set says of one label."""

    RULED_IN = "ruled in"
    UNCERTAIN = "uncertain"
    RULED_OUT = "ruled out"


@dataclass(frozen=True)
class Finding:
    """One label with its calibrated probability in [0, 1] and what the conformal set says of it."""

    label: str
    probability: float
    call: Call


@dataclass(frozen=True)
class Domain:
    """Whether the model was made for a case like this one, and in words why not."""

    inside: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Span:
    """Relevance of the characters [start, end) of a note, in multiples of an average word of it."""

    start: int
    end: int
    relevance: float


@dataclass(frozen=True, eq=False)
class Explanation:
    """A map on the source for one method and one label.

    Parameters
    ----------
    map : numpy.ndarray or None
        float32, ``(rows, columns)`` of the source image, in multiples of an average patch; NaN where the model
        saw nothing.
    spans : tuple of Span
        The words of a note; empty for an image.
    label : str or None
        None where the method does not depend on the label.
    scale : float
        The fixed upper end of the colour scale of this method for this model.
    layer, head : int or None
        Of `Method.ATTENTION`: None for the last layer, and for the mean over heads.
    rather_than : str or None
        The map says why `label` rather than this one: it explains the difference of their logits.
    """

    method: Method
    label: str | None
    scale: float
    map: NDArray[np.float32] | None = None
    spans: tuple[Span, ...] = ()
    head: int | None = None
    layer: int | None = None
    rather_than: str | None = None

    @property
    def signed(self) -> bool:
        """Whether negative values speak against the label."""
        return self.method.signed


@dataclass(frozen=True, eq=False)
class Region:
    """One connected lesion, in source pixels counted from the image's outer corner.

    Parameters
    ----------
    box : tuple of int
        Top, left, bottom and right; the last two just beyond it.
    contour : numpy.ndarray
        ``(P, 2)`` int32: corners (x, y) of its outline, clockwise.
    probability : float
        Mean over its pixels, in [0, 1].
    """

    box: tuple[int, int, int, int]
    contour: NDArray[np.int32]
    probability: float


@dataclass(frozen=True, eq=False)
class Lesion:
    """What a model drew around in an image, and how sure it is of it.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(rows, columns)`` float32 in [0, 1]: that a pixel belongs to a lesion.
    mask : numpy.ndarray
        ``(rows, columns)`` bool: all regions together.
    regions : tuple of Region
        Largest first; empty where nothing was found.
    share : float
        Share of the pixels in the mask, in [0, 1].
    agreement : float
        Dice coefficient, in [0, 1], of what is drawn in the image and in its mirror image.
    """

    probability: NDArray[np.float32]
    mask: NDArray[np.bool_]
    regions: tuple[Region, ...]
    share: float
    agreement: float


@dataclass(frozen=True, eq=False)
class Analysis:
    """One case seen by one model: findings sorted by probability, and the provenance of every figure.

    `coverage` is the share of the source that the model read, in [0, 1]; `lesion` is None where the model draws none;
    `seconds` is wall time by step.
    """

    task: str
    case_id: str
    findings: tuple[Finding, ...]
    domain: Domain
    model_digest: str
    device: str
    coverage: float = 1.0
    flag: bool | None = None
    lesion: Lesion | None = None
    image_index: int = 0
    frame: int = 0
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


class Verdict(StrEnum):
    """What removing the parts that a map marks says of the map, on one case."""

    FAITHFUL = "faithful"
    CHANCE = "no better than chance"
    WORSE = "worse than chance"


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
        What a part is: "patch" or "word".
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
    """

    method: Method
    correlations: tuple[float, ...]
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
class PastCase:
    """A training case: its labels, and its cosine distance, in [0, 2], from the case in hand."""

    labels: tuple[str, ...]
    distance: float


@dataclass(frozen=True)
class SimilarCases:
    """The training cases that look most alike to the model, nearest first.

    Parameters
    ----------
    searched : int
        Among how many they were found.
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
    """

    label: str
    views: int
    agreement: float
    low: float
    high: float
