"""A run of the tagger's training, small enough for a test: it learns, resumes, and is written and read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from engine.deidentify.forge import Forge
from engine.deidentify.identifiers import Identifier, IdentifierKind
from engine.deidentify.measure import alarms, count_alarms, measure, missed
from engine.deidentify.plant import Seeded, plant
from engine.deidentify.templates import WATCHED
from engine.deidentify.training import TAGS, TaggerSettings, tag_words, train_tagger
from engine.models.tagger import TokenTagger, TokenTaggerConfig, compress_embeddings
from engine.preprocess.letters import batch_words, split_words

NOTES = ["The patient has a fracture of the left knee. She was seen by Dr. X on 03/12/2007. No rash of the skin."] * 4


@pytest.fixture
def network(tokenizer: Tokenizer) -> TokenTagger:
    torch.manual_seed(0)
    sizes = TokenTaggerConfig(
        len(TAGS), tokenizer.get_vocab_size(), piece_size=8, letter_filters=16, hidden_size=32, layers=1, heads=2
    )
    return TokenTagger(sizes)


def test_a_short_run_lowers_the_loss_and_leaves_the_embeddings(
    network: TokenTagger, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    before = network.pieces.weight.clone()
    watched = [plant(NOTES[0], Forge(np.random.default_rng(rank), held=True), WATCHED) for rank in range(3)]
    settings = TaggerSettings(epochs=2, steps=12, batch_size=6, lr=3e-3)
    train_tagger(network, tokenizer, NOTES, watched, settings, out=tmp_path, seed=0)
    curves = (tmp_path / "curves.csv").read_text().splitlines()
    column = curves[0].split(",").index("training_loss")
    first, last = (float(row.split(",")[column]) for row in curves[1:])
    assert last < first
    assert torch.equal(before, network.pieces.weight)


def test_tags_follow_the_places_and_skip_what_nobody_knows(tokenizer: Tokenizer) -> None:
    seeded = Seeded("Ann Lee saw XYZ.", (Identifier(0, 7, IdentifierKind.NAME),), ((12, 15),))
    tagged = tag_words(seeded, tokenizer)
    assert [TAGS[tag] if tag >= 0 else "?" for tag in tagged.tags] == [
        "begins name", "inside name", "outside", "?", "outside",
    ]  # fmt: skip


def test_what_is_absent_changes_nothing(network: TokenTagger, tokenizer: Tokenizer) -> None:
    short, long = split_words("the knee", tokenizer), split_words("the patient has a rash of the skin", tokenizer)
    network.eval()
    alone = network(batch_words([short])).logits[0]
    together = network(batch_words([short, long])).logits[0, : len(short)]
    assert torch.allclose(alone, together, atol=1e-5)
    assert len(network(batch_words([short])).attentions) == network.config.layers


def test_compressed_embeddings_keep_what_is_near() -> None:
    table = torch.randn(50, 16, generator=torch.Generator().manual_seed(0))
    table[1] = table[0] + 0.01
    small = compress_embeddings(table, 8)
    assert small.shape == (50, 8)
    distances = (small - small[0]).norm(dim=1)
    assert distances[1:].argmin() == 0


def test_an_identifier_of_which_a_letter_is_left_is_missed() -> None:
    note = Seeded("Ann Lee, 12.", (Identifier(0, 7, IdentifierKind.NAME),))
    part, whole, elsewhere = (Identifier(*place, IdentifierKind.NAME) for place in ((0, 6), (0, 7), (9, 11)))
    assert missed(note, [part]) == note.identifiers
    assert missed(note, [whole]) == ()
    assert alarms(note, [whole, elsewhere]) == (elsewhere,)
    figures = measure([note, note], lambda text: [part, elsewhere])
    assert figures["recall of identifiers"].value == 0.0
    assert figures["recall of characters"].value == pytest.approx(5 / 6, abs=1e-3)
    assert figures["precision"].value == 0.5
    assert count_alarms([note], lambda text: [elsewhere]).value == 1.0
