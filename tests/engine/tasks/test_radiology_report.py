"""Reports: what is read of the set and of a note, what training writes, and the shipped model on our own samples."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.case import Case, Note
from engine.cli import main
from engine.drafts import CheckKind
from engine.errors import CaseError, DatasetError, TrainingError
from engine.evaluation.impressions import Impressions, distinct
from engine.models.checkpoint import load_model
from engine.tasks.radiology_report import RADIOLOGY_REPORT, findings_alone
from engine.tasks.report_card import least_drafted
from engine.tasks.report_data import LABELS, read_dataset
from engine.tasks.task import Example

COLUMNS = ["uid", "Problems", "findings", "impression"]
ROW = {"uid": "1", "Problems": "Lung;Aorta ;No Indexing", "findings": "Left  rash.", "impression": " No rash. "}


def _write(folder: Path, rows: list[dict[str, str]], columns: list[str] = COLUMNS) -> Path:
    with (folder / "reports.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_rows_without_findings_and_labels_that_nobody_learns_are_left_out(tmp_path: Path) -> None:
    (found,) = read_dataset(_write(tmp_path, [ROW, {**ROW, "uid": "2", "findings": " "}]))
    assert (found.case_id, found.truth, found.written) == ("1", ("Aorta", "Lung"), "No rash.")


def test_equal_findings_are_one_group(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "uid": "2", "findings": "left rash."}, {**ROW, "uid": "3", "findings": "right rash."}]
    found = read_dataset(_write(tmp_path, rows))
    assert [example.group for example in found] == ["left rash.", "left rash.", "right rash."]
    assert distinct(found).tolist() == [True, False, True]


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"reports\.csv"):
        read_dataset(tmp_path)
    with pytest.raises(DatasetError, match="columns"):
        read_dataset(_write(tmp_path, [ROW], ["uid", "findings"]))
    with pytest.raises(DatasetError, match="No row"):
        read_dataset(_write(tmp_path, [{**ROW, "findings": ""}]))
    (tmp_path / "reports.csv").write_bytes(b"uid\n\xff\xfe")
    with pytest.raises(DatasetError, match="UTF-8"):
        read_dataset(tmp_path)


def test_a_note_of_nothing_but_an_impression_is_refused() -> None:
    with pytest.raises(CaseError, match="no findings"):
        findings_alone(Note("IMPRESSION: Normal.", ""))


def test_characters_keep_their_places_where_the_rest_is_blanked() -> None:
    text = "HISTORY: Cough. FINDINGS: Clear lungs."
    left, parts = findings_alone(Note(text, ""))
    assert len(left.text) == len(text)
    assert left.text.strip() == "Clear lungs."
    assert text[parts[0].start : parts[0].end].startswith("HISTORY")


def test_the_least_probability_parts_the_unlike_drafts_from_the_like_ones() -> None:
    examples = tuple(Example(str(rank), str(rank), (), text="x", written="clear lungs") for rank in range(8))
    texts = ("nothing", "alike", "at all", *["clear lungs"] * 5)
    drafted = Impressions(examples, texts, np.linspace(0.1, 0.8, 8), np.ones(8, np.bool_))
    least = least_drafted(drafted)
    assert 0.3 < least <= 0.7
    assert least_drafted(Impressions(examples, ("clear lungs",) * 8, drafted.confidence, drafted.shown)) == 0.0


def _rows() -> list[dict[str, str]]:
    """Twenty reports of two problems that their words tell, with their impressions."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(20):
        problem, words, said = [("normal", "no rash skin", "no rash."), ("Lung", "left fracture knee", "fracture.")][
            number % 2
        ]
        text = " ".join(generator.permutation(f"the patient has a {words} {number % 9}".split()))
        rows.append({"uid": f"r{number}", "Problems": problem, "findings": text, "impression": said})
    return rows


@pytest.fixture(scope="module")
def trained(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder written by the task's own training, and `reports.csv` beside it."""
    folder = _write(tmp_path_factory.mktemp("reports"), _rows())
    settings = {**RADIOLOGY_REPORT.defaults, "init": str(encoder_folder), "epochs": 4, "batch_size": 8, "frozen": 1}
    settings |= {"lr": 5e-3, "head_lr": 2e-2, "writer_lr": 1e-2}
    RADIOLOGY_REPORT.train(read_dataset(folder), folder / "model", settings, 0)
    return folder


def test_training_writes_a_model_that_answers_and_drafts(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    card = model.card
    assert model.labels == LABELS
    assert "CC BY-NC-ND 4.0" in card.data.licence
    assert card.trust.least_drafted is not None
    wanted = {"rouge_l", "rouge_l of distinct findings", "rouge_l without normal reports", "shown"}
    wanted |= {"rouge_l of the nearest report's impression", "macro_auroc"}
    assert wanted <= set(card.metrics)
    example = read_dataset(trained)[1]
    case = RADIOLOGY_REPORT.load(example)
    prepared = RADIOLOGY_REPORT.prepare(case, model)
    assert RADIOLOGY_REPORT.draft is not None
    drafted = RADIOLOGY_REPORT.draft(case, model, prepared)
    assert bool(drafted.text) != bool(drafted.reason)


def test_evaluation_writes_what_was_written_beside_what_was_generated(trained: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "out.json", tmp_path / "out.csv"
    told = ["--data", str(trained), "--model", str(trained / "model"), "--json", str(out), "--predictions", str(table)]
    assert main(["evaluate", "radiology-report", *told]) == 0
    metrics = json.loads(out.read_text())["metrics"]
    assert {"rouge_1", "rouge_2", "rouge_l", "micro_f1 of distinct findings"} <= set(metrics)
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:3] == ["case_id", "truth", "flag"]
    assert list(rows[0])[-3:] == ["reference", "generated", "shown"]
    assert len(rows) == 20
    assert rows[0]["reference"] == "no rash."
    assert {row["shown"] for row in rows} == {"0"}  # no chest reports


def test_training_without_an_encoder_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="init=FOLDER"):
        RADIOLOGY_REPORT.train(read_dataset(_write(tmp_path, _rows())), tmp_path / "m", RADIOLOGY_REPORT.defaults, 0)


@pytest.fixture(scope="module")
def answered() -> dict[str, engine.Analysis]:
    """What the shipped model says of our own chest reports."""
    ids = ("note-chest-report-1", "note-chest-report-2")
    return {case_id: engine.analyse(engine.sample_case(case_id), task="radiology-report") for case_id in ids}


def test_a_chest_report_is_read_by_this_task_first() -> None:
    assert engine.suitable_tasks(engine.sample_case("note-chest-report-1"))[0].name == "radiology-report"
    assert "radiology-report" not in {task.name for task in engine.suitable_tasks(engine.sample_case("note-knee-1"))}


def test_samples_are_answered_right(answered: dict[str, engine.Analysis]) -> None:
    for case_id, analysis in answered.items():
        called = {finding.label for finding in analysis.findings if finding.probability >= 0.5}
        assert set(engine.sample_case(case_id).truth["labels"]) & set(LABELS) <= called


def test_a_clear_chest_gets_a_draft_that_invents_nothing(answered: dict[str, engine.Analysis]) -> None:
    draft = answered["note-chest-report-2"].draft
    assert draft is not None
    assert draft.text
    assert not [check for check in draft.checks if check.kind is not CheckKind.LEFT_OUT]
    assert "".join(draft.text[word.start : word.end] for word in draft.words) == draft.text.replace(" ", "")
    note = engine.sample_case("note-chest-report-2").note
    assert note is not None
    assert draft.alignment.shape == (len(draft.words), len(draft.sources))
    np.testing.assert_allclose(draft.alignment.sum(axis=1), 1.0, atol=1e-5)
    assert all(note.text[start:end].strip() for start, end in draft.sources)


def test_what_is_no_finding_is_withheld(answered: dict[str, engine.Analysis]) -> None:
    note = engine.sample_case("note-chest-report-1").note
    assert note is not None
    left_out = [note.text[start:end] for start, end in answered["note-chest-report-1"].withheld]
    assert any("INDICATION" in part for part in left_out)


def test_findings_longer_than_any_it_learned_from_get_no_draft() -> None:
    case = Case("long", "long", note=Note("The lungs are clear. No pleural effusion. " * 60, "0"))
    draft = engine.analyse(case, task="radiology-report").draft
    assert draft is not None
    assert not draft.text
    assert "longer" in draft.reason


def test_another_note_is_outside_and_gets_no_draft() -> None:
    analysis = engine.analyse(engine.sample_case("note-heart-failure-1"), task="radiology-report")
    assert not analysis.domain.inside
    assert analysis.draft is None


@pytest.mark.data
def test_the_set_is_read_whole(data_dir: Path) -> None:
    found = read_dataset(data_dir / "iu-reports")
    assert len(found) == 2243
    assert distinct(found).sum() == 2052
    assert all(sum(label in example.truth for example in found) >= 25 for label in LABELS)
