"""The tables of the store (SQLAlchemy 2, declarative); times are UTC, ids follow from content and name nobody."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, MetaData, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_DIGEST = String(64)
_CASE = String(64)


class Utc(TypeDecorator[datetime]):
    """A point in time, in UTC whatever the database makes of time zones: SQLite forgets them."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Into the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Out of the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that a migration can name them in every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Utc, dict[str, Any]: JSON}  # noqa: RUF012


class CaseRow(Base):
    """One line of the worklist.

    `blob` is the SHA-256 of the kept case, None for a sample that ships with the package; `patient` is a keyed hash,
    None where the files do not say; `priority` is in [0, 1], None until a model has answered; `waiting` holds until the
    models were asked in the background.
    """

    __tablename__ = "cases"

    case_id: Mapped[str] = mapped_column(_CASE, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    modality: Mapped[str] = mapped_column(Text, default="")
    tasks: Mapped[str] = mapped_column(Text, default="")
    priority: Mapped[float | None] = mapped_column(index=True)
    headline: Mapped[str] = mapped_column(Text, default="")
    patient: Mapped[str | None] = mapped_column(String(64), index=True)
    blob: Mapped[str | None] = mapped_column(_DIGEST)
    synthetic: Mapped[bool] = mapped_column(default=False)
    waiting: Mapped[bool] = mapped_column(default=True, index=True)
    added_at: Mapped[datetime] = mapped_column(index=True)


class AnswerRow(Base):
    """What one model said of one part of a case; the same model asked again replaces nothing."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("case_id", "task", "model_digest", "image_index", "frame"),)

    answer_id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.case_id", ondelete="CASCADE"), index=True)
    task: Mapped[str] = mapped_column(String(64))
    model_digest: Mapped[str] = mapped_column(_DIGEST)
    image_index: Mapped[int] = mapped_column(default=0)
    frame: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


class ReviewRow(Base):
    """One version of one reader's word on one case."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("case_id", "reader", "version"),)

    review_id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.case_id", ondelete="CASCADE"), index=True)
    reader: Mapped[str] = mapped_column(String(120))
    version: Mapped[int]
    revision: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    signed_at: Mapped[datetime | None]
    content: Mapped[dict[str, Any]]


class EventRow(Base):
    """One link of the chain: what happened, without a word of any patient, and the hash of the link before it."""

    __tablename__ = "events"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))  # as hashed: ISO 8601, UTC
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[dict[str, Any]]
    before: Mapped[str] = mapped_column(_DIGEST)
    digest: Mapped[str] = mapped_column(_DIGEST)


class HeadRow(Base):
    """The end of the chain, one row: who appends locks it first."""

    __tablename__ = "chain_head"

    head_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int]
    digest: Mapped[str] = mapped_column(_DIGEST)
