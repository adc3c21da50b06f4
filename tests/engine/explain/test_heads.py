"""Attention by layer and head: rows that sum to 1, one window at a time, entropy and distance counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from engine.case import Note
from engine.explain.heads import Heads, heads_of
from engine.models.output import ModelInput
from engine.models.text import TextTransformer, TextTransformerConfig
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.pipeline import attention_heads, shipped_model
from engine.preprocess.image import letterbox
from engine.preprocess.prepared import Prepared
from engine.preprocess.text import prepare_note
from engine.samples import sample_case


def made(attention: list[list[float]]) -> Heads:
    """One layer with one head over patches in a row."""
    matrix = np.array(attention, np.float32)
    places = np.stack([np.zeros(len(matrix)), np.arange(len(matrix))], axis=1).astype(np.float32)
    readout = np.array([1.0, *[0.0] * (len(matrix) - 1)], np.float32)
    return Heads(matrix[None, None], readout, places, ())


def test_entropy_and_distance_by_hand() -> None:
    itself = made([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert itself.entropy == pytest.approx(0, abs=1e-5)
    assert itself.distance == pytest.approx(0)
    alike = made([[0.25] * 4] * 4)
    assert alike.entropy == pytest.approx(2)
    assert alike.distance == pytest.approx((6 + 4 + 4 + 6) / 16)
    ahead = made([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]])
    assert ahead.distance == pytest.approx(1)


def test_the_answer_sees_through_its_readout() -> None:
    heads = made([[0.1, 0.9], [0.5, 0.5]])
    assert heads.seen_from(None)[0, 0] == pytest.approx([0.1, 0.9])
    assert heads.seen_from(1)[0, 0] == pytest.approx([0.5, 0.5])


def test_the_patches_of_a_picture_are_counted_from_its_own_corner() -> None:
    torch.manual_seed(0)
    network = ImageTransformer(
        ImageTransformerConfig(labels=2, image_size=64, patch_size=16, width=48, layers=2, heads=3)
    ).eval()
    geometry = letterbox(100, 200, size=64, patch=16)
    presence = torch.from_numpy(geometry.presence)[None]
    heads = heads_of(network, Prepared(ModelInput(torch.randn(1, 1, 64, 64), presence), geometry))
    assert heads.attention.shape == (2, 3, 8, 8)
    assert heads.attention.sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert heads.places.tolist() == [[row, column] for row in range(2) for column in range(4)]
    assert heads.readout.sum() == pytest.approx(1)
    assert heads.pieces == ()


def test_one_window_of_a_long_note_and_no_other(tokenizer: Tokenizer) -> None:
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = TextTransformerConfig(num_labels=2, vocab_size=tokenizer.get_vocab_size(), **sizes)
    network = TextTransformer(config).eval()
    text = "the patient has a fracture . " * 60
    inputs, offsets, _ = prepare_note(Note(text, "d"), tokenizer)
    prepared = Prepared(inputs, offsets)
    heads = heads_of(network, prepared, window=1)
    whole = network(inputs).attentions[0][1].detach().numpy()
    count = int(inputs.presence[1].sum())
    assert heads.attention.shape == (2, 2, count, count)
    assert heads.attention[0] == pytest.approx(whole[:, :count, :count], abs=1e-5)
    assert heads.windows == len(inputs.presence) > 1
    assert heads.pieces[0] is heads.pieces[-1] is None
    first = heads.pieces[1]
    assert first is not None
    assert first.start == offsets.offsets[1, 1, 0]
    with pytest.raises(IndexError):
        heads_of(network, prepared, window=99)


def test_of_a_course_the_tokens_that_are_read_are_named_and_lie_hours_apart() -> None:
    heads = attention_heads(sample_case("course-septic-1"), shipped_model("icu-course"))
    layers, count, read, _ = heads.attention.shape
    assert (layers, count) == (1, 20)
    assert len(heads.names) == len(heads.places) == len(heads.readout) == read
    assert len(set(heads.names) & {"HR", "MAP", "Age"}) == 3
    assert read < 60  # the newest of each variable, not hundreds of hours
    assert heads.attention.sum(axis=-1) == pytest.approx(1, abs=1e-5)
    assert heads.readout.sum() == pytest.approx(1, abs=1e-5)
    assert heads.places[:, 1].max() < 48
