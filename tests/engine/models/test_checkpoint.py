from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from engine.errors import CheckpointError, CheckpointMissing, CheckpointTampered
from engine.models.card import Card, DataFacts, TrustParameters, read_card, write_card
from engine.models.checkpoint import LoadedModel, load_model, save_model, shared_model
from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig

CARD = Card(
    task="chest-xray",
    title="A film",
    labels=("a", "b"),
    summary="",
    intended_use="",
    limits=(),
    data=DataFacts("Set", "CC0", 10, "Nobody", "By patient"),
    metrics={},
    trust=TrustParameters(temperatures=(1.0,)),
)
INPUTS = ModelInput(torch.linspace(-1, 1, 1024).view(1, 1, 32, 32), torch.ones(1, 16, dtype=torch.bool))


@pytest.fixture
def network() -> ImageTransformer:
    torch.manual_seed(0)
    sizes = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=1, heads=3)
    return ImageTransformer(sizes).eval()


@pytest.fixture
def folder(tmp_path: Path, network: ImageTransformer) -> Path:
    save_model(tmp_path / "model", network, CARD)
    return tmp_path / "model"


def test_a_model_comes_back_as_it_was(folder: Path, network: ImageTransformer) -> None:
    model = load_model(folder, device="cpu")
    assert torch.equal(model.network(INPUTS).logits, network(INPUTS).logits)
    assert model.labels == CARD.labels
    assert model.digest == model.card.files["model.safetensors"]
    assert not model.network.training
    assert not any(weight.requires_grad for weight in model.network.parameters())


def test_half_precision_is_computed_in_float32(tmp_path: Path, network: ImageTransformer, folder: Path) -> None:
    save_model(tmp_path / "half", network, CARD, half=True)
    model = load_model(tmp_path / "half", device="cpu")
    assert {weight.dtype for weight in model.network.parameters()} == {torch.float32}
    assert torch.allclose(model.network(INPUTS).logits, network(INPUTS).logits, atol=1e-2)
    sizes = [(path / "model.safetensors").stat().st_size for path in (tmp_path / "half", folder)]
    assert sizes[0] < 0.6 * sizes[1]


def test_a_tokenizer_travels_with_its_model(tmp_path: Path, network: ImageTransformer) -> None:
    tokenizer = Tokenizer(WordLevel({"film": 0, "[UNK]": 1}, unk_token="[UNK]"))  # noqa: S106
    save_model(tmp_path, network, CARD, tokenizer)
    loaded = load_model(tmp_path, device="cpu").tokenizer
    assert loaded is not None
    assert loaded.encode("film").ids == [0]


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_changed_byte_is_noticed(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-3] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(CheckpointTampered, match=name):
        load_model(folder)


def test_a_file_that_the_card_forgot_is_noticed(folder: Path) -> None:
    card = read_card(folder)
    write_card(replace(card, files={"config.json": card.files["config.json"]}), folder)
    with pytest.raises(CheckpointTampered, match=r"model\.safetensors"):
        load_model(folder)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "card.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(CheckpointMissing):
        load_model(folder)


def test_a_card_cannot_point_out_of_its_folder(folder: Path) -> None:
    card = read_card(folder)
    write_card(replace(card, files={**card.files, "../secret": "00"}), folder)
    with pytest.raises(CheckpointMissing):
        load_model(folder)


@pytest.mark.parametrize("change", [{"model_type": "other"}, {"wheels": 4}, {"labels": 7}])
def test_a_configuration_that_fits_nothing_is_refused(folder: Path, change: dict[str, object]) -> None:
    import hashlib

    config = {**json.loads((folder / "config.json").read_text()), **change}
    (folder / "config.json").write_text(json.dumps(config))
    digest = hashlib.sha256((folder / "config.json").read_bytes()).hexdigest()
    card = read_card(folder)
    write_card(replace(card, files={**card.files, "config.json": digest}), folder)
    with pytest.raises(CheckpointError):
        load_model(folder)


def test_threads_share_one_model(folder: Path) -> None:
    found: list[LoadedModel] = []
    threads = [threading.Thread(target=lambda: found.append(shared_model(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({id(model) for model in found}) == 1
