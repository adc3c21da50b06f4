"""The treatment task: its plan never reaches the model, in training, evaluation and analysis alike."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.case import Case, Note
from engine.errors import CaseError, DatasetError
from engine.evaluation.evaluate import evaluate
from engine.models.checkpoint import load_model
from engine.models.retrieval import RetrievalTransformer
from engine.pipeline import WEIGHTS, analyse, explain_case
from engine.tasks.treatment import LABELS, TREATMENT, note_cautions, read_dataset, unplanned
from engine.tasks.treatment_lexicon import TREATMENTS
from engine.trust.similar import nearest

COLUMNS = ["note_id", "sample_name", "specialties", "transcription"]
HISTORY = "HISTORY: The patient has a left fracture of the knee, no rash, and a murmur of the right heart."


def _row(number: int, text: str) -> dict[str, str]:
    return {"note_id": f"n{number}", "sample_name": f"Note {number} x", "specialties": "A|B", "transcription": text}


def _write(folder: Path, rows: list[dict[str, str]]) -> Path:
    with (folder / "notes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _rows() -> list[dict[str, str]]:
    """Forty notes of two kinds; what their plans name follows from their words."""
    generator = np.random.default_rng(0)
    rows = []
    for number in range(40):
        words, plan = [("knee fracture left", "morphine and a cast"), ("skin rash right", "prednisone")][number % 2]
        said = " ".join(generator.permutation(f"the patient has a {words} {words} {words}".split()))
        rows.append(_row(number, f"HISTORY: {said}.\nPLAN: Start {plan}."))
    return rows


def _case(text: str) -> Case:
    return Case("c", "c", note=Note(text, "0" * 64))


@pytest.fixture(scope="module")
def trained(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder written by the task's own training, and `notes.csv` beside it."""
    folder = _write(tmp_path_factory.mktemp("treatments"), _rows())
    settings = {**TREATMENT.defaults, "init": str(encoder_folder), "vocabulary": 0, "folds": 2, "decay": 0.01}
    TREATMENT.train(read_dataset(folder), folder / "model", settings, 0)
    return folder


def test_a_row_is_its_note_and_what_its_plan_names(tmp_path: Path) -> None:
    rows = [_row(1, f"{HISTORY} PLAN: Morphine."), _row(2, HISTORY), _row(3, "PLAN: Morphine.")]
    (example,) = read_dataset(_write(tmp_path, rows))
    assert (example.case_id, example.truth) == ("n1", ("opioid",))
    with pytest.raises(DatasetError, match="plan"):
        read_dataset(_write(tmp_path, rows[1:]))


def test_labels_are_treatments() -> None:
    assert set(LABELS) < {treatment.name for treatment in TREATMENTS}


def test_a_plan_cannot_change_the_answer(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    answers = []
    for plan in ("PLAN: Morphine.", "PLAN: Prednisone for a rash of the skin, then a cast. MEDICATIONS: Aspirin."):
        prepared = TREATMENT.prepare(_case(f"{HISTORY} {plan}"), model)
        answers.append(model.network(prepared.inputs).logits)
    assert torch.equal(*answers)


def test_maps_speak_of_the_characters_of_the_whole_note(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    text = f"PLAN: Morphine. {HISTORY}"
    found = explain_case(_case(text), model)
    words = [text[span.start : span.end] for span in found.spans]
    assert words[0] == "HISTORY"
    assert "knee" in words
    assert "Morphine" not in words


def test_training_writes_a_model_with_a_memory_and_its_rivals(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    assert isinstance(model.network, RetrievalTransformer)
    for figure in ("recall@5", "precision@5"):
        for suffix in ("", " of popularity", " of nearest notes by TF-IDF", "@random words absent"):
            assert 0 <= model.card.metrics[f"{figure}{suffix}"].value <= 1
    assert "gain in recall@5 over popularity" in model.card.metrics
    assert model.memory is not None
    alike = nearest(model.memory["embeddings"][3].float().numpy(), model.memory, model.labels, count=2)
    assert alike.cases[0].name == "n3 · A, B"
    assert alike.cases[0].labels == ("corticosteroid",)
    assert "prednisone" not in str(bytes(model.memory["names"].tolist()))


def test_an_analysis_names_contradictions_and_what_was_withheld(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    text = f"{HISTORY} ALLERGIES: Codeine. PLAN: Rest."
    found = analyse(_case(text), model)
    assert found.cautions is not None
    assert [caution.condition for caution in found.cautions.found] == ["allergy to opioid"]
    assert [text[start:end] for start, end in found.withheld] == ["Codeine. PLAN: Rest."]


def test_evaluation_ranks(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    found = evaluate(TREATMENT, model, trained, repeats=50)
    assert found.n == 40
    assert found.metrics["recall@5"].value == 1.0
    assert found.metrics["precision@5"].value == pytest.approx(0.3)


def test_evaluation_gives_the_rankings_that_know_no_head_and_says_which_is_missing(trained: Path) -> None:
    model = load_model(trained / "model", device="cpu")
    found = evaluate(TREATMENT, model, trained, repeats=50)
    for name in ("popularity", "nearest notes by embedding"):
        for figure in ("recall@5", "precision@5"):
            assert 0 <= found.metrics[f"{figure} of {name}"].value <= 1
            gain = found.metrics[f"gain in {figure} over {name}"]
            assert gain.value == 0 or gain.low <= gain.value <= gain.high  # none where rankings are alike
            ours, theirs = found.metrics[figure].value, found.metrics[f"{figure} of {name}"].value
            assert gain.value == pytest.approx(ours - theirs)
    (missing, flattering) = found.to_json()["remarks"]
    assert "stand in the model's card" in missing
    assert "40 of 40 cases are in the model's memory" in flattering


def test_a_note_that_is_all_plan_is_refused() -> None:
    with pytest.raises(CaseError, match="too little"):
        unplanned(Note("PLAN: Morphine, and a cast, and rest for the next two weeks at home.", "0" * 64))


@pytest.mark.parametrize(
    ("text", "condition", "named"),
    [
        ("ALLERGIES: Penicillin. PLAN: Amoxicillin.", "allergy to penicillin", ("penicillin",)),
        ("HISTORY: She is 8 weeks pregnant. PLAN: Start lisinopril.", "pregnancy", ("ACE inhibitor or ARB",)),
        ("HISTORY: End-stage renal disease.", "kidney failure", ()),
    ],
)
def test_a_note_too_short_for_suggestions_keeps_its_contradictions(
    text: str, condition: str, named: tuple[str, ...]
) -> None:
    with pytest.raises(CaseError, match="too little"):
        unplanned(Note(text, "0" * 64))
    found = note_cautions(_case(text))
    assert found is not None
    assert [caution.condition for caution in found.found] == [condition]
    assert found.named == named


def test_a_case_without_a_note_states_nothing_and_another_language_was_not_searched() -> None:
    assert note_cautions(Case("c", "c")) is None
    found = note_cautions(_case("过敏史：青霉素过敏。处理：阿莫西林。"))
    assert found is not None
    assert (found.found, found.searched) == ((), ())


def test_a_chinese_note_is_told_its_language_not_that_it_says_too_little() -> None:
    model = load_model(WEIGHTS / "treatment")
    case = _case("主诉：胸痛两小时。两小时前出现胸骨后压榨性疼痛，伴出汗，无发热。既往高血压病史十年。")
    domain = analyse(case, model).domain
    assert not domain.inside
    assert "English" in domain.reasons[0]
