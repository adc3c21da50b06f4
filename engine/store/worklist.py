"""The worklist: one page of the kept cases as one reader sees them, searched, filtered and ordered by the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from string import Formatter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from engine.store.schema import CaseRow, ReviewRow
from engine.words import mark

_ESCAPE = "\\"
_LONGEST = 200  # characters of a search: databases refuse patterns without end
_Chosen = TypeVar("_Chosen", bound="Select[*tuple[Any, ...]]")


class ReviewState(StrEnum):
    """How far a reader has come with a case."""

    UNSEEN = mark("not seen")
    OPENED = mark("opened")
    DRAFT = mark("draft")
    SIGNED = mark("signed")


class Order(StrEnum):
    """What stands first."""

    PRIORITY = mark("priority")
    NEWEST = mark("newest")
    TITLE = mark("title")


@dataclass(frozen=True)
class Line:
    """One case in the worklist.

    Parameters
    ----------
    kind : str
        What it is made of, in words.
    tasks : tuple of str
        Names of the tasks that answer for it.
    headline : str
        What models said, in few words.
    priority : float or None
        In [0, 1], higher first; None where no model has answered.
    """

    case_id: str
    title: str
    kind: str
    modality: str = ""
    tasks: tuple[str, ...] = ()
    headline: str = ""
    priority: float | None = None
    state: ReviewState = ReviewState.UNSEEN
    synthetic: bool = False
    added_at: datetime | None = None


@dataclass(frozen=True)
class Query:
    """What a reader wants to see of the worklist.

    Parameters
    ----------
    search : str
        Each of its words must stand in title, kind, modality or headline; case does not matter, nor what stands after
        200 characters.
    meant : mapping of str to tuple of str
        What words of the search mean in English, in which titles, kinds and headlines are kept: one of these may stand
        there instead, as words of their own; places for values stand for anything.
    task : str
        Only cases that this task answers for; empty for all.
    states : tuple of ReviewState
        Empty for all.
    first, size : int
        From which line on, counted from 0, and how many.
    blind : bool
        Whether the search leaves out what models said.
    """

    reader: str = ""
    search: str = ""
    meant: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    task: str = ""
    states: tuple[ReviewState, ...] = ()
    order: Order = Order.PRIORITY
    first: int = 0
    size: int = 50
    blind: bool = False


@dataclass(frozen=True)
class Page:
    """Some lines of the worklist, how many there are in all, and how many of those the reader has not seen."""

    lines: tuple[Line, ...]
    total: int
    unseen: int


def read_page(session: Session, query: Query) -> Page:
    """Ask the database for one page."""
    state = _state(query.reader)
    found = _filtered(select(CaseRow, state), query, state)
    total = session.scalar(_filtered(select(func.count()).select_from(CaseRow), query, state)) or 0
    unseen = session.scalar(
        _filtered(select(func.count()).select_from(CaseRow), query, state).where(state == ReviewState.UNSEEN.value)
    )
    rows = session.execute(found.order_by(*_order(query.order)).offset(query.first).limit(query.size))
    return Page(tuple(line_of(row, said) for row, said in rows), total, unseen or 0)


def read_line(session: Session, case_id: str, reader: str) -> Line | None:
    """Ask the database for one case."""
    found = session.execute(select(CaseRow, _state(reader)).where(CaseRow.case_id == case_id)).one_or_none()
    return None if found is None else line_of(*found)


def read_order(session: Session, query: Query) -> tuple[str, ...]:
    """Ask for the ids of all cases of a query in their order, whatever its page."""
    state = _state(query.reader)
    return tuple(session.scalars(_filtered(select(CaseRow.case_id), query, state).order_by(*_order(query.order))))


def line_of(row: CaseRow, state: str) -> Line:
    """Make the record of a row."""
    return Line(
        case_id=row.case_id,
        title=row.title,
        kind=row.kind,
        modality=row.modality,
        tasks=tuple(row.tasks.split()),
        headline=row.headline,
        priority=row.priority,
        state=ReviewState(state),
        synthetic=row.synthetic,
        added_at=row.added_at,
    )


def _state(reader: str) -> ColumnElement[str]:
    """How far the reader is with the latest version of each case's review."""
    newest = (
        select(func.max(ReviewRow.version))
        .where(ReviewRow.case_id == CaseRow.case_id, ReviewRow.reader == reader)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    said = (
        select(ReviewRow.state)
        .where(ReviewRow.case_id == CaseRow.case_id, ReviewRow.reader == reader, ReviewRow.version == newest)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    return func.coalesce(said, ReviewState.UNSEEN.value)


def _filtered(chosen: _Chosen, query: Query, state: ColumnElement[str]) -> _Chosen:
    for word in query.search[:_LONGEST].replace("\0", " ").split():
        columns = (CaseRow.title, CaseRow.kind, CaseRow.modality, *(() if query.blind else (CaseRow.headline,)))
        patterns = [(column, f"%{_literal(word)}%") for column in columns]
        patterns += [(" " + column + " ", _apart(said)) for said in query.meant.get(word, ()) for column in columns]
        chosen = chosen.where(or_(*(column.ilike(pattern, escape=_ESCAPE) for column, pattern in patterns)))
    if query.task:
        chosen = chosen.where((" " + CaseRow.tasks + " ").contains(f" {query.task} ", autoescape=True))
    if query.states:
        chosen = chosen.where(state.in_([said.value for said in query.states]))
    return chosen


def _literal(words: str) -> str:
    """Words in which no sign stands for anything else."""
    return "".join(_ESCAPE + sign if sign in "%_\\" else sign for sign in words)


def _apart(said: str) -> str:
    """A sentence as words of their own; where it has a place for a value, anything may stand."""
    parts = (_literal(words) + ("%" if place is not None else "") for words, place, *_ in Formatter().parse(said))
    return f"% {''.join(parts)} %"


def _order(order: Order) -> tuple[ColumnElement[Any], ...]:
    """Ties are broken by id, so that pages never overlap; cases without a priority stand last in every database."""
    newest = CaseRow.added_at.desc()
    if order is Order.PRIORITY:
        return (case((CaseRow.priority.is_(None), 1), else_=0), CaseRow.priority.desc(), newest, CaseRow.case_id.asc())
    if order is Order.NEWEST:
        return newest, CaseRow.case_id.asc()
    return func.lower(CaseRow.title), CaseRow.case_id.asc()
