"""The clinical-note task: its data set without leaks, its way from a note to tokens, and a whole small training."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from engine.case import Case
from engine.errors import DatasetError, TrainingError
from engine.evaluation.evaluate import evaluate
from engine.explain.learned import learned_values
from engine.models.checkpoint import load_model
from engine.results import Method
from engine.tasks import explainer, note_games
from engine.tasks.clinical_note import CLINICAL_NOTE, HELD, LABELS, read_dataset
from engine.tasks.explainer import Ground, learn_explainer
from engine.training.shapley import ExplainerSettings
from engine.training.split import split_by_group

COLUMNS = ["note_id", "sample_name", "description", "specialties", "transcription", "keywords"]
ROW = {
    "note_id": "n1",
    "sample_name": "Knee Arthroscopy - 2",
    "description": "secret description",
    "specialties": "Surgery|Orthopedic|Bariatrics",
    "transcription": "The left knee, no rash.",
    "keywords": "secret, keywords",
}


def _write(folder: Path, rows: list[dict[str, str]], columns: list[str] = COLUMNS) -> Path:
    with (folder / "notes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_a_row_is_its_transcription_and_its_known_labels(tmp_path: Path) -> None:
    (example,) = read_dataset(_write(tmp_path, [ROW]))
    assert example.case_id == "n1"
    assert example.truth == ("Orthopedic", "Surgery")
    assert example.group == "knee arthroscopy"
    case = CLINICAL_NOTE.load(example)
    assert case.note is not None
    assert case.note.text == ROW["transcription"]
    assert "secret" not in f"{example} {case}"
    assert CLINICAL_NOTE.accepts(case)
    assert not CLINICAL_NOTE.accepts(Case("c", "c"))


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("Colonoscopy - 12", "colonoscopy"),
        ("Colonoscopy", "colonoscopy"),
        ("Lap Band 3 Adjustment - 1 ", "lap band 3 adjustment"),
        ("Chest Pain #4", "chest pain"),
    ],
)
def test_numbered_siblings_are_one_group(tmp_path: Path, name: str, group: str) -> None:
    assert read_dataset(_write(tmp_path, [{**ROW, "sample_name": name}]))[0].group == group


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"notes\.csv"):
        read_dataset(tmp_path)
    with pytest.raises(DatasetError, match="columns"):
        read_dataset(_write(tmp_path, [ROW], columns=["note_id", "transcription"]))
    with pytest.raises(DatasetError, match="columns"):
        read_dataset(_write(tmp_path, []))
    (tmp_path / "notes.csv").write_bytes(b"note_id\n\xff\xfe")
    with pytest.raises(DatasetError, match="UTF-8"):
        read_dataset(tmp_path)


def _rows() -> list[dict[str, str]]:
    """Forty notes of two specialties that their words tell."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(40):
        specialty, words = [("Dermatology", "rash skin"), ("Orthopedic", "fracture knee")][number % 2]
        text = " ".join(generator.permutation(f"the patient has a left {words}".split()))
        named = {"note_id": f"n{number}", "sample_name": text, "specialties": specialty}
        rows.append({**ROW, **named, "transcription": text})
    return rows


@pytest.fixture(scope="module")
def trained(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder written by the task's own training, and `notes.csv` beside it."""
    folder = _write(tmp_path_factory.mktemp("notes"), _rows())
    settings = {**CLINICAL_NOTE.defaults, "init": str(encoder_folder), "epochs": 3, "batch_size": 8, "frozen": 0}
    settings |= {"lr": 5e-3, "head_lr": 2e-2}
    CLINICAL_NOTE.train(read_dataset(folder), folder / "model", settings, 0)
    return folder


def test_training_writes_a_model_that_loads_and_answers(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    assert model.labels == LABELS
    card = model.card
    assert set(card.map_scales) == {str(method) for method in Method if not method.learned}
    assert len(card.trust.biases) == len(card.trust.rule_in) == len(card.trust.thresholds) == len(LABELS)
    assert card.metrics["micro_f1"].n == len(split_by_group(read_dataset(trained), held=0.15, seed=0)[1])
    assert "micro_f1 of TF-IDF and logistic regression" in card.metrics
    assert any("than TF-IDF and logistic regression" in limit for limit in card.limits)
    case = CLINICAL_NOTE.load(read_dataset(trained)[1])
    prepared = CLINICAL_NOTE.prepare(case, model)
    assert model.network(prepared.inputs).logits.shape == (1, len(LABELS))


def test_an_explainer_learns_from_windows_of_notes(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(trained / "model", tmp_path / "model", ignore=shutil.ignore_patterns("run"))
    monkeypatch.setattr(explainer, "removal_gap", lambda model, inputs, method, **_: 0.5 if method.learned else 0.2)
    settings = ExplainerSettings(cases=8, pairs=2, epochs=1, batch_size=4)
    ground = Ground(note_games.read, note_games.view, HELD, settings, independent=True)
    learn_explainer(ground, read_dataset(trained), folder)
    model = load_model(folder, device="cpu")
    assert model.card.methods[0] is Method.LEARNED_SHAPLEY
    case = CLINICAL_NOTE.load(read_dataset(trained)[1])
    inputs = CLINICAL_NOTE.prepare(case, model).inputs
    logits = model.network(inputs).logits[0].detach()  # (L,)
    added = learned_values(model.network, inputs)[:, 0].sum(dim=1)  # (L,)
    np.testing.assert_allclose(added, logits.sigmoid() - model.network.explainer.nothing, atol=1e-5)


def test_training_without_an_encoder_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="init=FOLDER"):
        CLINICAL_NOTE.train(read_dataset(_write(tmp_path, _rows())), tmp_path / "m", CLINICAL_NOTE.defaults, 0)


def test_evaluation_scores_every_note(trained: Path, tmp_path: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    seen: list[tuple[int, int]] = []
    found = evaluate(CLINICAL_NOTE, model, trained, progress=lambda done, total: seen.append((done, total)), repeats=50)
    record = found.to_json()
    assert list(record)[:4] == ["task", "n", "model_digest", "metrics"]
    assert record["n"] == len(seen) == 40
    assert seen[-1] == (40, 40)
    assert record["model_digest"] == model.digest
    assert record["metrics"]["auroc:Orthopedic"]["value"] > 0.95
    for metric in record["metrics"].values():
        assert list(metric)[:4] == ["value", "low", "high", "n"]
        assert metric["low"] is None or metric["low"] <= metric["value"] <= metric["high"]
    found.write_csv(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["case_id", "truth", "flag", *(f"p:{label}" for label in LABELS)]
    assert [row["case_id"] for row in rows] == [f"n{number}" for number in range(40)]
    assert rows[1]["truth"] == "Orthopedic"
    assert {row["flag"] for row in rows} <= {"0", "1"}
    assert all(0 <= float(row[f"p:{label}"]) <= 1 for row in rows for label in LABELS)


@pytest.mark.data
def test_the_labels_are_those_with_twenty_notes_and_siblings_stay_together(data_dir: Path) -> None:
    with (data_dir / "mtsamples" / "notes.csv").open(newline="", encoding="utf-8") as file:
        named = [row["specialties"].split("|") for row in csv.DictReader(file)]
    counts = {label: sum(label in labels for labels in named) for label in {x for labels in named for x in labels}}
    assert tuple(sorted(label for label, count in counts.items() if count >= 20)) == LABELS
    examples = read_dataset(data_dir / "mtsamples")
    training, validation = split_by_group(examples, held=0.15, seed=0)
    assert not {example.group for example in training} & {example.group for example in validation}
    assert len(training) + len(validation) == len(examples) == len(named)
