"""A note classifier learns, trains on what it will be asked, and gives the same weights for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from engine.errors import TrainingError
from engine.models.text import TextTransformer, start_from_encoder
from engine.preprocess.text import split_pieces
from engine.training import notes

TEXTS = {
    "bone": "the patient has a fracture of the left knee",
    "skin": "the patient has a rash of the right skin",
}


@pytest.fixture(scope="module")
def labelled(tokenizer: Tokenizer) -> notes.LabelledNotes:
    generator = np.random.default_rng(0)
    kinds = generator.random(64) < 0.5
    fillers = [" ".join(generator.permutation(["no", "heart", "murmur", ",", "left", "right"])) for _ in kinds]
    texts = [f"{filler} {TEXTS['bone' if kind else 'skin']}" for kind, filler in zip(kinds, fillers, strict=True)]
    return notes.LabelledNotes(
        tuple(split_pieces(text, tokenizer) for text in texts), np.stack([kinds, ~kinds], axis=1)
    )


def _train(
    folder: Path, tokenizer: Tokenizer, labelled: notes.LabelledNotes, out: Path, *, epochs: int
) -> TextTransformer:
    settings = notes.NoteSettings(epochs=epochs, batch_size=8, frozen=1, lr=5e-3, head_lr=2e-2)
    torch.manual_seed(0)
    network = start_from_encoder(folder, num_labels=2)
    return notes.train_notes(network, tokenizer, labelled, labelled, settings, out=out, seed=0)


def test_it_learns_what_words_tell(
    encoder_folder: Path, tokenizer: Tokenizer, labelled: notes.LabelledNotes, tmp_path: Path
) -> None:
    network = _train(encoder_folder, tokenizer, labelled, tmp_path, epochs=4)
    logits = notes.predict_notes(network, tokenizer, labelled.pieces)
    assert logits.shape == (64, 2)
    assert ((logits > 0) == labelled.truth).mean() > 0.95
    few = notes.predict_notes(network, tokenizer, labelled.pieces, kept=0.3)
    assert 0.6 < ((few > 0) == labelled.truth).mean() < ((logits > 0) == labelled.truth).mean() + 1e-9


def test_the_same_seed_gives_the_same_weights_and_the_lowest_layers_stay(
    encoder_folder: Path, tokenizer: Tokenizer, labelled: notes.LabelledNotes, tmp_path: Path
) -> None:
    first, second = (
        _train(encoder_folder, tokenizer, labelled, tmp_path / name, epochs=1).state_dict() for name in ("a", "b")
    )
    assert all(torch.equal(value, second[name]) for name, value in first.items())
    start = start_from_encoder(encoder_folder, num_labels=2).state_dict()
    changed = {name.split(".")[0] + name.split(".")[1] for name in first if not torch.equal(first[name], start[name])}
    assert changed == {"layers1", "headweight", "headbias"}


def test_rates_fall_with_depth_and_reach_every_trained_weight(encoder_folder: Path) -> None:
    network = start_from_encoder(encoder_folder, num_labels=2)
    settings = notes.NoteSettings(frozen=0, lr=1.0, head_lr=5.0, depth_decay=0.5)
    groups = notes.rate_groups(network, settings)
    rate_of = {id(weight): group["lr"] for group in groups for weight in group["params"]}
    assert rate_of[id(network.head.bias)] == 5.0
    assert rate_of[id(next(network.layers[1].parameters()))] == 1.0
    assert rate_of[id(next(network.layers[0].parameters()))] == 0.5
    assert len(rate_of) == len([*network.head.parameters(), *network.layers.parameters()])


def test_windows_begin_anywhere_and_half_the_batches_lack_words(tokenizer: Tokenizer) -> None:
    content = " ".join(["the left knee has a rash ,"] * 60)
    long = notes.LabelledNotes((split_pieces(content, tokenizer),) * 8, np.ones((8, 1), bool))
    generator = np.random.default_rng(1)
    batches = [batch for _ in range(40) for batch in notes.random_batches(long, tokenizer, 4, generator)]
    whole = [bool(inputs.presence.all()) for inputs, _ in batches]
    assert 0.3 < np.mean(whole) < 0.7
    assert all(inputs.presence.float().mean() > 0.05 for inputs, _ in batches)
    assert len({tuple(row) for inputs, _ in batches for row in inputs.values.tolist()}) > 5
    assert all(truth.shape == (4, 1) for _, truth in batches)


def test_the_tokenizer_cuts_nothing_off(encoder_folder: Path, tmp_path: Path) -> None:
    cutting = Tokenizer.from_file(str(encoder_folder / "tokenizer.json"))
    cutting.enable_truncation(4)
    cutting.enable_padding(length=4)
    cutting.save(str(tmp_path / "tokenizer.json"))
    loaded = notes.load_tokenizer(tmp_path)
    assert len(loaded.encode("the left knee has a rash").ids) == 6
    assert len(loaded.encode("knee").ids) == 1
    with pytest.raises(TrainingError, match=r"tokenizer\.json"):
        notes.load_tokenizer(tmp_path / "nowhere")
