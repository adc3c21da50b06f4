from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Picture
from scipy import ndimage

from engine.case import Case, Image, Note
from engine.errors import DatasetError, UsageError
from engine.evaluation.evaluate import evaluate, write_masks
from engine.explain.lesion import overlap
from engine.explain.where import truth_mask
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import LoadedModel, load_model
from engine.models.lesion import LesionTransformer, LesionTransformerConfig
from engine.pipeline import WEIGHTS, analyse, fitting_tasks, shipped_model
from engine.results import Method
from engine.samples import sample_case
from engine.tasks.breast_ultrasound import BREAST_ULTRASOUND, LABELS, restore_frequencies
from engine.tasks.outlines import load_scans, read_mask
from engine.tasks.task import Example, Outline
from engine.training.split import split_by_group


def _scan(seed: int, label: str) -> tuple[np.ndarray, np.ndarray]:
    """Cloudy tissue, bright at its top; benign lesions are dark, malignant ones bright; and the lesion's mask."""
    rng = np.random.default_rng(seed)
    cloud = ndimage.gaussian_filter(rng.random((40, 48)), 3)
    tissue = 90 + 30 * (cloud - cloud.mean()) / cloud.std() + np.linspace(40, -40, 40)[:, None]
    y, x = rng.integers(12, 28), rng.integers(14, 34)
    rows, columns = np.mgrid[:40, :48]
    mask = ((rows - y) ** 2 + (columns - x) ** 2 < 81) & (label != "normal")
    return np.where(mask, 5 if label == "benign" else 250, tissue).clip(0, 255).astype(np.uint8), mask


def _write_set(folder: Path, each: int) -> Path:
    """The layout of the real set; every second lesion is outlined, one of them in two parts."""
    for number, label in enumerate(LABELS):
        for rank in range(each):
            pixels, mask = _scan(1000 * number + rank, label)
            _save(pixels, folder / "images" / label / f"{label} ({rank}).png")
            if label != "normal" and rank % 2 == 0:
                place = folder / "masked" / label
                _save(pixels, place / f"{label} ({rank}).png")
                halves = [mask & (np.arange(48) < 24), mask & (np.arange(48) >= 24)] if rank == 0 else [mask]
                for part, half in enumerate(halves):
                    _save(255 * half.astype(np.uint8), place / f"{label} ({rank})_mask{f'_{part}' * (part > 0)}.png")
    return folder


def _save(pixels: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Picture.fromarray(pixels).save(path)


def _read(path: Path) -> np.ndarray:
    with Picture.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def untrained() -> LoadedModel:
    """A model that draws something at random, and calls nothing by its name."""
    torch.manual_seed(0)
    network = LesionTransformer(LesionTransformerConfig(labels=3, image_size=64, width=24, layers=1, heads=3))
    torch.nn.init.normal_(network.decoder.mask.weight)
    card = Card(
        task="breast-ultrasound",
        title="",
        labels=LABELS,
        summary="",
        intended_use="",
        limits=(),
        data=DataFacts("", "", 0, "", ""),
        metrics={},
        trust=TrustParameters((1.0,), operating_point=0.5, rule_out=(0.1,) * 3, rule_in=(0.9,) * 3),
    )
    return LoadedModel(card.task, network.eval().requires_grad_(False), LABELS, "0" * 64, card, torch.device("cpu"))


def test_the_set_is_read_with_its_labels_and_outlines(tmp_path: Path) -> None:
    examples = BREAST_ULTRASOUND.read_dataset(_write_set(tmp_path, 4))
    assert Counter(example.truth[0] for example in examples) == dict.fromkeys(LABELS, 4)
    assert len({example.group for example in examples}) == 12
    outlines = {example.case_id: example.outline for example in examples if example.outline}
    assert sorted(outlines) == [f"images/{k}/{k} ({rank})" for k in ("benign", "malignant") for rank in (0, 2)]
    both = outlines["images/benign/benign (0)"]
    assert both is not None
    assert [path.name for path in both.masks] == ["benign (0)_mask.png", "benign (0)_mask_1.png"]
    assert np.array_equal(read_mask(both, (40, 48)), _scan(1000, "benign")[1])


def test_near_duplicates_share_a_group_even_under_two_labels(tmp_path: Path) -> None:
    folder = _write_set(tmp_path, 3)
    copy = Picture.fromarray(_read(folder / "images" / "benign" / "benign (1).png")).resize((60, 52))
    copy.save(folder / "images" / "malignant" / "malignant (9).png")
    groups = {example.case_id: example.group for example in BREAST_ULTRASOUND.read_dataset(folder)}
    assert groups["images/malignant/malignant (9)"] == groups["images/benign/benign (1)"]
    assert len(set(groups.values())) == 9


def test_a_mask_of_the_uncut_picture_is_cut_to_its_centre(tmp_path: Path) -> None:
    mask = np.zeros((60, 80), dtype=np.uint8)
    mask[30, 40] = 255
    _save(mask, tmp_path / "mask.png")
    outline = Outline(tmp_path / "scan.png", (tmp_path / "mask.png",))
    assert np.argwhere(read_mask(outline, (40, 48))).tolist() == [[20, 24]]
    with pytest.raises(DatasetError, match=r"mask\.png"):
        read_mask(outline, (61, 80))


def test_unknown_masks_are_not_taken_for_empty_ones(tmp_path: Path) -> None:
    examples = BREAST_ULTRASOUND.read_dataset(_write_set(tmp_path, 2))
    scans = load_scans(examples, LABELS, size=32)
    assert scans.drawn.tolist() == [True, True, True, False, True, False]
    assert scans.outlined.tolist() == [False, False, True, False, True, False]


def test_a_folder_of_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="images/normal"):
        BREAST_ULTRASOUND.read_dataset(tmp_path)


@pytest.mark.parametrize(("modality", "fits"), [("US", True), ("", True), ("DX", False), ("CT", False)])
def test_ultrasound_and_plain_pictures_are_accepted(modality: str, fits: bool) -> None:
    image = Image(pixels=np.zeros((1, 8, 8), dtype=np.uint8), digest="", modality=modality)
    assert BREAST_ULTRASOUND.accepts(Case("case", "A scan", series=((image,),))) is fits
    assert not BREAST_ULTRASOUND.accepts(Case("case", "A note", note=Note("Lump.", "")))


def test_training_writes_a_model_that_draws_and_a_card_that_says_how_well(tmp_path: Path) -> None:
    folder = _write_set(tmp_path / "set", 24)
    settings = {**BREAST_ULTRASOUND.defaults, "stages": "32x2", "lr": 2e-3}
    examples = BREAST_ULTRASOUND.read_dataset(folder)
    BREAST_ULTRASOUND.train(examples, tmp_path / "model", settings, 0)
    model = load_model(tmp_path / "model", device="cpu")
    assert isinstance(model.network, LesionTransformer)
    assert model.card.data.n == 72
    assert model.card.trust.operating_point is not None
    assert 0 < model.card.metrics["lesion_dice"].n < 24


def test_masks_are_written_at_the_size_of_their_pictures(tmp_path: Path, untrained: LoadedModel) -> None:
    folder = _write_set(tmp_path / "set", 2)
    evaluation = evaluate(BREAST_ULTRASOUND, untrained, folder, repeats=20)
    assert evaluation.to_json()["metrics"]["lesion_dice"]["n"] == 2
    write_masks(untrained, evaluation.examples, folder, tmp_path / "masks")
    written = {str(path.relative_to(tmp_path / "masks")): _read(path) for path in (tmp_path / "masks").rglob("*.png")}
    assert set(written) == {f"{e.case_id}.png" for e in evaluation.examples} | {
        f"masked/{label}/{label} (0).png" for label in ("benign", "malignant")
    }
    assert all(mask.shape == (40, 48) for mask in written.values())
    for example in evaluation.examples:
        lesion = analyse(BREAST_ULTRASOUND.load(example), untrained).lesion
        assert lesion is not None
        assert np.array_equal(lesion.mask, written[f"{example.case_id}.png"] == 255)
    assert {0, 255} == set(np.unique(list(written.values())))


def test_a_model_that_draws_nothing_writes_no_masks(tmp_path: Path) -> None:
    model = load_model(WEIGHTS / "chest-xray", device="cpu")
    with pytest.raises(UsageError, match="draws no lesions"):
        write_masks(model, [], tmp_path, tmp_path)


@pytest.mark.data
def test_copies_of_the_real_set_stay_together(data_dir: Path) -> None:
    examples = BREAST_ULTRASOUND.read_dataset(data_dir / "breast-ultrasound")
    assert len(examples) == 578
    assert sum(example.outline is not None for example in examples) == 59
    group = {example.case_id: example.group for example in examples}
    assert group["images/normal/normal (1)"] == group["images/benign/benign (269)"]
    assert group["images/benign/benign (399)"] == group["images/malignant/malignant (93)"]
    assert 440 < len(set(group.values())) < 480
    training, validation = split_by_group(examples, held=0.2, seed=0)
    assert {example.group for example in training}.isdisjoint(example.group for example in validation)


@pytest.mark.parametrize("case_id", ["breast-normal-1", "breast-benign-1", "breast-malignant-1", "breast-loop-1"])
def test_the_samples_are_inside_and_answered_right_and_their_lesion_is_drawn(case_id: str) -> None:
    case = sample_case(case_id)
    analysis = analyse(case, shipped_model("breast-ultrasound"))
    assert analysis.domain.inside
    assert (analysis.findings[0].label,) == case.truth["labels"]
    assert analysis.lesion is not None
    if case_id == "breast-normal-1":
        assert analysis.lesion.regions == ()
    else:
        truth = truth_mask(case)
        assert truth is not None
        assert overlap(analysis.lesion.mask, truth) > (
            0.45 if case_id == "breast-loop-1" else 0.7
        )  # of nearly equal echo


def test_black_pictures_noise_and_chest_films_are_outside() -> None:
    model = shipped_model("breast-ultrasound")
    scan, film = (sample_case(name).images[0] for name in ("breast-benign-1", "chest-normal-1"))
    noise = np.random.default_rng(0).integers(0, 256, (1, 300, 400)).astype(np.uint8)
    wrong = (film, replace(scan, pixels=np.zeros_like(noise)), replace(scan, pixels=noise))
    for image in wrong:
        assert not analyse(Case("case", "A picture", ((image,),)), model).domain.inside


def test_a_picture_of_unsaid_modality_goes_to_the_model_that_was_made_for_it() -> None:
    scan = sample_case("breast-benign-1")
    film = replace(sample_case("chest-normal-1").images[0], modality="")
    noise = replace(film, pixels=np.random.default_rng(0).integers(0, 256, (1, 300, 400)).astype(np.uint8), windows=())
    for images, names in (
        (scan.images, ["breast-ultrasound"]),
        ((film,), ["chest-xray"]),
        ((noise,), ["chest-xray", "breast-ultrasound"]),  # nobody was made for it, and both say so
    ):
        assert [task.name for task in fitting_tasks(Case("case", "A picture", (tuple(images),)))] == names


def test_no_map_measured_better_than_the_first_beyond_its_interval() -> None:
    card = shipped_model("breast-ultrasound").card
    gaps = {name: figure.value for name, figure in card.metrics.items() if name.startswith("removal_gap@")}
    best = card.metrics[max(gaps, key=lambda name: gaps[name])]
    assert best.low is not None
    assert card.methods[0] is Method.LIBRA_FULL_GRADIENT
    assert gaps[f"removal_gap@{card.methods[0]}"] >= best.low
    assert len(gaps) == 6


def test_the_head_takes_back_how_frequent_labels_are() -> None:
    network = LesionTransformer(LesionTransformerConfig(labels=3, image_size=64, width=24, layers=1, heads=3))
    before = network.head.bias.detach().clone()
    counts = dict(zip(LABELS, (1, 6, 3), strict=True))
    restore_frequencies(network, [Example(label, label, (label,)) for label, n in counts.items() for _ in range(n)])
    odds = (network.head.bias - before).detach().exp()
    assert (odds / odds.sum()).tolist() == pytest.approx([0.1, 0.6, 0.3])
