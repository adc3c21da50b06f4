"""Reviews and figures as tables and JSON for study, with readers under numbers instead of names.

Readers are numbered in the order in which they first appear. Cases keep their ids, which come from the content of their
files and name nobody. Comments are free text: whoever shares an export looks through them for names.

In the CSV files a cell of text that a spreadsheet would take for a formula gets a leading apostrophe (OWASP, CSV
injection). There is one row for each judgement; of a review or a task without one, a row with empty columns.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from engine.evaluation.reader_study import Estimate, ReaderStudy
from engine.review import Answer, Judgement, Review, Stance, Step
from engine.table import cell

SCHEMA, SCHEMA_VERSION = "attending-reviews", 1

REVIEW_COLUMNS = (
    *("case_id", "reader", "version", "order", "opened_at", "signed_at"),
    *("seconds_to_own_reading", "seconds_to_answer", "seconds_to_map", "seconds_to_signed"),
    *("plausible", "confidence", "regions", "comment"),
    *("task", "own_labels", "own_confidence", "label", "stance", "probability", "instead"),
    *("image", "frame", "model"),
)
FIGURE_COLUMNS = (
    "task",
    "positive",
    "figure",
    "of",
    "value",
    "low",
    "high",
    "readings",
    "readers",
    "cases",
    "interval_over",
)

_BETWEEN = "|"


def pseudonymised(reviews: Sequence[Review]) -> tuple[Review, ...]:
    """Put numbers in place of the readers' names: ``reader-1`` is who comes first."""
    names = {name: f"reader-{rank}" for rank, name in enumerate(dict.fromkeys(one.reader for one in reviews), start=1)}
    return tuple(replace(review, reader=names[review.reader]) for review in reviews)


def reviews_csv(reviews: Sequence[Review]) -> bytes:
    """All versions of all reviews as a table, UTF-8 with a byte order mark, which spreadsheets ask for."""
    return _table(REVIEW_COLUMNS, (row for review in pseudonymised(reviews) for row in _rows(review)))


def reviews_json(reviews: Sequence[Review], answers: Sequence[Answer]) -> bytes:
    """All versions of all reviews, and the answers of the models, as JSON; times in UTC (ISO 8601)."""
    content = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "reviews": [asdict(review) for review in pseudonymised(reviews)],
        "answers": [asdict(replace(answer, versions=dict(answer.versions))) for answer in answers],
    }
    return (json.dumps(content, indent=1, ensure_ascii=False, default=_in_json) + "\n").encode("utf-8")


def figures_csv(studies: Iterable[ReaderStudy]) -> bytes:
    """All figures of some reader studies as a table, one row a figure."""
    return _table(FIGURE_COLUMNS, (row for study in studies for row in _figure_rows(study)))


def _table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return sink.getvalue().encode("utf-8-sig")


def _rows(review: Review) -> Iterable[Mapping[str, object]]:
    """One row a judgement, with all of the review in each."""
    opened = next((timed.at for timed in review.steps if timed.step is Step.OPENED), None)
    whole: dict[str, object] = {
        "case_id": review.case_id,
        "reader": review.reader,
        "version": review.version,
        "order": str(review.order),
        "opened_at": _utc(opened),
        "signed_at": _utc(review.signed_at),
        "seconds_to_own_reading": review.seconds(Step.READ),
        "seconds_to_answer": review.seconds(Step.ANSWERED),
        "seconds_to_map": review.seconds(Step.MAPPED),
        "seconds_to_signed": review.seconds(),
        "plausible": None if review.plausible is None else str(review.plausible),
        "confidence": review.confidence,
        "regions": len(review.regions),
        "comment": review.comment,
    }
    own = {one.task: {"own_labels": _BETWEEN.join(one.labels), "own_confidence": one.confidence} for one in review.own}
    tasks = dict.fromkeys([*own, *(said.task for said in review.judgements)])
    for task in tasks:
        said = [_judged(one) for one in review.judgements if one.task == task]
        yield from ({**whole, "task": task, **own.get(task, {}), **one} for one in said or [{}])
    if not tasks:
        yield whole


def _judged(said: Judgement) -> Mapping[str, object]:
    return {
        "label": said.label,
        "stance": str(said.stance),
        "probability": said.probability,
        "instead": said.instead,
        "image": None if said.stance is Stance.ADD else said.image_index + 1,
        "frame": None if said.stance is Stance.ADD else said.frame + 1,
        "model": said.model_digest,
    }


def _figure_rows(study: ReaderStudy) -> Iterable[Mapping[str, object]]:
    endpoint = {"task": study.endpoint.task, "positive": _BETWEEN.join(study.endpoint.positive)}
    found: list[tuple[str, str, Estimate | None]] = []
    compared = [("", one) for one in study.comparisons]
    compared += [(f", {part.trait}: {part.value}", part.correct) for part in study.subgroups]
    for where, one in compared:
        found += [(f"{one.name}{where}", of, getattr(one, field)) for of, field in _SIDES]
    for of, figures in (("model alone", study.model), ("reader with the model, model first", study.model_first)):
        found += [(name, of, figure) for name, figure in figures.items()]
    for agreed in study.agreements:
        name = f"kappa ({agreed.kind}), {agreed.raters}"
        found += [(name, "reader alone", agreed.alone), (name, "reader with the model", agreed.final)]
    for name, of, figure in found:
        if figure is not None:
            over = ("readers and cases" if figure.over_readers else "cases") if figure.low is not None else "none"
            counts = asdict(figure) | {"interval_over": over}
            yield {**endpoint, "figure": name, "of": of, **counts}


_SIDES = (("reader alone", "alone"), ("reader with the model", "final"), ("gain", "gain"))


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()


def _in_json(value: Any) -> str:
    if isinstance(value, datetime):
        return str(_utc(value))
    raise TypeError(f"{type(value).__name__} is not written to JSON")
