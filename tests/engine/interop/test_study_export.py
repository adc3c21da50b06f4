"""Exports name no reader, lose nothing, and run nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation.reader_study import reader_study
from engine.evaluation.readings import study_readings
from engine.interop.study_export import REVIEW_COLUMNS, figures_csv, pseudonymised, reviews_csv, reviews_json
from engine.review import Answer, Review
from engine.table import cell
from tests.engine.evaluation.readers import ENDPOINT, TASK, YES, drawn_study


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_readers_are_numbered_as_they_appear(review: Review) -> None:
    named = [replace(review, reader=name) for name in ("zoe@hospital", "adam@hospital", "zoe@hospital")]
    assert [one.reader for one in pseudonymised(named)] == ["reader-1", "reader-2", "reader-1"]
    assert pseudonymised(pseudonymised(named)) == pseudonymised(named)
    for data in (reviews_csv(named), reviews_json(named, [])):
        assert b"hospital" not in data


def test_one_row_a_judgement(review: Review) -> None:
    rows = rows_of(reviews_csv([review]))
    assert tuple(rows[0]) == REVIEW_COLUMNS
    assert [(row["label"], row["stance"], row["probability"]) for row in rows] == [
        ("pneumonia", "agree", "0.87"),
        ("normal", "reject", "0.13"),
        ("effusion", "add", ""),
    ]
    for row in rows:
        assert (row["own_labels"], row["own_confidence"], row["confidence"], row["regions"]) == (
            "normal",
            "60",
            "80",
            "2",
        )
        assert (row["seconds_to_own_reading"], row["seconds_to_signed"], row["seconds_to_map"]) == ("30.0", "90.0", "")
        assert row["signed_at"] == "2026-11-20T09:01:30+00:00"


def test_a_review_without_a_judgement_has_a_row_too(review: Review) -> None:
    rows = rows_of(reviews_csv([replace(review, judgements=()), replace(review, judgements=(), own=())]))
    assert [(row["task"], row["own_labels"], row["label"]) for row in rows] == [
        ("chest-xray", "normal", ""),
        ("", "", ""),
    ]


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_no_cell_is_a_formula_and_none_loses_a_letter(text: str) -> None:
    written = cell(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert written.removeprefix("'") == text.removeprefix("'")


def test_a_hostile_comment_stays_in_its_cell(review: Review) -> None:
    hostile = '=HYPERLINK("http://x")\r\n";,\n@x'
    rows = rows_of(reviews_csv([replace(review, comment=hostile)]))
    assert len(rows) == 3
    assert rows[0]["comment"] == f"'{hostile}"


def test_json_keeps_every_version_and_tells_utc(review: Review, answer: Answer) -> None:
    content = json.loads(reviews_json([review, replace(review, version=2, signed_at=None)], [answer]))
    assert (content["schema"], content["schema_version"]) == ("attending-reviews", 1)
    first, second = content["reviews"]
    assert (first["version"], second["version"], second["signed_at"]) == (1, 2, None)
    assert datetime.fromisoformat(first["signed_at"]) == review.signed_at
    assert first["regions"][0] == {
        "box": {"top": 10, "left": 5, "bottom": 20, "right": 25},
        "mark": "here",
        "image_index": 0,
        "frame": 0,
    }
    assert content["answers"][0]["findings"][0] == {"label": "pneumonia", "probability": 0.87, "call": "ruled in"}
    assert content["answers"][0]["model_digest"] == answer.model_digest


def test_figures_are_a_table() -> None:
    reviews, answers, reference = drawn_study()
    study = reader_study(study_readings(reviews, answers, reference, ENDPOINT), ENDPOINT)
    rows = rows_of(figures_csv([study]))
    found = {(row["figure"], row["of"]): row for row in rows}
    assert len(found) == len(rows)
    gain = found["sensitivity", "gain"]
    assert float(gain["value"]) == study.comparisons[0].gain.value
    assert gain["interval_over"] == "readers and cases"
    assert (gain["readers"], gain["task"], gain["positive"]) == ("3", TASK, YES)
    assert found["sensitivity", "model alone"]["interval_over"] == "cases"
    assert ("kappa (Fleiss), all readers", "reader with the model") in found
