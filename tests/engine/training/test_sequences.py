"""Training of window classifiers: what is changed, moved and thinned, and that a small one learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.models.sequence import SequenceTransformer, SequenceTransformerConfig
from engine.training.sequences import SequenceSettings, Windows, predict_windows, random_windows, train_windows

SETTINGS = SequenceSettings(epochs=6, batch_size=16, width=16, layers=1, heads=2, reach=3, average=0.9, lr=5e-3)
QUIET = replace(SETTINGS, changed=0.0, thinned=0.0, beside=0.0)


def _windows(count: int = 96) -> Windows:
    """Windows of 20 bases whose middle says what they are: GT, AG or anything else."""
    generator = np.random.default_rng(0)
    bases = generator.integers(4, size=(count, 20))
    targets = np.arange(count) % 3
    bases[targets == 0, 10:12] = (2, 3)
    bases[targets == 1, 8:10] = (0, 2)
    values = torch.nn.functional.one_hot(torch.from_numpy(bases), 4).float()
    return Windows(values, torch.ones(count, 20, dtype=torch.bool), torch.from_numpy(targets))


def test_all_windows_come_once_in_random_order_and_unchanged_where_nothing_is_asked() -> None:
    windows = _windows(48)
    batches = list(random_windows(windows, QUIET, np.random.default_rng(0), nothing=2))
    values = torch.cat([inputs.values for inputs, _ in batches])
    seen, given = (sorted(map(bytes, one.numpy().astype(np.uint8))) for one in (values, windows.values))
    assert seen == given
    assert all(bool(inputs.presence.all()) for inputs, _ in batches)


def test_a_window_moved_beside_its_site_is_of_no_site() -> None:
    windows = _windows(48)
    for inputs, targets in random_windows(windows, replace(QUIET, beside=1.0), np.random.default_rng(0), nothing=2):
        assert (targets == 2).all()
        assert not bool(inputs.presence.all(dim=1).any())
        assert float(inputs.values[~inputs.presence].abs().sum()) == 0


def test_changed_and_thinned_bases_are_about_the_share_asked_for() -> None:
    windows = _windows(48)
    (inputs, _), *_ = random_windows(windows, replace(QUIET, changed=0.5), np.random.default_rng(0), nothing=2)
    assert float(inputs.values.sum(dim=2).min()) == 1
    (inputs, _), *_ = random_windows(
        windows, replace(QUIET, thinned=1.0, least_kept=0.2), np.random.default_rng(0), nothing=2
    )
    assert 0.1 < float(inputs.presence.float().mean()) < 1


def test_a_small_one_learns_and_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    windows = _windows()

    def trained(out: Path, epochs: int) -> SequenceTransformer:
        torch.manual_seed(0)
        config = SequenceTransformerConfig(labels=3, window=20, width=16, layers=1, heads=2, reach=3, dropout=0.0)
        settings = replace(QUIET, epochs=epochs)
        return train_windows(SequenceTransformer(config), windows, windows, settings, nothing=2, out=out, seed=0)

    network = trained(tmp_path / "a", 25)
    logits = predict_windows(network, windows)
    assert (logits.argmax(axis=1) == windows.targets.numpy()).mean() > 0.9
    again = trained(tmp_path / "a", 25)
    np.testing.assert_array_equal(predict_windows(again, windows), logits)
    assert predict_windows(network, windows, kept=0.5) != pytest.approx(logits)
