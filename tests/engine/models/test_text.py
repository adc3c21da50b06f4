"""The text family answers as transformers' own BERT does, reads only what is present, and shows its attention."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import BertModel

from engine.errors import TrainingError
from engine.models.output import ModelInput
from engine.models.text import TextTransformer, start_from_encoder


@pytest.fixture(scope="module")
def network(encoder_folder: Path) -> TextTransformer:
    torch.manual_seed(1)
    return start_from_encoder(encoder_folder, num_labels=3).eval().requires_grad_(False)


def _batch(rows: int = 2, tokens: int = 10) -> ModelInput:
    generator = torch.Generator().manual_seed(2)
    values = torch.randint(4, 20, (rows, tokens), generator=generator)  # (B, T)
    return ModelInput(values, torch.rand(rows, tokens, generator=generator) < 0.7)


def test_it_answers_as_bert_does(network: TextTransformer, encoder_folder: Path) -> None:
    batch = _batch()
    peer = BertModel.from_pretrained(encoder_folder, attn_implementation="eager").eval()
    with torch.no_grad():
        ours = network(batch)
        theirs = peer(batch.values, attention_mask=batch.presence.long(), output_attentions=True)
    present = batch.presence[..., None]  # (B, T, 1)
    mean = (theirs.last_hidden_state * present).sum(1) / present.sum(1)  # (B, D)
    torch.testing.assert_close(ours.embedding, mean, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(ours.logits, network.head(mean), atol=1e-5, rtol=1e-5)
    for mine, other in zip(ours.attentions, theirs.attentions, strict=True):
        torch.testing.assert_close(mine, other, atol=1e-6, rtol=1e-5)


def test_absent_tokens_have_no_influence(network: TextTransformer) -> None:
    batch = _batch()
    other = ModelInput(torch.where(batch.presence, batch.values, 5), batch.presence)
    assert torch.equal(network(batch).logits, network(other).logits)
    assert not torch.equal(batch.values, other.values)
    output = network(batch)
    assert (output.readout[~batch.presence] == 0).all()
    torch.testing.assert_close(output.readout.sum(1), torch.ones(2))
    assert all((weights.movedim(-1, 1)[~batch.presence] == 0).all() for weights in output.attentions)


def test_a_window_of_absent_tokens_gives_finite_logits(network: TextTransformer) -> None:
    batch = _batch()
    output = network(ModelInput(batch.values, torch.zeros_like(batch.presence)))
    assert torch.isfinite(output.logits).all()


def test_attention_is_in_the_graph_though_weights_are_frozen(network: TextTransformer) -> None:
    output = network(_batch())
    gradients = torch.autograd.grad(output.logits[0, 1], output.attentions)
    assert all(gradient.abs().sum() > 0 for gradient in gradients)
    assert all(weight.grad is None for weight in network.parameters())


def test_cutting_absent_tokens_away_in_training_changes_no_answer(encoder_folder: Path) -> None:
    network = start_from_encoder(encoder_folder, num_labels=3).eval()
    batch = _batch()
    expected = network(batch).logits
    network.train()
    for part in network.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.0
    output = network(batch)
    torch.testing.assert_close(output.logits, expected, atol=1e-5, rtol=1e-5)
    assert output.attentions[0].shape[-1] == int(batch.presence.sum(1).max())


def _spoil_nothing(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _spoil_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"no weights")


def _spoil_sizes(folder: Path) -> None:
    described = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**described, "hidden_size": 8}))


def _spoil_kind(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "resnet"}')


@pytest.mark.parametrize("spoil", [_spoil_nothing, _spoil_weights, _spoil_sizes, _spoil_kind])
def test_what_is_no_encoder_is_refused(encoder_folder: Path, tmp_path: Path, spoil: object) -> None:
    folder = Path(shutil.copytree(encoder_folder, tmp_path / "copy"))
    assert callable(spoil)
    spoil(folder)
    with pytest.raises(TrainingError, match="encoder"):
        start_from_encoder(folder, num_labels=3)
