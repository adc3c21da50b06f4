"""Layers that stay as they were are read once, and give what the whole network gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from engine.models.encoder_decoder import EncoderDecoder
from engine.preprocess.draft import draft_pieces
from engine.preprocess.text import cut_windows, split_pieces
from engine.training.reports import Frozen, LabelledReports, ReportSettings, begin, train_reports

TEXTS = ("the patient has a rash", "no fracture of left knee", "right knee", "heart murmur")
SETTINGS = ReportSettings(epochs=1, batch_size=2, vocabulary=1000, frozen=1)


@pytest.fixture
def begun(encoder_folder: Path) -> tuple[EncoderDecoder, Tokenizer]:
    torch.manual_seed(0)
    return begin(encoder_folder, TEXTS, 2, SETTINGS)


def test_what_leaves_the_frozen_layers_is_what_enters_the_next(begun: tuple[EncoderDecoder, Tokenizer]) -> None:
    network, tokenizer = begun
    network.train()
    inputs = cut_windows([(split_pieces(text, tokenizer), 0) for text in TEXTS], tokenizer)[0]
    hidden, presence = Frozen(network, 1).read(inputs)
    network.eval()
    whole = network(inputs)
    torch.testing.assert_close(hidden[presence], whole.hidden[1][inputs.presence])
    torch.testing.assert_close(network.encode_from(1, hidden, presence).logits, whole.logits)


def test_frozen_layers_keep_their_weights_and_others_learn(
    begun: tuple[EncoderDecoder, Tokenizer], tmp_path: Path
) -> None:
    network, tokenizer = begun
    before = {name: value.clone() for name, value in network.state_dict().items()}
    reports = LabelledReports(
        tuple(split_pieces(text, tokenizer) for text in TEXTS),
        np.array([[True, False], [False, True], [True, True], [False, False]]),
        tuple(draft_pieces(text, tokenizer, longest=8) for text in TEXTS),
    )
    trained = train_reports(network, tokenizer, reports, reports, SETTINGS, out=tmp_path, seed=0)
    same = {name for name, value in trained.state_dict().items() if torch.equal(value, before[name])}
    assert {name for name in before if name.startswith(("embeddings.", "layers.0."))} <= same
    assert not {"queries", "head.weight", "layers.1.output.dense.weight", "to_piece.weight", "piece_bias"} & same
