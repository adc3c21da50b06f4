"""What readers say: drafts that are saved at every step, signatures that lock, amendments beside what they amend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.errors import NotKept, ReviewConflict, ReviewLocked
from engine.review import Review, Step
from engine.store.chain import Action, append, content_digest
from engine.store.database import Database
from engine.store.records import pack_review, unpack_review
from engine.store.schema import CaseRow, ReviewRow
from engine.store.worklist import ReviewState
from engine.words import mark, tr

_ELSEWHERE = mark("This review was changed in another window since it was opened here.")


class Reviews:
    """The kept reviews; each reader has their own of each case, so that two never write over each other."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, case_id: str, reader: str) -> Review | None:
        """Read the newest version of a reader's review; None where there is none."""
        with self._database.reading() as session:
            row = _latest(session, case_id, reader)
            return None if row is None else unpack_review(row.content)

    def of(self, case_id: str) -> tuple[Review, ...]:
        """Read all versions of all readers of one case, oldest first."""
        return self._read(select(ReviewRow).where(ReviewRow.case_id == case_id))

    def all(self) -> tuple[Review, ...]:
        """Read everything, oldest first."""
        return self._read(select(ReviewRow))

    def readers(self) -> Sequence[str]:
        """Who has said anything."""
        with self._database.reading() as session:
            return session.scalars(select(ReviewRow.reader).distinct().order_by(ReviewRow.reader)).all()

    def save(self, review: Review) -> Review:
        """Keep a draft; return it with its new revision.

        Raises
        ------
        ReviewLocked
            If this version is signed.
        ReviewConflict
            If it was saved elsewhere since `review` was read.
        NotKept
            If the case is not kept here.
        """
        return self._put(review, Action.REVIEW_SAVED)

    def sign(self, review: Review) -> Review:
        """Keep and lock a review; return it with the time of signing, UTC.

        Raises
        ------
        ReviewLocked, ReviewConflict, NotKept
            As for `save`.
        """
        now = datetime.now(UTC)
        return self._put(replace(review.took(Step.SIGNED, now), signed_at=now), Action.REVIEW_SIGNED)

    def amend(self, case_id: str, reader: str) -> Review:
        """Begin the next version of a signed review, with the same words; the signed one stays.

        Raises
        ------
        NotKept
            If there is no review.
        ReviewLocked
            If the newest version is not signed: there is nothing to amend yet.
        """
        with self._database.writing() as session:
            row = _latest(session, case_id, reader)
            if row is None:
                raise NotKept(tr("There is no review to amend."), tr("Give your verdict first."))
            signed = unpack_review(row.content)
            if not signed.signed:
                raise ReviewLocked(tr("This review is not signed yet."), tr("Change it as it is."))
            kept = [timed for timed in signed.steps if timed.step is not Step.SIGNED]
            begun = replace(signed, version=signed.version + 1, signed_at=None, revision=1, steps=tuple(kept))
            _add(session, begun, Action.REVIEW_AMENDED)
            return begun

    def _read(self, chosen: Select[ReviewRow]) -> tuple[Review, ...]:
        with self._database.reading() as session:
            return tuple(unpack_review(row.content) for row in session.scalars(chosen.order_by(ReviewRow.review_id)))

    def _put(self, review: Review, action: Action) -> Review:
        saved = replace(review, revision=review.revision + 1)
        with self._database.writing() as session:
            if session.get(CaseRow, review.case_id) is None:
                raise NotKept(
                    tr("This case is not in the store."), tr("It may have been removed: open its files again.")
                )
            row = session.scalar(_version(review))
            if row is None:
                _begin(session, review, saved, action)
                return saved
            if row.signed_at is not None:
                raise ReviewLocked(tr("This review is signed and does not change any more."), tr("Begin an amendment."))
            if row.revision != review.revision:
                raise ReviewConflict(tr(_ELSEWHERE), tr("Load it again, and give this change once more."))
            row.revision, row.signed_at, row.state = saved.revision, saved.signed_at, state_of(saved)
            row.content = pack_review(saved)
            _tell(session, saved, action, row.content)
        return saved


def _begin(session: Session, review: Review, saved: Review, action: Action) -> None:
    newest = session.scalar(
        select(func.max(ReviewRow.version)).where(
            ReviewRow.case_id == review.case_id, ReviewRow.reader == review.reader
        )
    )
    if review.revision or (newest or 0) != review.version - 1:
        raise ReviewConflict(tr(_ELSEWHERE), tr("Load it again, and give this change once more."))
    _add(session, saved, action)


def _add(session: Session, review: Review, action: Action) -> None:
    content = pack_review(review)
    session.add(
        ReviewRow(
            case_id=review.case_id,
            reader=review.reader,
            version=review.version,
            revision=review.revision,
            state=state_of(review),
            signed_at=review.signed_at,
            content=content,
        )
    )
    _tell(session, review, action, content)


def _tell(session: Session, review: Review, action: Action, content: object) -> None:
    told = {"version": review.version, "revision": review.revision, "content": content_digest(content)}
    append(session, review.reader, action, review.case_id, **told)


def state_of(review: Review) -> str:
    """How far a reader has come, as the worklist tells it."""
    if review.signed:
        return ReviewState.SIGNED.value
    pointed = review.regions or review.key_images
    said = review.own or review.judgements or pointed or review.plausible or review.comment
    return (ReviewState.DRAFT if said or review.version > 1 else ReviewState.OPENED).value


def _version(review: Review) -> Select[ReviewRow]:
    return select(ReviewRow).filter_by(case_id=review.case_id, reader=review.reader, version=review.version)


def _latest(session: Session, case_id: str, reader: str) -> ReviewRow | None:
    found = select(ReviewRow).filter_by(case_id=case_id, reader=reader).order_by(ReviewRow.version.desc()).limit(1)
    return session.scalar(found)
