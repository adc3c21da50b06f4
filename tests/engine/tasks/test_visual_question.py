"""The visual-question task: its data set without leaks, what is told of a picture, and a whole small training."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from engine.case import Case
from engine.errors import DatasetError
from engine.evaluation.evaluate import evaluate_questions
from engine.models.checkpoint import load_model
from engine.pipeline import analyse, explain_case, shipped_model
from engine.questions import modality_share, word_regions
from engine.samples import sample_case
from engine.tasks.question_card import least_sure
from engine.tasks.question_data import answer_space, normalise, of_another_part, pictures_of, read_dataset
from engine.tasks.visual_question import VISUAL_QUESTION

ROW = {
    "qid": "7",
    "image_name": "one.png",
    "image_case_url": "https://example.org/case",
    "image_organ": "CHEST",
    "question": "Is there a fracture?",
    "answer": " Yes ",
    "answer_type": "CLOSED ",
    "qid_linked_id": "pair",
    "question_rephrase": "secret rephrasing",
}


def write(folder: Path, rows: list[dict[str, str]]) -> Path:
    (folder / "images").mkdir(exist_ok=True)
    generator = np.random.default_rng(0)
    for name in {row["image_name"] for row in rows}:
        PIL.Image.fromarray(generator.integers(0, 255, (40, 40), dtype=np.uint8)).save(folder / "images" / name)
    (folder / "questions.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_a_row_is_an_image_a_question_and_a_normalised_answer(tmp_path: Path) -> None:
    (example,) = read_dataset(write(tmp_path, [ROW]))
    assert (example.case_id, example.truth, example.traits["answer"]) == ("7", ("yes",), "closed")
    assert example.group == ROW["image_case_url"]
    case = VISUAL_QUESTION.load(example)
    assert case.question == "Is there a fracture?"
    assert "secret" not in f"{example}"
    assert VISUAL_QUESTION.accepts(case)
    assert not VISUAL_QUESTION.accepts(replace(case, question=""))
    assert not VISUAL_QUESTION.accepts(Case("c", "c", question="Is it?"))


@pytest.mark.parametrize("name", ["../one.png", "missing.png"])
def test_an_image_outside_the_folder_or_missing_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, [ROW])
    (tmp_path / "questions.json").write_text(json.dumps([{**ROW, "image_name": name}]), encoding="utf-8")
    with pytest.raises(DatasetError, match="There is no image"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '[{"question": "x"}]', "[1]"])
def test_a_file_of_another_layout_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "questions.json").write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("answer", "written"), [(" The Right  lung. ", "right lung"), ("NO", "no"), ("4", "4"), ("an MRI", "mri")]
)
def test_answers_are_compared_as_they_are_written_here(answer: str, written: str) -> None:
    assert normalise(answer) == written


def test_what_is_told_of_a_picture_is_taken_only_where_it_is_affirmed(tmp_path: Path) -> None:
    def told(question: str, answer: str) -> tuple[str, str]:
        (picture,) = pictures_of(read_dataset(write(tmp_path, [{**ROW, "question": question, "answer": answer}])))
        return picture.facts.modality, picture.facts.plane

    assert told("What modality is this?", "CT with contrast") == ("ct", "")
    assert told("Is this an MRI?", "yes") == ("mri", "")
    assert told("Is this an MRI?", "no") == ("", "")
    assert told("Is this a CT or an MRI?", "ct") == ("", "")
    assert told("What plane is this?", "PA") == ("x-ray", "pa")
    assert told("In what plane is this image taken?", "Axial") == ("", "axial")


def test_the_answer_space_begins_with_yes_and_no(tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "answer": "axial"}, {**ROW, "answer": "Axial"}, {**ROW, "answer": "liver"}]
    assert answer_space(read_dataset(write(tmp_path, rows)), ["mri", "no"]) == ("yes", "no", "axial", "liver", "mri")


def test_the_limit_for_cannot_tell_keeps_its_promise() -> None:
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, False, True, False])
    limit = least_sure(probability, right, promised=0.75)
    assert limit == 0.6
    assert right[probability >= limit].mean() >= 0.75


def test_another_image_changes_the_answer_to_a_question_about_the_image() -> None:
    model, said = shipped_model("visual-question"), []
    for case_id in ("chest-normal-1", "breast-benign-1"):
        case = replace(sample_case(case_id), question="What organ system is this?")
        found, share = analyse(case, model), modality_share(case, model)
        said.append(found.findings[0].label)
        assert found.sure
        assert share.image_used
        assert share.of_image > 0.1
    assert said == ["chest", "breast"]


def test_a_question_is_asked_again_of_another_part_of_the_body(tmp_path: Path) -> None:
    rows = [
        {**ROW, "qid": str(rank), "image_organ": part} for rank, part in enumerate(["CHEST", "HEAD", "HEAD", "ABD"])
    ]
    examples = read_dataset(write(tmp_path, rows))
    parts = [example.traits["part"] for example in examples]
    assert all(parts[other] != part for other, part in zip(of_another_part(examples, 0), parts, strict=True))
    assert list(of_another_part(examples[1:3], 0)) in ([0, 0], [0, 1], [1, 0], [1, 1])


@pytest.fixture(scope="module")
def folder(encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A data set whose answer lies in the question's words, and a model that was taught it."""
    data = tmp_path_factory.mktemp("questions")
    rows = []
    for rank in range(36):
        left = rank % 2 == 0
        rows.append(
            {
                **ROW,
                "qid": str(rank),
                "image_name": f"{rank % 9}.png",
                "image_case_url": f"case-{rank % 9}",
                "image_organ": "HEAD" if rank % 9 < 5 else "CHEST",
                "question": "has the left knee a rash" if left else "a murmur of the heart",
                "answer": "left" if left else "yes",
                "answer_type": "OPEN" if left else "CLOSED",
                "qid_linked_id": f"pair-{rank}",
            }
        )
    out = tmp_path_factory.mktemp("model")
    chosen = {"init": str(encoder_folder), "stages": "32x1", "epochs": 6, "batch_size": 8, "views": 1}
    VISUAL_QUESTION.train(read_dataset(write(data, rows)), out, {**VISUAL_QUESTION.defaults, **chosen}, 0)
    return data, out


def test_a_small_training_learns_writes_its_card_and_is_explained(folder: tuple[Path, Path]) -> None:
    data, out = folder
    model = load_model(out, device="cpu")
    card = model.card
    assert card.metrics["exact_match"].value > 0.8
    gain = card.metrics["image_gain"]
    assert gain.low is not None or gain.value == 0  # so few questions may all be answered alike without their images
    assert "exact_match on unseen images" in card.metrics
    assert not {"init", "start", "chest"} & {key for key, value in card.training["settings"].items() if value}
    assert card.trust.least_sure is not None
    case = VISUAL_QUESTION.load(read_dataset(data)[0])
    found = analyse(case, model)
    assert found.task == "visual-question"
    assert sum(finding.probability for finding in found.findings) == pytest.approx(1.0)
    explanation = explain_case(case, model)
    assert explanation.map is not None
    assert explanation.map.shape == (40, 40)
    assert [case.question[span.start : span.end] for span in explanation.spans][:2] == ["has", "the"]
    evaluation = evaluate_questions(VISUAL_QUESTION, model, data, repeats=20)
    assert evaluation.n == 36
    assert evaluation.metrics["exact_match_closed"].value > 0.8
    moved = evaluation.metrics["answer_changes_with_the_image"]
    assert 0 <= moved.low <= moved.value <= moved.high <= 1


def test_what_either_half_adds_sums_to_what_both_do(folder: tuple[Path, Path]) -> None:
    data, out = folder
    model, case = load_model(out, device="cpu"), VISUAL_QUESTION.load(read_dataset(data)[1])
    share = modality_share(case, model)
    assert share.of_image + share.of_words == pytest.approx(share.both - share.neither, abs=1e-6)
    assert share.both == pytest.approx(analyse(case, model).findings[0].probability, abs=1e-6)
    assert share.carried_by_words
    assert "the words alone carry this answer" in share.sentence
    regions = word_regions(case, model)
    assert [case.question[word.start : word.end] for word in regions.words] == case.question.split()
    assert regions.attention.shape == (len(regions.words), 2, 2)
    assert ((regions.on_image >= 0) & (regions.on_image <= 1)).all()
