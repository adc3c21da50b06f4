"""What stands in the boxes of the verdict, put together as the review that it says.

A box is read by its key, so that a word can be kept before the page is drawn again, and whether or not it ever is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import streamlit as st

from dashboard import reviewing
from dashboard.reading import Reading
from engine import Call, Finding, Judgement, Review, Stance, language

_ASKED = 3  # findings of one model that are asked about; others can be added
_T = TypeVar("_T")

UNSAID = "–"  # where the slider stands for a reader who has not said how sure they are


def asked_about(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that a reader is asked about: those that are not ruled out, and the first in any case.

    Examples
    --------
    >>> [f.label for f in asked_about((Finding("a", 0.9, Call.RULED_IN), Finding("b", 0.1, Call.RULED_OUT)))]
    ['a']
    """
    open_ones = tuple(finding for finding in findings if finding.call is not Call.RULED_OUT)
    return open_ones[:_ASKED] or tuple(findings[:1])


def key(review: Review, *parts: str) -> str:
    """The key of one box: another one for each version of a review, and after a review was read again."""
    return "-".join(("verdict", review.case_id, review.reader, str(review.version), str(reviewing.loads()), *parts))


def spoken_key(review: Review, *parts: str) -> str:
    """The key of a box whose choices stand in the reader's language: the browser sends back what it showed."""
    return key(review, *parts, *(() if language() == "en" else (language(),)))


def standing(review: Review, readings: Sequence[Reading]) -> Review:
    """A review with what stands in the boxes now; what has no box on the page stays as it was said."""
    shown = {reading.task.name for reading in readings}
    judgements = [said for said in review.judgements if said.task not in shown]
    for reading in readings:
        judgements += _judged(review, reading)
    sure = _in(key(review, "sure"), UNSAID if review.confidence is None else review.confidence)
    return replace(
        review,
        judgements=tuple(judgements),
        plausible=_in(key(review, "map"), review.plausible),
        confidence=None if sure == UNSAID else int(sure),
        comment=_in(key(review, "comment"), review.comment) or "",
    )


def elsewhere(review: Review, readings: Sequence[Reading]) -> tuple[Judgement, ...]:
    """What was said of other models, or of other pictures, than those on the page."""
    shown = {(reading.task.name, reading.view.image_index, reading.view.frame) for reading in readings}
    tasks = {task for task, *_ in shown}
    return tuple(
        said
        for said in review.judgements
        if (
            said.task not in tasks
            if said.stance is Stance.ADD
            else (said.task, said.image_index, said.frame) not in shown
        )
    )


def unfinished(review: Review) -> bool:
    """Whether a finding is to be something else, and it is not yet said what."""
    return any(said.stance is Stance.EDIT and not said.instead for said in review.judgements)


def _in(box: str, otherwise: _T) -> _T:
    """What stands in a box, or something else where the page has none."""
    held: _T = st.session_state.get(box, otherwise)
    return held


def _judged(review: Review, reading: Reading) -> list[Judgement]:
    """What the reader says of one model's findings, with what they add."""
    task, asked = reading.task.name, asked_about(reading.analysis.findings)
    said = [judgement for finding in asked if (judgement := _stance(review, reading, finding))]
    others = [one for one in review.judgements if one.task == task and one.stance is not Stance.ADD]
    boxes = {(task, finding.label, reading.view.image_index, reading.view.frame) for finding in asked}
    without_box = [one for one in others if one.about not in boxes]
    held = [one.label for one in review.judgements if one.task == task and one.stance is Stance.ADD]
    added = _in(spoken_key(review, task, "add"), held)
    return [*without_box, *said, *(Judgement(task, label, Stance.ADD) for label in added)]


def box_of(reading: Reading, finding: Finding) -> tuple[str, ...]:
    """What tells the boxes of one finding from all others: its model, what that looked at, and its label."""
    _, task, image_index, frame = reading.view
    return task, str(image_index), str(frame), finding.label


def before_of(review: Review, reading: Reading, finding: Finding) -> Judgement | None:
    """What is already said of a finding of what the model looked at."""
    return review.judgement_of(reading.task.name, finding.label, reading.view.image_index, reading.view.frame)


def _stance(review: Review, reading: Reading, finding: Finding) -> Judgement | None:
    """What the boxes of a finding say; as it was, with the figure that it was said of, where they say the same."""
    before, box = before_of(review, reading, finding), box_of(reading, finding)
    stance = _in(key(review, *box), before.stance if before else None)
    if stance is None:
        return None
    instead = ""
    if stance is Stance.EDIT:
        held = before.instead if before else ""
        instead = _in(spoken_key(review, *box, "instead"), held) or ""
    if before and (before.stance, before.instead) == (stance, instead):
        return before
    return Judgement(
        reading.task.name,
        finding.label,
        stance,
        finding.probability,
        instead,
        reading.view.image_index,
        reading.view.frame,
        reading.analysis.model_digest,
    )
