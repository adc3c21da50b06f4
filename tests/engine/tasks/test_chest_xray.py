from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from sklearn.metrics import roc_auc_score

from engine.case import Case, Image, Note
from engine.errors import AnotherRun, DatasetError, TrainingError
from engine.models.checkpoint import load_model
from engine.pipeline import analyse, shipped_model
from engine.samples import sample_case, sample_index
from engine.tasks import chest_xray
from engine.tasks.chest_xray import CHEST_XRAY
from engine.training.curves import read_curves
from engine.training.split import split_by_group
from engine.trust.domain import judge


def _write_set(folder: Path, patients: int) -> Path:
    """The layout of the real set: bacterial films are bright on the left, viral ones on the right."""
    generator = np.random.default_rng(0)
    for name in ("NORMAL", "PNEUMONIA"):
        (folder / name).mkdir(parents=True)
    names = ("NORMAL/IM-{:04d}-0001", "PNEUMONIA/person{}_bacteria_1", "PNEUMONIA/person{}_virus_1")
    for patient in range(patients):
        kind = patient % 3
        film = generator.integers(0, 40, (32, 32)).astype(np.uint8)
        film[8:24, 8:24] += 60
        if kind:
            film[:, :16] += np.uint8(120 if kind == 1 else 0)
            film[:, 16:] += np.uint8(120 if kind == 2 else 0)
        Picture.fromarray(film).save(folder / f"{names[kind].format(patient)}.jpeg")
    return folder


def test_the_set_is_read_with_its_patients_and_labels(tmp_path: Path) -> None:
    examples = CHEST_XRAY.read_dataset(_write_set(tmp_path, 9))
    assert Counter(example.truth[0] for example in examples) == dict.fromkeys(CHEST_XRAY.labels, 3)
    assert examples[0].case_id == "NORMAL/IM-0000-0001"
    assert len({example.group for example in examples}) == 9


def test_two_films_of_a_patient_share_a_group_and_folders_do_not(tmp_path: Path) -> None:
    (tmp_path / "NORMAL").mkdir()
    (tmp_path / "PNEUMONIA").mkdir()
    for name in (
        "NORMAL/IM-0007-0001.jpeg",
        "NORMAL/NORMAL2-IM-0007-0001-0002.jpeg",
        "PNEUMONIA/person0007_virus_1.jpeg",
        "PNEUMONIA/person0007_bacteria_2.jpeg",
    ):
        (tmp_path / name).touch()
    groups = [example.group for example in CHEST_XRAY.read_dataset(tmp_path)]
    assert groups == ["NORMAL/0007"] * 2 + ["PNEUMONIA/0007"] * 2


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="NORMAL"):
        CHEST_XRAY.read_dataset(tmp_path)
    _write_set(tmp_path / "set", 3)
    (tmp_path / "set" / "NORMAL" / "holiday.jpeg").touch()
    with pytest.raises(DatasetError, match="patient key"):
        CHEST_XRAY.read_dataset(tmp_path / "set")


@pytest.mark.parametrize(("modality", "fits"), [("DX", True), ("CR", True), ("", True), ("MR", False), ("US", False)])
def test_radiographs_and_plain_pictures_are_accepted(modality: str, fits: bool) -> None:
    image = Image(pixels=np.zeros((1, 8, 8), dtype=np.uint8), digest="", modality=modality)
    assert CHEST_XRAY.accepts(Case("case", "A film", series=((image,),))) is fits


def test_a_note_alone_is_not_accepted() -> None:
    assert not CHEST_XRAY.accepts(Case("case", "A note", note=Note("Cough.", "")))


def test_training_writes_a_model_that_learnt_and_a_card_that_says_so(tmp_path: Path, small_start: Path) -> None:
    examples = CHEST_XRAY.read_dataset(_write_set(tmp_path / "set", 210))
    settings = {**CHEST_XRAY.defaults, "stages": "32x6", "lr": 2e-3, "init": str(small_start)}
    CHEST_XRAY.train(examples, tmp_path / "model", settings, 0)
    model = load_model(tmp_path / "model", device="cpu")
    card = model.card
    assert len(read_curves(tmp_path / "model" / "run")) == card.training["epochs"] == 6
    assert card.metrics["auroc"].value > 0.9
    assert card.data.n == 210
    assert {group.value for group in card.report.subgroups} == {"bacterial pneumonia", "viral pneumonia"}
    assert len(card.report.confusion) == 3
    assert model.memory is not None
    assert len(model.memory["embeddings"]) == 210 - card.metrics["auroc"].n
    assert set(card.map_scales) >= {"relevance", "rollout", "attention"}
    assert all(scale >= 1 for scale in card.map_scales.values())
    assert card.trust.operating_point is not None
    assert 0 < card.trust.operating_point < 1
    prepared = CHEST_XRAY.prepare(CHEST_XRAY.load(examples[0]), model)
    assert model.network(prepared.inputs).logits.shape == (1, 3)
    with pytest.raises(AnotherRun, match=r"smoothing 0.1 \(now 0.2\)"):  # or its card would state what never was
        CHEST_XRAY.train(examples, tmp_path / "model", {**settings, "smoothing": 0.2}, 0)


def test_too_few_patients_are_refused_in_words(tmp_path: Path) -> None:
    examples = CHEST_XRAY.read_dataset(_write_set(tmp_path / "set", 12))
    with pytest.raises(TrainingError, match="validation patients"):
        CHEST_XRAY.train(examples, tmp_path / "model", {**CHEST_XRAY.defaults, "stages": "32x1"}, 0)


def test_stages_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    examples = CHEST_XRAY.read_dataset(_write_set(tmp_path / "set", 12))
    with pytest.raises(TrainingError, match="stages"):
        CHEST_XRAY.train(examples, tmp_path / "model", {**CHEST_XRAY.defaults, "stages": "large"}, 0)


@pytest.mark.parametrize("case_id", [entry.case_id for entry in sample_index() if entry.modality[:2] in {"CR", "DX"}])
def test_every_sample_film_is_inside_the_domain_and_answered_right(case_id: str) -> None:
    case = sample_case(case_id)
    analysis = analyse(case, shipped_model("chest-xray"))
    assert analysis.domain.inside, analysis.domain.reasons
    assert analysis.findings[0].label in case.truth["labels"]


@pytest.mark.data
def test_the_real_set_is_read_as_its_description_says(data_dir: Path) -> None:
    examples = CHEST_XRAY.read_dataset(data_dir / "chest-xray")
    assert len(examples) == 5216
    counts = Counter(example.truth[0] for example in examples)
    assert counts == {"normal": 1341, "bacterial pneumonia": 2530, "viral pneumonia": 1345}
    training, validation = split_by_group(examples, held=0.15, seed=0)
    assert {example.group for example in training}.isdisjoint(example.group for example in validation)


@pytest.mark.data
def test_the_shipped_model_tells_films_that_it_was_not_trained_on(data_dir: Path) -> None:
    model = load_model(Path(chest_xray.__file__).parents[1] / "weights" / "chest-xray", device="cpu")
    _, validation = split_by_group(CHEST_XRAY.read_dataset(data_dir / "chest-xray"), held=0.15, seed=0)
    chosen = [e for label in CHEST_XRAY.labels for e in validation if e.truth[0] == label][::25]
    sick, inside = [], 0
    for example in chosen:
        case = CHEST_XRAY.load(example)
        output = model.network(CHEST_XRAY.prepare(case, model).inputs)
        sick.append(1 - float(output.logits.softmax(dim=1)[0, 0].detach()))
        inside += judge(case, output.embedding[0].detach().numpy(), model).inside
    assert roc_auc_score([example.truth[0] != "normal" for example in chosen], sick) > 0.9
    assert inside >= 0.9 * len(chosen)
