"""A folder of one's own becomes a model that the command line can use."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from pydicom import dcmread

from engine.cli import main
from engine.errors import DatasetError
from engine.models.card import read_card
from engine.models.checkpoint import load_model
from engine.models.vision import ImageTransformer
from engine.tasks.own_images import OWN_IMAGES, read_dataset
from engine.training.curves import training_runs

FILM = sorted((Path(__file__).resolve().parents[3] / "sample_data" / "cases").glob("chest-*/*.dcm"))[0]
SMALL = ["--set", "stages=32x8", "--set", "lr=0.001", "--set", "average=0.8", "--set", "batch_size=8"]


def write_folder(folder: Path, count: int = 60) -> Path:
    """Bright above, or bright below."""
    generator = np.random.default_rng(0)
    for rank in range(count):
        label = ("above", "below")[rank % 2]
        pixels = generator.integers(0, 60, (32, 32)).astype(np.uint8)
        pixels[:16] += np.uint8(150 if label == "above" else 0)
        pixels[16:] += np.uint8(150 if label == "below" else 0)
        (folder / label).mkdir(parents=True, exist_ok=True)
        Picture.fromarray(pixels).save(folder / label / f"{rank}.png")
    return folder


def test_sub_folders_are_labels(tmp_path: Path) -> None:
    write_folder(tmp_path, 6)
    (tmp_path / "above" / ".DS_Store").touch()
    examples = read_dataset(tmp_path)
    assert [(example.case_id, example.truth) for example in examples][:2] == [
        ("above/0", ("above",)),
        ("above/2", ("above",)),
    ]
    assert len(examples) == 6


def test_a_table_says_whose_a_file_is_and_what_else_is_known(tmp_path: Path) -> None:
    write_folder(tmp_path, 4)
    rows = ["file,patient,sex", "above/0.png,Ann,F", "above/2.png,Ann,F", "below/1.png,Bob,"]
    (tmp_path / "patients.csv").write_text("\n".join(rows))
    groups = {example.case_id: (example.group, dict(example.traits)) for example in read_dataset(tmp_path)}
    assert groups["above/0"] == groups["above/2"] == ("Ann", {"sex": "F"})
    assert groups["below/1"] == ("Bob", {})
    assert groups["below/3"] == ("below/3", {})


def test_dicom_files_of_one_patient_are_one_group_without_a_name(tmp_path: Path) -> None:
    for label, patient in (("a", "1234"), ("b", "1234"), ("b", "5678")):
        film = dcmread(FILM)
        film.PatientID = patient
        (tmp_path / label).mkdir(exist_ok=True)
        film.save_as(tmp_path / label / f"{patient}.dcm")
    groups = [example.group for example in read_dataset(tmp_path)]
    assert groups[0] == groups[1] != groups[2]
    assert not any("1234" in group for group in groups)


def test_files_that_do_not_say_whose_they_are_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        read_dataset(write_folder(tmp_path, 4))
    assert "4 of 4 files" in caplog.text


@pytest.mark.parametrize("rows", ["name,patient\nx,y", "file,patient\nabove/0.png", "file,patient\na,b,c"])
def test_a_table_that_cannot_be_understood_is_refused(tmp_path: Path, rows: str) -> None:
    write_folder(tmp_path, 2)
    (tmp_path / "patients.csv").write_text(rows)
    with pytest.raises(DatasetError, match=r"patients\.csv"):
        read_dataset(tmp_path)


def test_one_label_is_refused(tmp_path: Path) -> None:
    (tmp_path / "only").mkdir()
    Picture.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "only" / "x.png")
    with pytest.raises(DatasetError, match="1 labels"):
        read_dataset(tmp_path)


@pytest.fixture(scope="module")
def trained(small_start: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("own")
    data, model = write_folder(folder / "data"), folder / "model"
    assert (
        main(["train", "images", "--data", str(data), "--out", str(model), "--set", f"init={small_start}", *SMALL]) == 0
    )
    return data, model


def test_the_card_says_what_it_was_trained_on(trained: tuple[Path, Path]) -> None:
    card = load_model(trained[1], device="cpu").card
    assert card.labels == ("above", "below")
    assert "mirrored" not in card.domain  # nobody said which way round such images lie
    assert card.metrics["macro_auroc"].value > 0.9
    assert card.trust.operating_point is None
    assert OWN_IMAGES.name == card.task


def test_the_model_is_used_by_analyse_and_evaluate(trained: tuple[Path, Path], tmp_path: Path) -> None:
    data, model = trained
    out = tmp_path / "out.json"
    assert main(["analyse", str(data / "above" / "0.png"), "--model", str(model), "--json", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    assert row["task"] == "images"
    assert row["findings"][0]["label"] == "above"
    assert main(["evaluate", "images", "--data", str(data), "--model", str(model), "--json", str(out)]) == 0
    record = json.loads(out.read_text())
    assert record["n"] == 60
    assert record["metrics"]["accuracy"]["value"] > 0.9
    assert "sensitivity" not in record["metrics"]


def test_a_model_has_the_sizes_of_the_one_that_it_started_from(trained: tuple[Path, Path], small_start: Path) -> None:
    model = load_model(trained[1], device="cpu")
    assert isinstance(model.network, ImageTransformer)
    assert (model.network.config.layers, model.network.config.labels) == (2, 2)
    assert model.card.training["settings"]["init"] == small_start.name


def test_pretraining_and_folds_leave_their_traces(
    trained: tuple[Path, Path], small_start: Path, tmp_path: Path
) -> None:
    more = ["--set", f"init={small_start}", "--set", "pretrain=1", "--set", "folds=2", "--set", "stages=32x2"]
    assert main(["train", "images", "--data", str(trained[0]), "--out", str(tmp_path), *SMALL, *more]) == 0
    assert [run.name for run in sorted(training_runs(tmp_path), key=lambda run: run.name)] == [
        "run",
        "run/fold-1",
        "run/fold-1/pretraining",
        "run/fold-2",
        "run/fold-2/pretraining",
        "run/pretraining",
    ]
    card = read_card(tmp_path)
    assert card.cross_validated["macro_auroc"].n == 60
    assert card.metrics["macro_auroc"].n < 20


def test_pictures_without_a_label_are_pretrained_on(trained: tuple[Path, Path], tmp_path: Path) -> None:
    unlabelled = write_folder(tmp_path / "more", 40)
    given = ["train", "images", "--data", str(trained[0]), "--out", str(tmp_path / "model"), *SMALL]
    given += ["--set", "stages=32x1", "--set", f"unlabelled={unlabelled}"]
    assert main([*given, "--set", "pretrain=1"]) == 0
    plan = json.loads((tmp_path / "model" / "run" / "pretraining" / "plan.json").read_text())
    labelled = read_card(tmp_path / "model").data.n - read_card(tmp_path / "model").metrics["accuracy"].n
    assert plan["steps"] == -(-(labelled + 40) // 8)
    assert read_card(tmp_path / "model").training["settings"]["unlabelled"] == "more"


def test_pictures_without_a_label_and_no_pretraining_are_refused(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["train", "images", "--data", str(trained[0]), "--out", str(tmp_path / "model"), *SMALL]
    assert main([*given, "--set", f"unlabelled={trained[0]}"]) != 0
    assert "pretrain=EPOCHS" in capsys.readouterr().err


def test_a_model_of_another_task_is_refused(trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyse", str(FILM), "--task", "chest-xray", "--model", str(trained[1])]) == 2
    assert "images" in capsys.readouterr().err
