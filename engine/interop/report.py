"""The report of one reading as plain text: drafted from the records, edited by the reader, drawn by the documents.

What the models answered, how the map was checked, the record of the reading and the signature are facts and cannot be
edited; the reader's own sections can, and a section that was edited says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from types import MappingProxyType

from engine.case import Case, Image, Stretch
from engine.interop.illustration import Illustration, ShownMap, illustrations
from engine.interop.report_words import findings, impression, in_utc, record, signature
from engine.measured import Steadiness
from engine.models.card import Card
from engine.review import (
    Answer,
    Review,
)
from engine.wording import (
    ABSTAINS,
    drawn_in_words,
    likelihood,
    listed,
    read_in_part,
    side_in_words,
    steadiness_in_words,
    sum_up,
)
from engine.words import language, mark, spoken, tr

TITLE = mark("Report of a reading with a model")
DRAFT_MARK = mark("DRAFT – not signed")

_LINES_SHOWN = 8
_SHORT_DIGEST = 12
_TAGS = {
    "BodyPartExamined": mark("body part"),
    "PatientPosition": mark("position"),
}


class Part(StrEnum):
    """The sections that belong to the reader, by their headings."""

    FINDINGS = mark("Findings of the reader")
    IMPRESSION = mark("Impression")
    COMMENT = mark("Comment")


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
    drawn : str
        The lesion that the model drew; empty where it draws none, and outside its domain.
    steady : str
        In how many small shifts of the picture the answer held; empty where that was not tried, and outside the domain.
    """

    title: str
    sentence: str
    lines: tuple[FindingLine, ...]
    more: str
    model: str
    intended_use: str
    drawn: str = ""
    steady: str = ""


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
    language : str
        In which it was drafted, and will be drawn.
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
    language: str = "en"

    @property
    def marks(self) -> tuple[str, ...]:
        """What every page must say: that it is a draft, is synthetic, or says other words than were signed."""
        edited = listed(tr(section.part) for section in self.sections if section.edited)
        return tuple(
            mark
            for mark, holds in (
                (tr(DRAFT_MARK), not self.signed),
                (tr("EDITED AFTER SIGNING – {parts}", parts=edited), self.signed and bool(edited)),
                (tr("SYNTHETIC CASE"), self.synthetic),
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
    steady: Mapping[str, Steadiness] = MappingProxyType({}),
    instead: Mapping[Stretch, str] = MappingProxyType({}),
) -> CaseReport:
    """Draft the report of one reading from its records.

    Parameters
    ----------
    cards : mapping of str to Card
        By task, of every task that is spoken of.
    maps : sequence of ShownMap
        The maps that were on the screen.
    steady : mapping of str to Steadiness
        By task, whether its answer stood when the picture was moved a little; of those for which it was tried.
    instead : mapping of Stretch to str
        What is printed for the words in some places of the note: they may name somebody.

    Raises
    ------
    ValueError
        If the review is of another case.
    """
    if review.case_id != case.case_id:
        raise ValueError("the review is of another case")
    drafted = {
        Part.FINDINGS: findings(case, review, cards),
        Part.IMPRESSION: impression(review, cards),
        Part.COMMENT: review.comment.strip() or tr("None."),
    }
    return CaseReport(
        case_id=case.case_id,
        synthetic=case.synthetic,
        examination=_examination(case),
        answers=tuple(
            _answer(answer, cards[answer.task], case, steady.get(answer.task))
            for answer in answers
            if answer.task in cards
        ),
        sections=tuple(Section(part, text, text) for part, text in drafted.items()),
        illustrations=illustrations(case, maps, review.regions, cards, review.key_images, instead),
        record=record(review, cards),
        signature=signature(review),
        signed=review.signed,
        language=language(),
    )


def _examination(case: Case) -> dict[str, str]:
    """What was read: nothing of it names a patient."""
    said = {tr("Case"): case.case_id}
    numbered = enumerate((_image(image) for image in case.images), start=1)
    for words, run in groupby(numbered, key=lambda pair: pair[1]):
        said[_named([rank for rank, _ in run])] = words
    if any(image.tags.get("BurnedInAnnotation") == "YES" for image in case.images):
        said[tr("Caution")] = tr(
            "An image says of itself that words are burned into its pixels: look for names before sharing."
        )
    if case.note is not None:
        said[tr("Note")] = tr("{n:,} characters", n=len(case.note.text))
        if case.note.warnings:
            said[tr("Not in the note")] = " ".join(map(spoken, case.note.warnings))
    if case.course is not None:
        said[tr("Course")] = tr("{n:,} observations", n=len(case.course.hours))
    if case.sequence is not None:
        said[tr("Sequence")] = tr("{n:,} bases", n=len(case.sequence.bases))
    return said


def _named(ranks: Sequence[int]) -> str:
    if len(ranks) == 1:
        return tr("Image {n}", n=ranks[0])
    return tr("Images {first} to {last}", first=ranks[0], last=ranks[-1])


def _image(image: Image) -> str:
    rows, columns = image.shape
    facts = [image.modality or tr("modality not stated"), image.view, side_in_words(image.laterality)]
    facts += [f"{tr(words)} {image.tags[tag]}" for tag, words in _TAGS.items() if tag in image.tags]
    facts += [tr("{n} frames", n=image.frames)] if image.frames > 1 else []
    facts += [tr("{columns} × {rows} pixels", columns=columns, rows=rows)]
    return listed(fact for fact in facts if fact)


def _answer(answer: Answer, card: Card, case: Case, steady: Steadiness | None) -> ModelAnswer:
    """One answer in words; outside the domain its figures stand without a call, and not at all for foreign words."""
    told = answer.findings if answer.readable else ()
    shown = told[:_LINES_SHOWN]
    left = len(told) - len(shown)
    lines = tuple(
        FindingLine(
            spoken(f.label),
            f"{f.probability:.2f}",
            likelihood(f.probability),
            tr(f.call) if answer.in_domain else tr("no call"),
        )
        for f in shown
    )
    outside = " ".join((tr("Outside what this model was made for."), *map(spoken, answer.reasons), tr(ABSTAINS)))
    partly = read_in_part(answer.coverage) if case.note else ""
    several = len(case.images) > 1 or any(image.frames > 1 for image in case.images)
    title = spoken(card.title)
    place = {"image": answer.image_index + 1, "frame": answer.frame + 1}
    versions = listed(f"{name} {version}" for name, version in answer.versions.items())
    made = tr("answered {time}", time=in_utc(answer.made_at)) if answer.made_at else ""
    model = (tr("Model {task}", task=answer.task), f"SHA-256 {answer.model_digest[:_SHORT_DIGEST]}…", versions, made)
    return ModelAnswer(
        title=tr("{title}, image {image}, frame {frame}", title=title, **place) if several else title,
        sentence=" ".join(filter(None, (sum_up(answer.findings) if answer.in_domain else outside, partly))),
        lines=lines,
        more=tr("and {n} less probable labels", n=left) if left else "",
        model=" · ".join(part for part in model if part),
        intended_use=spoken(card.intended_use),
        drawn=_drawn(answer, case),
        steady=steadiness_in_words(steady) if steady and answer.in_domain else "",
    )


def _drawn(answer: Answer, case: Case) -> str:
    if answer.drawn is None or not answer.in_domain:
        return ""
    return drawn_in_words(answer.drawn, case.images[answer.image_index].spacing)
