"""What a reader says of a case and what the model had said, as plain frozen records without torch.

The order of reading and what is timed follow DECIDE-AI (Vasey et al., Nature Medicine 28, 2022), items 9 to 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from engine.case import Box
from engine.results import Analysis, Drawn, Finding
from engine.words import mark


class ReadingOrder(StrEnum):
    """Who speaks first: the model, or the reader."""

    MODEL_FIRST = mark("model first")
    READ_FIRST = mark("read first")


class Stance(StrEnum):
    """What a reader makes of one finding."""

    AGREE = mark("agree")
    EDIT = mark("edit")
    REJECT = mark("reject")
    ADD = mark("add")


class Plausibility(StrEnum):
    """Whether a map marks what the reader would have marked."""

    YES = mark("plausible")
    PARTLY = mark("partly")
    NO = mark("not plausible")


class Mark(StrEnum):
    """What a drawn region says."""

    HERE = mark("here")
    NOT_THERE = mark("not there")


class Measure(StrEnum):
    """What a reader measures with."""

    LENGTH = mark("length")
    ANGLE = mark("angle")
    ELLIPSE = mark("ellipse")
    RECTANGLE = mark("rectangle")


class Step(StrEnum):
    """The steps of a reading, each timed."""

    OPENED = mark("opened")
    READ = mark("own reading recorded")
    ANSWERED = mark("answer shown")
    MAPPED = mark("map shown")
    SIGNED = mark("signed")


@dataclass(frozen=True)
class Judgement:
    """What a reader says of one finding.

    Parameters
    ----------
    label : str
        The model's word for it; the reader's own where `stance` is ADD.
    probability : float or None
        What the model had said, in [0, 1]; None where `stance` is ADD.
    instead : str
        What it is in the reader's eyes, where `stance` is EDIT.
    image_index, frame : int
        What the model had looked at, as of `Analysis`; 0 where `stance` is ADD: that is of the case.
    model_digest : str
        Of the weights that had said it; empty where `stance` is ADD, and in reviews of earlier versions.
    """

    task: str
    label: str
    stance: Stance
    probability: float | None = None
    instead: str = ""
    image_index: int = 0
    frame: int = 0
    model_digest: str = ""

    @property
    def about(self) -> tuple[str, str, int, int]:
        """The finding that it speaks of: task, label, image and frame."""
        return self.task, self.label, self.image_index, self.frame


@dataclass(frozen=True)
class MarkedRegion:
    """A region that the reader drew, in source pixels of one frame."""

    box: Box
    mark: Mark
    image_index: int = 0
    frame: int = 0


@dataclass(frozen=True, order=True)
class KeyImage:
    """A picture that the reader points at: one frame of one image."""

    image_index: int = 0
    frame: int = 0


@dataclass(frozen=True)
class Measurement:
    """Something measured on one frame.

    Parameters
    ----------
    points : tuple of (float, float)
        Handles as (x, y) in source pixels from the outer corner of the first.
    said : str
        The result as it stood on the screen, with its unit, or why there was none.
    """

    measure: Measure
    points: tuple[tuple[float, float], ...]
    said: str = ""
    image_index: int = 0
    frame: int = 0


@dataclass(frozen=True)
class OwnReading:
    """What a reader found without the model, for one task.

    Parameters
    ----------
    labels : tuple of str
        Empty where nothing was found.
    confidence : int
        In percent, from 0 (a guess) to 100 (sure).
    """

    task: str
    labels: tuple[str, ...]
    confidence: int


@dataclass(frozen=True)
class Timed:
    """When a step was first taken, in UTC."""

    step: Step
    at: datetime


@dataclass(frozen=True)
class Review:
    """One reader's word on one case; a signed one never changes, an amendment is the next version.

    Parameters
    ----------
    own : tuple of OwnReading
        What was found before the model's answer was shown; empty where the model spoke first.
    key_images : tuple of KeyImage
        In the order of the case.
    plausible : Plausibility or None
        Of the map that was on screen; None where the reader did not say.
    confidence : int or None
        In the final findings, in percent; None where the reader did not say.
    steps : tuple of Timed
        Each step once, in the order of taking.
    signed_at : datetime or None
        UTC; None for a draft.
    revision : int
        Counts the saves of this version: a save of an older one is refused.
    """

    case_id: str
    reader: str
    version: int = 1
    order: ReadingOrder = ReadingOrder.MODEL_FIRST
    own: tuple[OwnReading, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    regions: tuple[MarkedRegion, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    plausible: Plausibility | None = None
    confidence: int | None = None
    comment: str = ""
    steps: tuple[Timed, ...] = ()
    signed_at: datetime | None = None
    revision: int = 0
    key_images: tuple[KeyImage, ...] = ()

    @property
    def signed(self) -> bool:
        """Whether it is locked."""
        return self.signed_at is not None

    def judgement_of(self, task: str, label: str, image_index: int = 0, frame: int = 0) -> Judgement | None:
        """What was said of a finding that a model made of one picture; None where nothing was, or it was only added."""
        about = (task, label, image_index, frame)
        made = (said for said in self.judgements if said.stance is not Stance.ADD)
        return next((said for said in made if said.about == about), None)

    def took(self, step: Step, at: datetime) -> Review:
        """Return it with a step; one that was taken before keeps its time."""
        if any(timed.step is step for timed in self.steps):
            return self
        return replace(self, steps=(*self.steps, Timed(step, at)))

    def labels(self, task: str) -> tuple[str, ...]:
        """The final findings of one task: what was agreed with, put instead, or added."""
        held = [said for said in self.judgements if said.task == task and said.stance is not Stance.REJECT]
        return tuple(dict.fromkeys(said.instead or said.label for said in held))

    def seconds(self, until: Step = Step.SIGNED) -> float | None:
        """Seconds from opening the case to a step; None where one was not taken, and of an amendment, begun later."""
        if self.version > 1:
            return None
        times = {timed.step: timed.at for timed in self.steps}
        if Step.OPENED not in times or until not in times:
            return None
        return (times[until] - times[Step.OPENED]).total_seconds()


@dataclass(frozen=True)
class Answer:
    """What a model said of a case, as it is kept: figures and their provenance, no maps.

    Parameters
    ----------
    findings : tuple of Finding
        Sorted by probability.
    reasons : tuple of str
        Why the case is outside the model's domain, in words; empty where it is inside.
    drawn : Drawn or None
        The lesion around which it drew; None where it is of a kind that draws nothing.
    coverage : float
        Share of its source that it read, in [0, 1].
    readable : bool
        False where it cannot read the language of its source.
    """

    case_id: str
    task: str
    findings: tuple[Finding, ...]
    model_digest: str
    in_domain: bool = True
    reasons: tuple[str, ...] = ()
    image_index: int = 0
    frame: int = 0
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    made_at: datetime | None = None
    drawn: Drawn | None = None
    coverage: float = 1.0
    readable: bool = True


def answer_of(analysis: Analysis) -> Answer:
    """Take from an analysis what is kept of it."""
    return Answer(
        case_id=analysis.case_id,
        task=analysis.task,
        findings=analysis.findings,
        model_digest=analysis.model_digest,
        in_domain=analysis.domain.inside,
        reasons=analysis.domain.reasons,
        image_index=analysis.image_index,
        frame=analysis.frame,
        versions=analysis.versions,
        drawn=analysis.lesion.drawn if analysis.lesion else None,
        coverage=analysis.coverage,
        readable=analysis.domain.readable,
    )
