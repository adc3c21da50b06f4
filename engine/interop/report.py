"""The report of one reading as plain text: drafted from the records, edited by the reader, drawn by the documents.

What the models answered, how the map was checked, the record of the reading and the signature are facts and cannot be
edited; the reader's own sections can, and a section that was edited says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby

from engine.case import Case, Image, PixelSpacing, SpacingSource
from engine.interop.illustration import Illustration, ShownMap, illustrations
from engine.models.card import Card
from engine.review import (
    Answer,
    Judgement,
    Mark,
    MarkedRegion,
    Measurement,
    OwnReading,
    Plausibility,
    Review,
    Stance,
    Step,
)
from engine.wording import ABSTAINS, likelihood, sum_up

TITLE = "Report of a reading with a model"
DRAFT_MARK = "DRAFT – not signed"

_LINES_SHOWN = 8
_SHORT_DIGEST = 12
_TAGS = {"BodyPartExamined": "body part", "ImageLaterality": "laterality", "PatientPosition": "position"}
_ON = {
    SpacingSource.PATIENT: "mm",
    SpacingSource.REGION: "mm",
    SpacingSource.IMAGER: "mm at the detector, where everything is magnified",
}
_PLAUSIBLE = {
    Plausibility.YES: "plausible",
    Plausibility.PARTLY: "partly plausible",
    Plausibility.NO: "not plausible",
}
_DONE = {
    Step.READ: "own reading recorded",
    Step.ANSWERED: "model's answer shown",
    Step.MAPPED: "map shown",
    Step.SIGNED: "signed",
}


class Part(StrEnum):
    """The sections that belong to the reader, by their headings."""

    FINDINGS = "Findings of the reader"
    IMPRESSION = "Impression"
    COMMENT = "Comment"


@dataclass(frozen=True)
class Section:
    """One section of the reader: what was drafted from the records, and what it says now."""

    part: Part
    drafted: str
    text: str

    @property
    def edited(self) -> bool:
        """Whether it says anything else than the records."""
        return self.text != self.drafted


@dataclass(frozen=True)
class FindingLine:
    """One line of a model's answer, as it is printed."""

    label: str
    probability: str
    likelihood: str
    call: str


@dataclass(frozen=True)
class ModelAnswer:
    """What one model answered, in words.

    Parameters
    ----------
    sentence : str
        The answer in one sentence; outside the model's domain, that it abstains and why.
    lines : tuple of FindingLine
        The most probable findings.
    more : str
        How many findings were left out; empty where none was.
    model : str
        Task, digest of the weights and versions.
    intended_use : str
        The card's own words.
    """

    title: str
    sentence: str
    lines: tuple[FindingLine, ...]
    more: str
    model: str
    intended_use: str


@dataclass(frozen=True, eq=False)
class CaseReport:
    """One reading of one case, ready to be drawn.

    Parameters
    ----------
    examination : mapping of str to str
        What was read, from allow-listed attributes only.
    illustrations : tuple of Illustration
        The pictures with their maps, and the words or observations that maps mark.
    record : tuple of str
        The order of reading and its times.
    signature : str
        Who signed, when, which version; of a draft, that nobody did.
    """

    case_id: str
    synthetic: bool
    examination: Mapping[str, str]
    answers: tuple[ModelAnswer, ...]
    sections: tuple[Section, ...]
    illustrations: tuple[Illustration, ...]
    record: tuple[str, ...]
    signature: str
    signed: bool

    @property
    def marks(self) -> tuple[str, ...]:
        """What every page must say: that it is a draft, is synthetic, or says other words than were signed."""
        edited = ", ".join(section.part for section in self.sections if section.edited)
        return tuple(
            mark
            for mark, holds in (
                (DRAFT_MARK, not self.signed),
                (f"EDITED AFTER SIGNING – {edited}", self.signed and bool(edited)),
                ("SYNTHETIC CASE", self.synthetic),
            )
            if holds
        )

    def rewritten(self, part: Part, text: str) -> CaseReport:
        """Return it with other words in one section of the reader."""
        changed = (replace(section, text=text) if section.part is part else section for section in self.sections)
        return replace(self, sections=tuple(changed))


def draft_report(
    case: Case,
    answers: Sequence[Answer],
    review: Review,
    *,
    cards: Mapping[str, Card],
    maps: Sequence[ShownMap] = (),
) -> CaseReport:
    """Draft the report of one reading from its records.

    Parameters
    ----------
    cards : mapping of str to Card
        By task, of every task that is spoken of.
    maps : sequence of ShownMap
        The maps that were on the screen.

    Raises
    ------
    ValueError
        If the review is of another case.
    """
    if review.case_id != case.case_id:
        raise ValueError("the review is of another case")
    drafted = {
        Part.FINDINGS: _findings(case, review, cards),
        Part.IMPRESSION: _impression(review, cards),
        Part.COMMENT: review.comment.strip() or "None.",
    }
    return CaseReport(
        case_id=case.case_id,
        synthetic=case.synthetic,
        examination=_examination(case),
        answers=tuple(_answer(answer, cards[answer.task], case) for answer in answers if answer.task in cards),
        sections=tuple(Section(part, text, text) for part, text in drafted.items()),
        illustrations=illustrations(case, maps, review.regions, cards, review.key_images),
        record=_record(review, cards),
        signature=_signature(review),
        signed=review.signed,
    )


def in_utc(at: datetime) -> str:
    """Write a time to the second.

    Examples
    --------
    >>> in_utc(datetime(2026, 1, 31, 9, 5, 7, 250, tzinfo=UTC))
    '2026-01-31 09:05:07 UTC'
    """
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _examination(case: Case) -> dict[str, str]:
    """What was read: nothing of it names a patient."""
    said = {"Case": case.case_id}
    numbered = enumerate((_image(image) for image in case.images), start=1)
    for words, run in groupby(numbered, key=lambda pair: pair[1]):
        said[_named([rank for rank, _ in run])] = words
    if any(image.tags.get("BurnedInAnnotation") == "YES" for image in case.images):
        said["Caution"] = (
            "An image says of itself that words are burned into its pixels: look for names before sharing."
        )
    if case.note is not None:
        said["Note"] = f"{len(case.note.text):,} characters"
    if case.course is not None:
        said["Course"] = f"{len(case.course.hours):,} observations"
    if case.sequence is not None:
        said["Sequence"] = f"{len(case.sequence.bases):,} bases"
    return said


def _named(ranks: Sequence[int]) -> str:
    return f"Image {ranks[0]}" if len(ranks) == 1 else f"Images {ranks[0]} to {ranks[-1]}"


def _image(image: Image) -> str:
    rows, columns = image.shape
    facts = [image.modality or "modality not stated", image.view, image.laterality]
    facts += [f"{words} {image.tags[tag]}" for tag, words in _TAGS.items() if tag in image.tags]
    facts += [f"{image.frames} frames" if image.frames > 1 else "", f"{columns} × {rows} pixels"]
    return ", ".join(fact for fact in facts if fact)


def _answer(answer: Answer, card: Card, case: Case) -> ModelAnswer:
    """One answer in words; outside the domain its figures stand without a call."""
    shown = answer.findings[:_LINES_SHOWN]
    left = len(answer.findings) - len(shown)
    lines = tuple(
        FindingLine(
            f.label, f"{f.probability:.2f}", likelihood(f.probability), f.call if answer.in_domain else "no call"
        )
        for f in shown
    )
    outside = f"Outside what this model was made for. {' '.join(answer.reasons)} {ABSTAINS}"
    several = len(case.images) > 1 or any(image.frames > 1 for image in case.images)
    where = f", image {answer.image_index + 1}, frame {answer.frame + 1}" if several else ""
    versions = ", ".join(f"{name} {version}" for name, version in answer.versions.items())
    made = f"answered {in_utc(answer.made_at)}" if answer.made_at else ""
    model = (f"Model {answer.task}", f"SHA-256 {answer.model_digest[:_SHORT_DIGEST]}…", versions, made)
    return ModelAnswer(
        title=f"{card.title}{where}",
        sentence=sum_up(answer.findings) if answer.in_domain else outside,
        lines=lines,
        more=f"and {left} less probable labels" if left else "",
        model=" · ".join(part for part in model if part),
        intended_use=card.intended_use,
    )


def _findings(case: Case, review: Review, cards: Mapping[str, Card]) -> str:
    """What the reader said of each finding, where they marked it, and what they measured."""
    lines = []
    for task in dict.fromkeys(said.task for said in review.judgements):
        lines.append(f"{_title(task, cards)}:")
        lines += [f"• {_judged(said)}" for said in review.judgements if said.task == task]
    lines = lines or ["No finding was judged."]
    lines += [_region(rank, region, case) for rank, region in enumerate(review.regions, start=1)]
    lines += [_measured(rank, one) for rank, one in enumerate(review.measurements, start=1)]
    lines += [f"Key image: image {key.image_index + 1}, frame {key.frame + 1}." for key in review.key_images]
    if review.plausible is not None:
        lines.append(f"The reader calls the map that was shown {_PLAUSIBLE[review.plausible]}.")
    return "\n".join(lines)


def _judged(said: Judgement) -> str:
    model = (
        f"{said.label}, model {said.probability:.2f} ({likelihood(said.probability)})"
        if said.probability is not None
        else said.label
    )
    words = {
        Stance.AGREE: f"agrees with {model}.",
        Stance.EDIT: f"{said.instead} instead of {model}.",
        Stance.REJECT: f"rejects {model}.",
        Stance.ADD: f"adds {said.label}, which the model did not name.",
    }
    return words[said.stance]


def _region(rank: int, region: MarkedRegion, case: Case) -> str:
    """One marked region, in millimetres where the file says what they are of."""
    marked = "here" if region.mark is Mark.HERE else "not there"
    box = region.box
    where = f"rows {box.top:.0f} to {box.bottom:.0f}, columns {box.left:.0f} to {box.right:.0f}"
    image = case.images[region.image_index] if region.image_index < len(case.images) else None
    size = _size(region, image.spacing) if image is not None and image.spacing is not None else "no scale in the file"
    return (
        f"Region {rank}, marked “{marked}”, image {region.image_index + 1}, frame {region.frame + 1}: {where} ({size})."
    )


def _measured(rank: int, one: Measurement) -> str:
    """One measurement with the result that stood on the screen."""
    where = f"image {one.image_index + 1}, frame {one.frame + 1}"
    return f"Measurement {rank}, {one.measure}, {where}: {one.said or 'no result'}."


def _size(region: MarkedRegion, spacing: PixelSpacing) -> str:
    height = (region.box.bottom - region.box.top) * spacing.row
    width = (region.box.right - region.box.left) * spacing.column
    return f"{width:.1f} × {height:.1f} {_ON[spacing.source]}"


def _impression(review: Review, cards: Mapping[str, Card]) -> str:
    """The final findings of each task that was judged, and how sure the reader is."""
    tasks = dict.fromkeys(said.task for said in review.judgements)
    lines = [f"{_title(task, cards)}: {', '.join(review.labels(task)) or 'none of the findings'}." for task in tasks]
    lines = lines or ["No impression was recorded."]
    if review.confidence is not None:
        lines.append(f"Confidence of the reader: {review.confidence} %.")
    return "\n".join(lines)


def _record(review: Review, cards: Mapping[str, Card]) -> tuple[str, ...]:
    """The order of reading, what was found without the model, and when each step was taken."""
    lines = [f"Order of reading: {review.order}."]
    lines += [_own(own, cards) for own in review.own]
    opened = next((timed.at for timed in review.steps if timed.step is Step.OPENED), None)
    if opened is not None:
        after = [
            f"{_DONE[timed.step]} after {(timed.at - opened).total_seconds():.0f} s"
            for timed in review.steps
            if timed.step in _DONE
        ]
        lines.append(f"{', '.join([f'Opened {in_utc(opened)}', *after])}.")
    return tuple(lines)


def _own(own: OwnReading, cards: Mapping[str, Card]) -> str:
    found = ", ".join(own.labels) or "nothing"
    return f"Before the answer was shown, {_title(own.task, cards)}: {found}, confidence {own.confidence} %."


def _signature(review: Review) -> str:
    if review.signed_at is None:
        return f"Not signed. Reader: {review.reader}, version {review.version} of this reading."
    return f"Signed by {review.reader} at {in_utc(review.signed_at)}, version {review.version} of this reading."


def _title(task: str, cards: Mapping[str, Card]) -> str:
    return cards[task].title if task in cards else task
