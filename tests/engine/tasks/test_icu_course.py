"""The course task: its data set without the future, and a whole small training with all that is asked of its model."""

from __future__ import annotations

import csv
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.case import Case, Period
from engine.errors import DatasetError, TrainingError
from engine.evaluation.evaluate import Evaluation, evaluate
from engine.evidence import measure_faithfulness
from engine.models.checkpoint import LoadedModel, load_model
from engine.pipeline import analyse, attention_heads, explain_case
from engine.results import Method
from engine.tasks.icu_course import ICU_COURSE, LABELS, read_dataset
from engine.whatif import WhatIf
from tests.engine.courses import cut, random_course, write_set

SMALL = {
    "epochs": 8,
    "batch_size": 8,
    "members": 2,
    "width": 16,
    "heads": 4,
    "lr": 2e-2,
    "average": 0.8,
    "patience": 0,
    "folds": 2,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_set(tmp_path_factory.mktemp("physionet2012"))


@pytest.fixture(scope="module")
def model(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    out = tmp_path_factory.mktemp("icu-course")
    ICU_COURSE.train(read_dataset(folder), out, {**ICU_COURSE.defaults, **SMALL}, 0)
    return load_model(out, device="cpu")


@pytest.fixture(scope="module")
def evaluation(folder: Path, model: LoadedModel) -> Evaluation:
    return evaluate(ICU_COURSE, model, folder, repeats=50)


@pytest.fixture(scope="module")
def case(folder: Path) -> Case:
    return ICU_COURSE.load(read_dataset(folder)[0])


def test_a_stay_is_its_record_and_whether_the_patient_died(folder: Path) -> None:
    examples = read_dataset(folder)
    assert len(examples) == 48
    assert examples[0].case_id == examples[0].group == "0"
    assert examples[0].truth == LABELS
    assert examples[1].truth == ()
    assert examples[0].traits == {"age": "under 65", "gender": "male", "unit": "cardiac surgery"}
    course = ICU_COURSE.load(examples[0]).course
    assert course is not None
    assert set(course.variables) == {"HR", "Temp", "GCS", "Urine", "pH"}
    assert set(course.static) == {"Age", "Gender", "ICUType"}


def test_the_archive_holds_what_the_folder_holds(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "Outcomes-a.txt", tmp_path / "Outcomes-b.txt")
    with tarfile.open(tmp_path / "set-b.tar.gz", "w:gz") as archive:
        archive.add(folder / "set-a", arcname="set-b")
    assert read_dataset(tmp_path) == read_dataset(folder)


def test_another_layout_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="PhysioNet"):
        read_dataset(tmp_path)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "set-a" / "3.txt").unlink()
    with pytest.raises(DatasetError, match="1 stays"):
        read_dataset(tmp_path)
    (tmp_path / "Outcomes-a.txt").write_text("RecordID,SAPS-I\n1,2\n", encoding="utf-8")
    with pytest.raises(DatasetError, match="In-hospital_death"):
        read_dataset(tmp_path)


def test_a_set_in_which_nobody_died_trains_nothing(folder: Path, tmp_path: Path) -> None:
    survivors = [replace(example, truth=()) for example in read_dataset(folder)]
    with pytest.raises(TrainingError):
        ICU_COURSE.train(survivors, tmp_path, {**ICU_COURSE.defaults, **SMALL}, 0)


def test_the_card_says_what_was_measured(model: LoadedModel) -> None:
    card = model.card
    assert {"auroc", "auprc", "min(Se,+P)", "brier", "ece", "auroc at 12 h", "auroc at 24 h"} <= set(card.metrics)
    died_and_lived = [card.metrics[name].n for name in ("sensitivity", "specificity")]
    assert sum(died_and_lived) == 48
    of_maps = {name for name in card.metrics if name.startswith(("removal_gap@", "outside_drop@"))}
    of_parts = {f"{name}@{share}% of observations" for name in ("ece", "auroc") for share in (25, 50, 75)}
    whole = set(card.metrics) - of_maps - {"sensitivity", "specificity"}
    assert of_parts < whole
    assert all(card.metrics[name].n == 48 for name in whole)
    assert all(0 < card.metrics[name].n <= 24 for name in of_maps)
    assert any("had learned from each" in limit for limit in card.limits)
    assert set(card.map_scales) == {str(method) for method in Method if not method.learned}
    assert set(card.cross_validated) == set(card.metrics) - of_maps - of_parts
    assert card.trust.operating_point is not None
    assert card.report.reliability
    assert card.report.decisions


def test_it_is_scored_at_the_end_and_earlier(evaluation: Evaluation, tmp_path: Path) -> None:
    assert {"auroc", "auprc", "min(Se,+P)", "auroc at 12 h", "auroc at 24 h"} <= set(evaluation.metrics)
    evaluation.write_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["case_id", "truth", "flag", "p:death"]
    assert [row["truth"] for row in rows[:3]] == ["1", "0", "0"] or {row["truth"] for row in rows} == {"0", "1"}


def test_the_risk_is_told_hour_by_hour_from_the_past_alone(case: Case, model: LoadedModel) -> None:
    assert case.course is not None
    found = analyse(case, model)
    trajectory = found.trajectory
    assert trajectory is not None
    assert trajectory.hours == tuple(range(1, 46))
    assert trajectory.probability[-1] == pytest.approx(found.findings[0].probability, abs=1e-5)
    assert all(low <= risk <= high for low, risk, high in zip(
        trajectory.low, trajectory.probability, trajectory.high, strict=True
    ))  # fmt: skip
    early = analyse(replace(case, course=cut(case.course, 21)), model).trajectory
    assert early is not None
    assert early.probability == pytest.approx(trajectory.probability[:21], abs=1e-5)


@pytest.mark.parametrize("method", [method for method in Method if not method.learned])
def test_every_method_leads_back_to_the_observations(case: Case, model: LoadedModel, method: Method) -> None:
    assert case.course is not None
    explanation = explain_case(case, model, method=method)
    assert explanation.observed is not None
    assert explanation.observed.shape == case.course.hours.shape
    assert np.isfinite(explanation.observed).all()
    assert np.abs(explanation.observed).mean() == pytest.approx(1.0, rel=1e-3)


def test_the_map_is_measured_by_removing_observations(case: Case, model: LoadedModel) -> None:
    found = measure_faithfulness(case, model, explain_case(case, model))
    assert found.unit == "observation"


def test_observations_can_be_taken_away_by_hand(case: Case, model: LoadedModel) -> None:
    asked = WhatIf(case, model)
    heart, nothing = Period(0, 48, "HR"), Period(0, 48, "Lactate")
    effects = asked.effects([heart, nothing], "death")
    assert effects.alone[0].change != 0
    assert effects.alone[1].change == 0
    assert effects.after == pytest.approx(effects.alone[0].probability)


def test_attention_is_among_the_tokens_that_are_there(case: Case, model: LoadedModel) -> None:
    heads = attention_heads(case, model)
    assert heads.attention.shape[:2] == (1, 4)
    assert heads.places.shape == (heads.attention.shape[2], 2)


def test_children_and_courses_that_say_little_are_outside(model: LoadedModel) -> None:
    course = random_course()
    inside = analyse(Case("c", "c", course=course), model).domain
    assert inside.inside
    child = analyse(Case("c", "c", course=replace(course, static={"Age": 4.0})), model).domain
    assert not child.inside
    assert "16 to 90" in child.reasons[0]
    little = analyse(Case("c", "c", course=random_course(6)), model).domain
    assert "6 observations" in little.reasons[0]
    narrow = replace(course, variables=("HR",) * len(course.hours))
    assert "1 variables" in analyse(Case("c", "c", course=narrow), model).domain.reasons[0]
