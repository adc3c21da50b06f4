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
    ROLLOUT = "rollout"
    ATTENTION = "attention"


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
        None where the method is not class-specific.
    scale : float
        The fixed upper end of the colour scale of this method for this model.
    head : int or None
        One head of the last layer; None for the mean over heads.
    """

    method: Method
    label: str | None
    scale: float
    map: NDArray[np.float32] | None = None
    spans: tuple[Span, ...] = ()
    head: int | None = None


@dataclass(frozen=True, eq=False)
class Analysis:
    """One case seen by one model: findings sorted by probability, and the provenance of every figure.

    `coverage` is the share of the source that the model read, in [0, 1]; `seconds` is wall time by step.
    """

    task: str
    case_id: str
    findings: tuple[Finding, ...]
    domain: Domain
    model_digest: str
    device: str
    coverage: float = 1.0
    flag: bool | None = None
    image_index: int = 0
    frame: int = 0
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    seconds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
