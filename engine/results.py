"""What is reported: findings, explanations and the analysis that holds them, as plain frozen records without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from engine.drafts import Draft
from engine.words import mark, tr


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
        return tr(_NAMES[self.value])


DEFAULT_METHOD = Method.LIBRA_FULL_GRADIENT
"""The most faithful of those that cost two passes, as measured by removing and keeping parts of validation cases."""

_NAMES = {
    "relevance": mark("Relevance"),
    "libra-full-gradient": mark("LibraGrad full gradient"),
    "libra-attcat": "LibraGrad AttCAT",
    "class-activation": mark("Class activation"),
    "attcat": "AttCAT",
    "integrated-gradients": mark("Integrated gradients"),
    "rollout": mark("Rollout"),
    "attention": mark("Attention"),
    "occlusion": mark("Occlusion"),
    "rise": "RISE",
    "shapley": mark("Shapley values"),
    "learned-shapley": mark("Learned Shapley values"),
}


class Call(StrEnum):
    """What a conformal set says of one label."""

    RULED_IN = mark("ruled in")
    UNCERTAIN = mark("uncertain")
    RULED_OUT = mark("ruled out")


@dataclass(frozen=True)
class Finding:
    """One label with its calibrated probability in [0, 1] and what the conformal set says of it."""

    label: str
    probability: float
    call: Call


@dataclass(frozen=True)
class Domain:
    """Whether the model was made for a case like this one, and in words why not.

    `readable` is False where its text is in no language that the model was taught: its figures then say nothing at all.
    """

    inside: bool
    reasons: tuple[str, ...] = ()
    readable: bool = True


@dataclass(frozen=True)
class Span:
    """Relevance of the characters [start, end) of a note, or bases of a sequence, in multiples of an average one."""

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
        The words of a note or the bases of a sequence; empty for others.
    observed : numpy.ndarray or None
        float32, ``(N,)``: one value for each observation of a course, in multiples of an average one; NaN where the
        model did not read it.
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
    observed: NDArray[np.float32] | None = None
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

    @property
    def drawn(self) -> Drawn:
        """The same without pixels."""
        return Drawn(
            boxes=tuple(region.box for region in self.regions),
            probabilities=tuple(region.probability for region in self.regions),
            share=self.share,
            agreement=self.agreement,
        )


@dataclass(frozen=True)
class Drawn:
    """What is kept of a `Lesion`.

    Parameters
    ----------
    boxes : tuple of tuple of int
        Top, left, bottom and right of each region in source pixels, largest region first.
    probabilities : tuple of float
        Mean inside each region, in [0, 1].
    share, agreement : float
        As of a `Lesion`.
    """

    boxes: tuple[tuple[int, int, int, int], ...]
    probabilities: tuple[float, ...]
    share: float
    agreement: float


@dataclass(frozen=True)
class Trajectory:
    """How a risk went, each hour judged by what had been observed before it.

    Parameters
    ----------
    label : str
        Whose probability it is.
    hours : tuple of int
        Hours of reading, from 1; the last is that of the findings.
    probability, low, high : tuple of float
        Calibrated, one an hour: the model's answer, and the lowest and highest answer of its members, in [0, 1].
    """

    label: str
    hours: tuple[int, ...]
    probability: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Objection:
    """Why one label should not be followed where a condition holds, in words."""

    label: str
    reason: str


@dataclass(frozen=True)
class Caution:
    """A condition that a note states, and what it speaks against.

    Parameters
    ----------
    quote, start, end : str and int and int
        The words that state it, and their characters [start, end) in the note.
    possible : bool
        The note only thinks of it.
    against : tuple of Objection
        In the order of the model's labels.
    """

    condition: str
    quote: str
    start: int
    end: int
    possible: bool
    against: tuple[Objection, ...]


@dataclass(frozen=True)
class Cautions:
    """What speaks against treatments in a note.

    Parameters
    ----------
    found : tuple of Caution
        In the order of the note.
    searched : tuple of str
        The names of all conditions that were looked for; empty where the note is in a language that is not understood.
    named : tuple of str
        Treatments that the note itself plans, lists or reports.
    """

    found: tuple[Caution, ...]
    searched: tuple[str, ...]
    named: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Analysis:
    """One case seen by one model: findings sorted by probability, and the provenance of every figure.

    `coverage` is the share of the source that the model read, in [0, 1]; `sure` is False where the model cannot tell,
    whatever is most probable; `lesion` is None where the model draws none, `trajectory` where it reads no course,
    `cautions` where no condition could speak against its labels. `withheld` are the characters [start, end)
    of a note that the model must not read; `seconds` is wall time by step.
    """

    task: str
    case_id: str
    findings: tuple[Finding, ...]
    domain: Domain
    model_digest: str
    device: str
    coverage: float = 1.0
    flag: bool | None = None
    sure: bool = True
    lesion: Lesion | None = None
    trajectory: Trajectory | None = None
    cautions: Cautions | None = None
    draft: Draft | None = None
    withheld: tuple[tuple[int, int], ...] = ()
    image_index: int = 0
    frame: int = 0
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
