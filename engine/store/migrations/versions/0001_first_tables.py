"""The first tables: cases, answers, reviews, and the chain of events with its head."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the head of an empty chain."""
    _cases()
    _chain()
    _answers()
    _reviews()
    op.execute(
        sa.text("INSERT INTO chain_head (head_id, place, digest) VALUES (1, 0, :none)").bindparams(none="0" * 64)
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("modality", sa.Text(), nullable=False),
        sa.Column("tasks", sa.Text(), nullable=False),
        sa.Column("priority", sa.Double(), nullable=True),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=True),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_cases"),
    )
    op.create_index("ix_cases_added_at", "cases", ["added_at"])
    op.create_index("ix_cases_patient", "cases", ["patient"])
    op.create_index("ix_cases_priority", "cases", ["priority"])
    op.create_index("ix_cases_waiting", "cases", ["waiting"])


def _chain() -> None:
    op.create_table(
        "chain_head",
        sa.Column("head_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("head_id", name="pk_chain_head"),
    )
    op.create_table(
        "events",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_events"),
    )
    op.create_index("ix_events_subject", "events", ["subject"])


def _answers() -> None:
    op.create_table(
        "answers",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("model_digest", sa.String(length=64), nullable=False),
        sa.Column("image_index", sa.Integer(), nullable=False),
        sa.Column("frame", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_answers_case_id_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("answer_id", name="pk_answers"),
        sa.UniqueConstraint("case_id", "task", "model_digest", "image_index", "frame", name="uq_answers_case_id"),
    )
    op.create_index("ix_answers_case_id", "answers", ["case_id"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("reader", sa.String(length=120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.case_id"], name="fk_reviews_case_id_cases", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("review_id", name="pk_reviews"),
        sa.UniqueConstraint("case_id", "reader", "version", name="uq_reviews_case_id"),
    )
    op.create_index("ix_reviews_case_id", "reviews", ["case_id"])
