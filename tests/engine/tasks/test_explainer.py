"""A learned explainer, from films on the disk to a model folder that gives its maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Picture

from engine.errors import CheckpointTampered, TrainingError
from engine.evaluation.trial import removal_gap
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import load_model, save_model
from engine.models.explainer import EXPLAINER_FILE, ShapleyHead
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.pipeline import WEIGHTS
from engine.results import Method
from engine.tasks import explainer
from engine.tasks.chest_xray import read_dataset
from engine.tasks.explainer import Ground, learn_explainer
from engine.tasks.image_games import FILMS, read, view
from engine.tasks.task import Example
from engine.training.shapley import ExplainerSettings
from engine.training.split import split_by_group

CARD = Card(
    task="chest-xray",
    title="A film",
    labels=("a", "b"),
    summary="Tells a from b.",
    intended_use="Research and education; not a medical device.",
    limits=(),
    data=DataFacts("Set", "CC0", 10, "Nobody", "By patient"),
    metrics={},
    trust=TrustParameters(temperatures=(1.0,)),
    map_scales={"relevance": 4.0},
    training={"seed": 0},
)
GROUND = Ground(read, view, FILMS.held, ExplainerSettings(cases=8, pairs=2, epochs=1, batch_size=4))


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    generator = np.random.default_rng(0)
    made = []
    for rank in range(40):
        path = tmp_path / f"{rank}.png"
        Picture.fromarray(generator.integers(0, 255, (32, 32)).astype(np.uint8)).save(path)
        made.append(Example(str(rank), str(rank), ("a",), path=path))
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    config = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=1, heads=2)
    save_model(tmp_path / "model", ImageTransformer(config), CARD)
    return tmp_path / "model"


def _better(monkeypatch: pytest.MonkeyPatch, learned: float, default: float) -> None:
    """What the figures of the two methods are to be."""
    gaps = {True: learned, False: default}
    monkeypatch.setattr(explainer, "removal_gap", lambda model, inputs, method, **_: gaps[method.learned])


def test_a_better_explainer_is_put_beside_the_weights(
    examples: list[Example], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _better(monkeypatch, 0.5, 0.2)
    before = load_model(folder, "cpu")
    learn_explainer(GROUND, examples, folder)
    model = load_model(folder, "cpu")
    assert model.digest == before.digest
    assert isinstance(model.network, ImageTransformer)
    assert isinstance(model.network.explainer, ShapleyHead)
    assert model.card.methods[0] is Method.LEARNED_SHAPLEY
    advantage = model.card.metrics["removal_gap@learned-shapley over libra-full-gradient"]
    assert (advantage.value, advantage.n) == (pytest.approx(0.3), 6)
    assert model.card.training["explainer"]["cases"] == 8
    save_model(folder, model.network, CARD)  # other weights: nothing of the explainer is left in them
    assert load_model(folder, "cpu").network.explainer is None


def test_one_that_is_not_better_is_left_out(
    examples: list[Example], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _better(monkeypatch, 0.2, 0.2)
    with pytest.raises(TrainingError, match="not better"):
        learn_explainer(GROUND, examples, folder)
    assert not (folder / EXPLAINER_FILE).exists()


def test_a_stopped_run_plays_no_game_twice(
    examples: list[Example], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _better(monkeypatch, 0.2, 0.2)
    for _ in range(2):
        with pytest.raises(TrainingError):
            learn_explainer(GROUND, examples, folder)
        monkeypatch.setattr(explainer, "play", lambda *_: pytest.fail("played again"))


def test_another_explainer_than_the_card_s_is_refused(
    examples: list[Example], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _better(monkeypatch, 0.5, 0.2)
    learn_explainer(GROUND, examples, folder)
    content = bytearray((folder / EXPLAINER_FILE).read_bytes())
    content[-1] ^= 1
    (folder / EXPLAINER_FILE).write_bytes(content)
    with pytest.raises(CheckpointTampered, match=EXPLAINER_FILE):
        load_model(folder, "cpu")


@pytest.mark.data
@pytest.mark.slow
def test_the_shipped_maps_are_more_faithful_than_those_by_gradient_weighted_attention(data_dir: Path) -> None:
    model = load_model(WEIGHTS / "chest-xray", "cpu")
    if Method.LEARNED_SHAPLEY not in model.card.methods:
        pytest.skip("the shipped model has no learned explainer")
    examples = read_dataset(data_dir / "chest-xray")
    validation = split_by_group(examples, held=FILMS.held, seed=model.card.training["seed"])[1]
    films = [read(model, [example]) for example in validation[::250]]
    learned, by_gradient = (
        [removal_gap(model, inputs, method) for inputs in films]
        for method in (Method.LEARNED_SHAPLEY, Method.RELEVANCE)
    )
    assert np.mean(learned) > np.mean(by_gradient) + 0.1
