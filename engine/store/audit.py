"""Whether what is kept is what the chain tells of: the chain is walked, replayed, and compared with the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import StoreDamaged, StoreError
from engine.store.blobs import Blobs
from engine.store.chain import Action, ChainReport, Event, check, content_digest
from engine.store.database import Database
from engine.store.records import unpack_answer, unpack_review
from engine.store.reviews import state_of
from engine.store.schema import AnswerRow, CaseRow, EventRow, HeadRow, ReviewRow
from engine.words import recorded

_REVIEWED = (Action.REVIEW_SAVED.value, Action.REVIEW_SIGNED.value, Action.REVIEW_AMENDED.value)


@dataclass
class _Told:
    """What should be there after all that the chain tells: digests of contents, by what they belong to."""

    cases: dict[str, object] = field(default_factory=dict)
    reviews: dict[str, dict[tuple[str, object], object]] = field(default_factory=dict)
    answers: dict[str, Counter[object]] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> Iterator[Event]:
        """Take events in on their way."""
        for event in events:
            if isinstance(event.detail, dict):  # a link that was changed may hold anything
                self._take(event)
            yield event

    def _take(self, event: Event) -> None:
        content = event.detail.get("content")
        if event.action == Action.CASE_ADDED.value:
            self.cases[event.subject] = event.detail.get("blob")
        elif event.action == Action.CASE_REMOVED.value:
            for part in (self.cases, self.reviews, self.answers):
                part.pop(event.subject, None)
        elif event.action in _REVIEWED:
            key = event.actor, event.detail.get("version")
            self.reviews.setdefault(event.subject, {})[key] = content
        elif event.action == Action.ANSWER_KEPT.value:
            self.answers.setdefault(event.subject, Counter())[content] += 1


def audit(database: Database, blobs: Blobs | None) -> ChainReport:
    """Check everything at one moment; `blobs` are read only where they are given."""
    with database.reading() as session:
        report = audit_session(session)
        kept = list(session.scalars(select(CaseRow.blob).where(CaseRow.blob.is_not(None)))) if blobs else []
    damaged = _damaged(database, blobs, kept) if blobs else ()
    return ChainReport(report.links, report.digest, (*report.faults, *damaged), report.remarks)


def audit_session(session: Session) -> ChainReport:
    """Check the chain and the tables, as one transaction sees them."""
    told = _Told()
    head = session.scalars(select(HeadRow)).one_or_none()
    report = check(told.take(links(session)), head.place if head else 0, head.digest if head else "")
    faults = (*report.faults, *_cases(session, told), *_answers(session, told), *_reviews(session, told))
    return ChainReport(report.links, report.digest, faults, report.remarks)


def links(session: Session) -> Iterator[Event]:
    """Read the whole chain, link by link, from its beginning."""
    rows = session.scalars(select(EventRow).order_by(EventRow.place).execution_options(yield_per=1000))
    return map(event_of, rows)


def event_of(row: EventRow) -> Event:
    """Make the record of a row."""
    return Event(row.place, row.at, row.actor, row.action, row.subject, row.detail, row.before, row.digest)


def _cases(session: Session, told: _Told) -> Iterator[str]:
    there = {}
    for case_id, blob, synthetic in session.execute(select(CaseRow.case_id, CaseRow.blob, CaseRow.synthetic)):
        if blob is None and synthetic:
            continue  # a sample: the package keeps its content
        there[case_id] = blob
        if told.cases.get(case_id) != blob:
            yield recorded("Case {case} is not the one that was added.", case=case_id[:16])
    for case_id in told.cases.keys() - there.keys():
        yield recorded("Case {case} is missing, and nothing tells that it was removed.", case=case_id[:16])


def _answers(session: Session, told: _Told) -> Iterator[str]:
    missing = {case_id: Counter(contents) for case_id, contents in told.answers.items()}
    for row in session.scalars(select(AnswerRow)):
        digest, left = content_digest(row.content), missing.get(row.case_id, Counter())
        if not left[digest] or not _answer_agrees(row):
            yield recorded("One of the answers of case {case} is not as it was written.", case=row.case_id[:16])
        left[digest] -= 1
    for case_id, left in missing.items():
        if any(count > 0 for count in left.values()):
            yield recorded("One of the answers of case {case} is missing.", case=case_id[:16])


def _reviews(session: Session, told: _Told) -> Iterator[str]:
    missing = {case_id: dict(contents) for case_id, contents in told.reviews.items()}
    for row in session.scalars(select(ReviewRow)):
        digest = missing.get(row.case_id, {}).pop((row.reader, row.version), None)
        if digest != content_digest(row.content) or not _review_agrees(row):
            yield recorded("One of the reviews of case {case} is not as it was written.", case=row.case_id[:16])
    for case_id, left in missing.items():
        if left:
            yield recorded("One of the reviews of case {case} is missing.", case=case_id[:16])


def _answer_agrees(row: AnswerRow) -> bool:
    """Whether the columns that are searched say what the content says."""
    try:
        answer = unpack_answer(row.content)
    except StoreDamaged:
        return False
    columns = (row.case_id, row.task, row.model_digest, row.image_index, row.frame)
    return columns == (answer.case_id, answer.task, answer.model_digest, answer.image_index, answer.frame)


def _review_agrees(row: ReviewRow) -> bool:
    try:
        review = unpack_review(row.content)
    except StoreDamaged:
        return False
    columns = (row.case_id, row.reader, row.version, row.revision, row.signed_at, row.state)
    said = (review.case_id, review.reader, review.version, review.revision, review.signed_at, state_of(review))
    return columns == said


def _damaged(database: Database, blobs: Blobs, kept: Iterable[str | None]) -> Iterator[str]:
    """Files that are not what they were; one whose case was removed while we read is none of them."""
    for blob in filter(None, kept):
        try:
            blobs.get(blob)
        except StoreError as error:
            with database.reading() as session:
                still = session.scalar(select(CaseRow.case_id).where(CaseRow.blob == blob))
            if still:
                yield recorded("File {file}: {fault}", file=blob[:12], fault=error.happened)
