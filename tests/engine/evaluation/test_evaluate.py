"""A folder is scored case by case, and what is written sums to 1 and can be scored again."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.case import Case
from engine.errors import DatasetError
from engine.evaluation import evaluate as scoring
from engine.evaluation.evaluate import evaluate
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput, ModelOutput
from engine.preprocess.image import ImageGeometry
from engine.preprocess.prepared import Prepared
from engine.results import Domain
from engine.tasks.task import Example, Source, Task

LABELS = ("well", "ill", "worse")


class _Echo(nn.Module):
    """Two windows whose mean logits point, twice as sharply as they should, at the label that the case names."""

    def forward(self, inputs: ModelInput) -> ModelOutput:
        logits: Tensor = 4.0 * nn.functional.one_hot(inputs.values[:, 0], len(LABELS)) + torch.tensor([[0.5], [-0.5]])
        return ModelOutput(logits, (), inputs.presence.float(), logits)


def _prepare(case: Case, model: LoadedModel) -> Prepared:
    values = torch.full((2, 1), int(case.title))
    geometry = ImageGeometry(rows=1, columns=1, size=1, patch=1, top=0, left=0, height=1, width=1)
    return Prepared(ModelInput(values, torch.ones(2, 1, dtype=torch.bool)), geometry)


def _examples(_: Path) -> list[Example]:
    """Thirty cases of ten patients; the last case of each looks like something else."""
    seen = [(number, number % 3, (number % 3 + (number < 3)) % 3) for number in range(30)]
    return [Example(f"f/{n}", f"p{n // 3}", (LABELS[true],), text=str(looks)) for n, true, looks in seen]


@pytest.fixture
def task() -> Task:
    return Task(
        name="echo",
        title="Echo",
        question="Which?",
        source=Source.IMAGE,
        labels=LABELS,
        multi_label=False,
        positive=LABELS[1:],
        accepts=lambda case: True,
        read_dataset=_examples,
        load=lambda example: Case(example.case_id, example.text or ""),
        prepare=_prepare,
        train=lambda examples, out, settings, seed: None,
        defaults={},
    )


def _model(labels: tuple[str, ...] = LABELS) -> LoadedModel:
    trust = TrustParameters((2.0,), operating_point=0.6)
    card = Card("echo", "Echo", labels, "", "", (), DataFacts("", "", 30, "", ""), {}, trust)
    return LoadedModel("echo", _Echo(), labels, "d" * 64, card, torch.device("cpu"))


def test_single_label_figures_and_rows(task: Task, tmp_path: Path) -> None:
    found = evaluate(task, _model(), tmp_path, repeats=100)
    figures = found.to_json()["metrics"]
    assert figures["accuracy"]["value"] == pytest.approx(27 / 30)
    assert figures["accuracy"]["low"] < 0.9 < figures["accuracy"]["high"]
    assert figures["sensitivity"]["value"] == pytest.approx(19 / 20)
    assert figures["specificity"]["value"] == pytest.approx(9 / 10)
    assert figures["flag_accuracy"]["value"] == pytest.approx(28 / 30)
    assert [figures[name]["n"] for name in ("sensitivity", "specificity", "accuracy")] == [20, 10, 30]
    assert "conformal_coverage" not in figures  # the model's card makes no calls
    found.write_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["case_id", "truth", "flag", "p:well", "p:ill", "p:worse"]
    values = np.array([[float(row[f"p:{label}"]) for label in LABELS] for row in rows])
    assert values.sum(1) == pytest.approx(np.ones(30), abs=1e-6)
    assert values[1] == pytest.approx(np.exp([0, 0, 2]) / (2 + np.exp(2)), abs=1e-7)
    assert [row["flag"] for row in rows] == [str(int(value)) for value in values[:, 1:].sum(1) >= 0.6]


def test_what_is_decided_rightly_ruled_out_and_inside_the_domain_is_told(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _model()
    sure = replace(model.card.trust, rule_out=(0.2, 0.2, 0.2), rule_in=(0.5, 0.5, 0.9))
    model = replace(
        model, card=replace(model.card, trust=sure)
    )  # e² / (2 + e²) = 0.79 for the label that it looks like
    known = {f"f/{number}" for number in range(24)}
    monkeypatch.setattr(scoring, "judge", lambda case, embedding, model: Domain(inside=case.case_id in known))
    figures = evaluate(task, model, tmp_path, repeats=100).to_json()["metrics"]
    assert figures["conformal_coverage"]["value"] == pytest.approx(27 / 30)  # three look like another label
    assert figures["conformal_decided"]["value"] == pytest.approx(20 / 30)  # what looks worse stays uncertain
    assert figures["in_domain"]["value"] == pytest.approx(24 / 30)
    for name in ("conformal_coverage", "conformal_decided", "in_domain"):
        assert figures[name]["low"] - 1e-6 <= figures[name]["value"] <= figures[name]["high"] + 1e-6
        assert figures[name]["n"] == 30


def test_the_record_tells_more_than_figures(task: Task, tmp_path: Path) -> None:
    record = evaluate(task, _model(), tmp_path, repeats=20).to_json()
    assert json.loads(json.dumps(record, allow_nan=False)) == json.loads(json.dumps(record))
    assert len(record["confusion"]) == len(record["confusion"][0]) == 3
    assert {row["case_id"] for row in record["mistakes"]} == {"f/0", "f/1", "f/2"}
    assert record["reliability"]
    assert record["decisions"]


def test_progress_is_told_after_every_case(task: Task, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    evaluate(task, _model(), tmp_path, progress=lambda done, total: seen.append((done, total)), repeats=10)
    assert seen == [(done, 30) for done in range(1, 31)]


def test_labels_of_another_task_are_refused(task: Task, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="worse"):
        evaluate(task, _model(labels=("well", "ill")), tmp_path)
