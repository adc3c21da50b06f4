"""The command line as its users call it: outputs of the contract, exit statuses, one clear line for bad input."""

from __future__ import annotations

import base64
import json
import random
import signal
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from engine import commands, scanning
from engine.cli import main
from engine.pipeline import shipped_card
from engine.results import Analysis
from tests.engine.io.mutations import files, mutate

CASES = Path(__file__).resolve().parents[2] / "sample_data" / "cases"
FILM = sorted(CASES.glob("chest-*/*.dcm"))[0]
NOTE = CASES / "note-heart-failure-1" / "note.txt"
GENE = CASES / "sequence-gene-1" / "sequence.fasta"


def test_analyse_writes_what_the_contract_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.dcm"
    broken.write_bytes(FILM.read_bytes()[:5000])
    out, overlay = tmp_path / "out.json", tmp_path / "overlay.png"
    assert main(["analyse", str(FILM), str(broken), str(NOTE), "--json", str(out)]) == 0
    film, refused, note, treatment = json.loads(out.read_text())
    assert film["task"] == "chest-xray"
    assert note["task"] == "clinical-note"
    assert treatment["task"] == "treatment"
    assert {"condition", "quote", "start", "end", "possible", "against"} <= set(treatment["cautions"][0])
    assert set(refused) == {"file", "error"}
    for row in (film, note, treatment):
        assert {"file", "task", "findings", "in_domain", "model_digest", "seconds"} <= set(row)
        assert all({"label", "probability", "set"} == set(finding) for finding in row["findings"])
        assert all(0 <= finding["probability"] <= 1 for finding in row["findings"])
    assert sum(finding["probability"] for finding in film["findings"]) == pytest.approx(1, abs=1e-4)
    assert set(film["agreement"]) == {"label", "held", "moved", "low", "high"}
    assert film["agreement"]["label"] == film["findings"][0]["label"]
    assert 0 <= film["agreement"]["held"] <= film["agreement"]["moved"] == 8
    assert film["agreement"]["low"] <= film["findings"][0]["probability"] + 1e-3
    assert "agreement" not in note  # a note cannot be moved by a few pixels
    assert "refused" in capsys.readouterr().err
    assert main(["analyse", str(FILM), "--overlay", str(overlay)]) == 0
    with PIL.Image.open(overlay) as picture:
        assert picture.size[0] > 500


def test_what_was_not_read_of_a_note_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = base64.b64encode(NOTE.read_bytes()).decode()
    report = {"resourceType": "DiagnosticReport", "presentedForm": [{"data": words}, {"url": "http://x"}]}
    path, out = tmp_path / "report.json", tmp_path / "out.json"
    path.write_text(json.dumps(report))
    assert main(["analyse", str(path), "--task", "clinical-note", "--json", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    assert row["warnings"] == ["1 documents of the FHIR report are only linked to and were not read."]
    assert row["coverage"] == 1
    assert "WARNING: 1 documents" in capsys.readouterr().out


def test_a_note_too_short_for_suggestions_is_refused_with_its_contradictions_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note, out = tmp_path / "short.txt", tmp_path / "out.json"
    note.write_text("ALLERGIES: Penicillin (hives).\nPLAN: Amoxicillin 500 mg.\n", encoding="utf-8")
    assert main(["analyse", str(note), "--task", "treatment", "--json", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    assert "too little" in row["error"]
    assert [caution["condition"] for caution in row["cautions"]] == ["allergy to penicillin"]
    assert row["cautions"][0]["named"] == ["penicillin"]
    said = capsys.readouterr()
    assert "CAUTION, allergy to penicillin: “Penicillin (hives).” speaks against penicillin, cephalosporin" in said.out
    assert "THE NOTE ITSELF NAMES penicillin" in said.out
    assert "refused. Without its plan" in said.err
    assert main(["analyse", str(note), "--json", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith(f"{note}: CAUTION")
    assert [row["task"] for row in json.loads(out.read_text()) if row.get("cautions")] == ["treatment"]


def test_what_was_left_out_of_a_course_is_said_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stay, out = tmp_path / "stay.csv", tmp_path / "out.json"
    stay.write_text("hours,HR,Temp\n0,900,37\n1,80,98.6\n", encoding="utf-8")
    assert main(["analyse", str(stay), "--json", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    said = ["HR: 1 impossible value left out (900/min at hour 0;", "Temp: 1 value given in °F"]
    assert len(row["warnings"]) == 2
    printed = capsys.readouterr().out
    for words, warning in zip(said, row["warnings"], strict=True):
        assert warning.startswith(words)
        assert f"{stay}: WARNING: {warning}" in printed


def test_outside_its_domain_a_model_calls_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "note.txt", tmp_path / "out.json"
    path.write_text("主诉：咳嗽、发热三天。现病史：患者三天前无明显诱因出现咳嗽。诊断：右下肺炎。", "gb18030")
    assert main(["analyse", str(path), "--json", str(out)]) == 0
    for row in json.loads(out.read_text()):
        assert not row["in_domain"]
        assert {finding["set"] for finding in row["findings"]} == {"uncertain"}
    said = capsys.readouterr().out
    assert "no call - OUT OF DOMAIN: The note is not in English" in said
    assert "ruled" not in said


@pytest.mark.parametrize(("question", "used"), [("What organ system is this?", True), ("What plane is this?", False)])
def test_an_answer_to_a_question_says_what_the_image_contributed(
    question: str, used: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    picture = CASES / "breast-benign-1" / "image.png"
    words = ["analyse", str(picture), "--task", "visual-question", "--question", question, "--json", str(out)]
    assert main(words) == 0
    (row,) = json.loads(out.read_text())
    share = row["modality_share"]
    gone = share["probability_with"]
    assert share["from_image"] + share["from_words"] == pytest.approx(gone["both"] - gone["neither"], abs=1e-5)
    assert share["image_used"] is used
    said = capsys.readouterr().out
    assert "from the image" in said
    assert ("THE IMAGE WAS NOT USED" in said) is not used


def test_every_mutation_of_a_file_has_a_line_of_its_own(tmp_path: Path) -> None:
    rng = random.Random(3)
    sources = files()
    paths = [tmp_path / f"{rank}.dcm" for rank in range(25)]
    for path in paths:
        path.write_bytes(mutate(rng.choice(sources).read_bytes(), rng))
    out = tmp_path / "out.json"
    assert main(["analyse", *map(str, paths), "--json", str(out)]) == 0
    assert {row["file"] for row in json.loads(out.read_text())} == set(map(str, paths))


def test_explain_gives_the_map_on_the_source_pixels(tmp_path: Path) -> None:
    out, where = tmp_path / "out.json", tmp_path / "map.npy"
    status = main(
        ["explain", str(FILM), "--task", "chest-xray", "--label", "normal", "--json", str(out), "--map", str(where)]
    )
    assert status == 0
    record, relevance = json.loads(out.read_text()), np.load(where)
    assert relevance.dtype == np.float32
    assert list(relevance.shape) == record["shape"]
    assert record["label"] == "normal"
    assert record["method"] == shipped_card("chest-xray").methods[0]
    evidence = record["faithfulness"]
    assert evidence["label"] == "normal"
    assert evidence["verdict"] in {"faithful", "no better than chance", "worse than chance"}
    assert evidence["gap"] == pytest.approx(evidence["insertion"]["area"] - evidence["deletion"]["area"])
    assert len(evidence["deletion"]["shares"]) == 21
    assert evidence["baseline"].startswith("A removed patch")


def test_explain_says_why_this_rather_than_that(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ["--label", "normal", "--rather-than", "viral pneumonia", "--method", "class-activation"]
    assert main(["explain", str(FILM), "--task", "chest-xray", *words, "--json", str(out)]) == 0
    record = json.loads(out.read_text())
    assert (record["label"], record["rather_than"]) == ("normal", "viral pneumonia")
    assert record["signed"]


def test_explain_gives_the_words_of_a_note(tmp_path: Path) -> None:
    note, out = tmp_path / "note.txt", tmp_path / "out.json"
    text = NOTE.read_text("utf-8")[:500]
    note.write_text(text, encoding="utf-8")
    assert main(["explain", str(note), "--task", "clinical-note", "--json", str(out)]) == 0
    record = json.loads(out.read_text())
    spans = record["spans"]
    assert record["faithfulness"]["unit"] == "word"
    assert all(0 <= span["start"] < span["end"] <= len(text) for span in spans)
    assert all(text[span["start"] : span["end"]].strip() for span in spans)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["analyse", "{tmp}/absent.dcm", "--json", "{tmp}/out.json"], 3),
        (["analyse", "{tmp}/empty.dcm", "--json", "{tmp}/out.json"], 3),
        (["explain", "{tmp}/empty.dcm", "--task", "chest-xray", "--json", "{tmp}/out.json"], 3),
        (["explain", "{film}", "--task", "clinical-note", "--json", "{tmp}/out.json"], 3),
        (["explain", "{film}", "--task", "chest-xray", "--label", "zebra", "--json", "{tmp}/out.json"], 3),
        (["analyse", "{film}", "--task", "zebra", "--json", "{tmp}/out.json"], 2),
        (["train", "chest-xray", "--data", "{tmp}", "--out", "{tmp}/out.json", "--set", "zebra=1"], 2),
        (["evaluate", "chest-xray", "--data", "{tmp}", "--json", "{tmp}/out.json"], 3),
        (["train", "chest-xray", "--data", "{tmp}", "--out", "{tmp}/out.json"], 3),
    ],
)
def test_bad_words_and_bad_files_write_nothing(
    words: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.dcm").touch()
    assert main([word.format(tmp=tmp_path, film=FILM) for word in words]) == status
    assert len(capsys.readouterr().err.strip().splitlines()[-1]) < 400
    assert not (tmp_path / "out.json").exists()


@pytest.mark.parametrize("words", [[], ["zebra"], ["analyse"], ["analyse", "x", "--method", "zebra"]])
def test_bad_usage_ends_with_status_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(words)
    assert ending.value.code == 2


def test_doctor_finds_this_installation_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert "MEND" not in capsys.readouterr().out


def test_a_task_without_a_learned_explainer_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["train-explainer", "treatment", "--data", str(tmp_path), "--model", str(tmp_path)]
    assert main(command) == 2
    assert "no learned explainer yet" in capsys.readouterr().err


def test_an_explainer_needs_a_model_to_explain(tmp_path: Path) -> None:
    for folder in ("NORMAL", "PNEUMONIA"):
        (tmp_path / folder).mkdir()
    (tmp_path / "NORMAL" / "IM-0001-0001.jpeg").touch()
    (tmp_path / "PNEUMONIA" / "person1_virus_1.jpeg").touch()
    assert main(["train-explainer", "chest-xray", "--data", str(tmp_path), "--model", str(tmp_path / "none")]) == 3


def test_a_scan_of_unsaid_modality_is_answered_by_its_own_model_with_the_lesion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ask = [], commands.analyse_case

    def counted(*args: Any, task: str) -> Analysis:
        asked.append(task)
        return ask(*args, task=task)

    monkeypatch.setattr(commands, "analyse_case", counted)
    out = tmp_path / "out.json"
    assert main(["analyse", str(CASES / "breast-benign-1" / "image.png"), "--json", str(out)]) == 0
    (row,) = json.loads(out.read_text())
    assert row["task"] == "breast-ultrasound"
    assert row["in_domain"]
    assert len(row["lesion"]["boxes"]) == len(row["lesion"]["probabilities"]) == 1
    assert sorted(asked) == ["breast-ultrasound", "chest-xray"], "each model is asked once"


def test_ctrl_c_ends_a_search_and_what_was_found_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*given: Any, **options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return scanning.scan(*given, **options)

    monkeypatch.setattr(scanning, "_STRETCH", 1000)
    monkeypatch.setattr(commands, "scan", interrupted)
    bed, out = tmp_path / "sites.bed", tmp_path / "out.json"
    assert main(["analyse", str(GENE), str(GENE), "--bed", str(bed), "--json", str(out)]) == 1
    (row,) = json.loads(out.read_text())  # the second file is not begun
    assert 0 < row["share_searched"] < 1
    assert row["sites"]
    assert bed.read_text().startswith("# sequence-gene-1: the search was stopped")
    said = capsys.readouterr()
    assert "THE SEARCH WAS STOPPED" in said.out
    assert said.err.endswith("attending: stopped.\n")
