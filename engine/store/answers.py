"""What models said: one answer a model and part of a case, bound into the chain by its digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Select, select

from engine.errors import NotKept
from engine.review import Answer
from engine.store.chain import Action, append, content_digest
from engine.store.database import Database
from engine.store.records import pack_answer, unpack_answer
from engine.store.schema import AnswerRow, CaseRow
from engine.words import tr


class Answers:
    """The kept answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, answer: Answer, *, actor: str, priority: float | None = None, headline: str = "") -> None:
        """Keep what a model said; what the same model said of the same part before stays.

        Parameters
        ----------
        priority : float or None
            What it adds to the case's place in the worklist, in [0, 1].
        headline : str
            What the worklist says of it; the first answer of each task is told there.

        Raises
        ------
        NotKept
            If the case is not kept here.
        """
        place = {name: getattr(answer, name) for name in ("case_id", "task", "model_digest", "image_index", "frame")}
        said_before = select(AnswerRow.answer_id).filter_by(**place)
        with self._database.reading() as session:  # every drawing of a page asks: those who write are not held up
            if session.scalar(said_before) is not None:
                return
        with self._database.writing() as session:
            case = session.get(CaseRow, answer.case_id)
            if case is None:
                raise NotKept(
                    tr("This case is not in the store."), tr("It may have been removed: open its files again.")
                )
            if session.scalar(said_before) is not None:
                return
            others = session.scalar(
                select(AnswerRow.answer_id).filter_by(case_id=answer.case_id, task=answer.task).limit(1)
            )
            made_at = answer.made_at or datetime.now(UTC)
            content = pack_answer(replace(answer, made_at=made_at))
            session.add(AnswerRow(**place, made_at=made_at, content=content))
            if priority is not None:
                case.priority = max(priority, case.priority or 0.0)
            if headline and not others:
                case.headline = " · ".join(filter(None, (case.headline, headline)))
            told = {"task": answer.task, "model": answer.model_digest, "content": content_digest(content)}
            append(session, actor, Action.ANSWER_KEPT, answer.case_id, **told)

    def of(self, case_id: str) -> tuple[Answer, ...]:
        """Read what was said of one case, in the order of asking."""
        return self._read(select(AnswerRow).where(AnswerRow.case_id == case_id))

    def all(self) -> tuple[Answer, ...]:
        """Read everything that was said, in the order of asking."""
        return self._read(select(AnswerRow))

    def _read(self, chosen: Select[AnswerRow]) -> tuple[Answer, ...]:
        with self._database.reading() as session:
            return tuple(unpack_answer(row.content) for row in session.scalars(chosen.order_by(AnswerRow.answer_id)))
