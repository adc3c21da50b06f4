"""Variants are told apart by what they answered, on the same cases, and their lead is paired."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main
from engine.evaluation.metrics import bootstrap_weights
from engine.models.card import read_card
from engine.models.checkpoint import load_model
from engine.tasks.image_ablation import SIDE, Variant, ablate, compared, variants
from engine.tasks.own_images import read_dataset
from engine.training.images import ClassifierSettings
from tests.engine.tasks.test_own_images import SMALL, write_folder

REFERENCE, WORSE = Variant("", "as it is"), Variant("stem", "worse")


def test_a_variant_that_answers_by_chance_trails_the_reference_and_one_that_answers_alike_does_not() -> None:
    generator = np.random.default_rng(0)
    truth = np.eye(3, dtype=bool)[generator.integers(3, size=120)]  # (N, L)
    good = truth + generator.normal(0, 0.5, truth.shape)  # (N, L)
    chance = generator.normal(size=truth.shape)  # (N, L)
    sought = np.array([False, True, True])
    weights = bootstrap_weights([str(row) for row in range(120)], repeats=200)
    alike = Variant("resolution", "alike")
    first, worse, same = compared(
        (REFERENCE, WORSE, alike), np.stack([good, chance, good]), truth, weights, sought=sought
    )
    assert "lead in macro_auroc" not in first.figures
    assert first.figures["auroc"].value > 0.8 > worse.figures["auroc"].value
    lead = worse.figures["lead in macro_auroc"]
    assert lead.value == pytest.approx(
        worse.figures["macro_auroc"].value - first.figures["macro_auroc"].value, abs=1e-4
    )
    assert lead.high is not None
    assert lead.high < -0.2
    assert same.figures["lead in macro_auroc"].value == 0.0
    assert worse.figures["accuracy"].n == 120


def test_every_variant_changes_one_thing_alone() -> None:
    reference, *others = variants(3, start=Path("other"))
    assert not reference.changes
    assert all(len(one.changes) == 1 for one in others)
    assert f"{SIDE} pixels" in reference.name
    assert [one.part for one in others] == ["stem", "resolution", "resolution", "pretraining", "start"]


def test_choices_are_compared_beside_a_model_whose_weights_stay(small_start: Path, tmp_path: Path) -> None:
    data, model = write_folder(tmp_path / "data", 24), tmp_path / "model"
    assert (
        main(["train", "images", "--data", str(data), "--out", str(model), "--set", f"init={small_start}", *SMALL]) == 0
    )
    weights = (model / "model.safetensors").read_bytes()
    card = read_card(model)
    runs = tmp_path / "runs"
    examples = read_dataset(data)
    settings = ClassifierSettings(stages="", batch_size=16)
    for _ in range(2):  # the second time goes on with what is there
        shutil.rmtree(runs / "variant-5", ignore_errors=True)
        ablate(
            examples,
            model,
            runs,
            small_start,
            labels=card.labels,
            positive=card.labels[:1],
            held=0.3,
            epochs=1,
            settings=settings,
        )
        found = load_model(model, device="cpu").card
        assert len(found.ablations) == 6
        assert found.training["ablations"]["epochs"] == 1
        assert found.metrics == card.metrics
    assert (model / "model.safetensors").read_bytes() == weights


def test_a_task_whose_choices_cannot_be_compared_says_which_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--data", str(tmp_path), "--model", str(tmp_path), "--runs", str(tmp_path)]
    assert main(["ablate", "icu-course", *given]) != 0
    assert "chest-xray" in capsys.readouterr().err
