"""Figures of answers: exact match by kind, what the image adds, and a table for who scores again."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.exact_match import Answered, QuestionEvaluation, difference, question_metrics
from engine.evaluation.metrics import bootstrap_weights, share_of
from engine.tasks.task import Example


def answered() -> Answered:
    truth = ["yes", "no", "axial", "liver"]
    examples = tuple(
        Example(str(rank), f"case-{rank // 2}", (answer,), traits={"answer": "closed" if rank < 2 else "open"})
        for rank, answer in enumerate(truth)
    )
    said, blind = ("yes", "yes", "axial", "axial"), ("yes", "no", "left", "left")
    return Answered(examples, said, np.array([0.9, 0.6, 0.8, 0.3]), np.array([True, True, True, False]), blind)


def weights() -> np.ndarray:
    return bootstrap_weights(["a", "a", "b", "b"], repeats=50)


def test_figures_by_kind_and_by_what_the_image_adds() -> None:
    found = {name: metric.value for name, metric in question_metrics(answered(), weights()).items()}
    assert found["exact_match"] == 0.5
    assert found["exact_match_closed"] == 0.5
    assert found["exact_match_open"] == 0.5
    assert found["exact_match_without_image"] == 0.5
    assert found["image_gain_closed"] == -0.5
    assert found["image_gain_open"] == 0.5
    assert found["answered"] == 0.75
    assert found["exact_match_when_answered"] == pytest.approx(2 / 3)
    assert found["calibration_gap"] == pytest.approx((0.1 + 0.6 + 0.2 + 0.3) / 4)


def test_a_difference_is_taken_on_the_same_resamples() -> None:
    same = np.array([True, False, True, False])
    assert difference(same, same, weights()).value == 0.0
    assert share_of(same, weights(), np.zeros(4, np.bool_)).value != share_of(same, weights()).value  # nan where none


def test_a_figure_of_some_questions_tells_how_many_they_are() -> None:
    """The share of right answers among those given was told with the n of all questions."""
    asked = answered()
    evaluation = QuestionEvaluation("visual-question", "0" * 64, asked, question_metrics(asked, weights()))
    sizes = {name: record["n"] for name, record in evaluation.to_json()["metrics"].items()}
    assert sizes["exact_match_when_answered"] == 3
    assert {sizes[f"{name}{kind}"] for name in ("exact_match", "image_gain") for kind in ("_closed", "_open")} == {2}
    assert {sizes[name] for name in ("exact_match", "answered", "calibration_gap")} == {4}


def test_the_table_has_a_row_a_question(tmp_path: Path) -> None:
    evaluation = QuestionEvaluation("visual-question", "0" * 64, answered(), question_metrics(answered(), weights()))
    evaluation.write_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["case_id", "truth", "answer", "answer_type", "p"]
    assert rows[2] == {"case_id": "2", "truth": "axial", "answer": "axial", "answer_type": "OPEN", "p": "0.8"}
    record = evaluation.to_json()
    assert record["n"] == 4
    assert set(record["metrics"]["exact_match"]) == {"value", "low", "high", "n"}
