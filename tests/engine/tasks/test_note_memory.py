"""The memory of a note classifier: made for weights that are there already, small, and without a word of a note."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine import Case, Note, sample_case, similar_cases
from engine.cli import main
from engine.errors import TrainingError
from engine.models.checkpoint import MEMORY_FILE, load_model
from engine.pipeline import WEIGHTS
from engine.tasks.note_memory import add_note_memory
from engine.tasks.task import Example

SAMPLES = ("note-stone-1", "note-knee-1", "note-colonoscopy-1")


def examples() -> list[Example]:
    notes = {case_id: sample_case(case_id).note for case_id in SAMPLES}
    return [
        Example(case_id, case_id, truth, text=note.text)
        for (case_id, note), truth in zip(notes.items(), (("Urology",), ("Surgery", "Orthopedic"), ()), strict=True)
        if note is not None
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("model") / "clinical-note"
    shutil.copytree(WEIGHTS / "clinical-note", made)
    add_note_memory(examples(), made)
    return made


@pytest.mark.parametrize("case_id", SAMPLES)
def test_a_remembered_note_is_its_own_nearest(folder: Path, case_id: str) -> None:
    found = similar_cases(sample_case(case_id), load_model(folder, device="cpu"))
    assert found.searched == len(SAMPLES)
    assert (found.cases[0].name, found.cases[0].distance) == (case_id, pytest.approx(0.0, abs=1e-3))
    truth = {example.case_id: set(example.truth) for example in examples()}
    assert all(set(case.labels) == truth[case.name] for case in found.cases)


def test_the_memory_holds_no_word_of_a_note(folder: Path) -> None:
    kept = (folder / MEMORY_FILE).read_bytes().lower()
    words = {word for example in examples() for word in (example.text or "").casefold().split() if len(word) > 6}
    named = {word for word in words if word in " ".join(SAMPLES)}  # the ids are told
    assert len(words) > 100
    assert not [word for word in words - named if word.encode() in kept]


def test_a_note_with_the_same_words_is_as_near(folder: Path) -> None:
    note = Note((examples()[0].text or "").upper(), "0" * 64)
    found = similar_cases(Case("n", "n", note=note), load_model(folder, device="cpu"), count=1)
    assert (found.cases[0].name, found.cases[0].distance) == (SAMPLES[0], pytest.approx(0.0, abs=1e-3))


def test_a_folder_without_a_note_classifier_is_refused(tmp_path: Path) -> None:
    shutil.copytree(WEIGHTS / "splice-junction", tmp_path / "model")
    with pytest.raises(TrainingError, match="note classifier"):
        add_note_memory(examples(), tmp_path / "model")


def test_a_task_that_makes_its_memory_in_training_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remember", "splice-junction", "--data", str(tmp_path), "--model", str(tmp_path)]) == 2
    assert "while it is trained" in capsys.readouterr().err
