"""Head and key in closed form: the head finds the labels, the key brings texts of one label together."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from engine.evaluation.retrieval import among_themselves, cosines, precision_at
from engine.training.closed_form import fit_head, fit_key


def _texts(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings whose label shows in two dimensions that vary little, beside four loud ones that say nothing."""
    generator = np.random.default_rng(seed)
    target = np.arange(120) % 3
    quiet = np.stack([np.cos(2.1 * target), np.sin(2.1 * target)], axis=1) + 0.3 * generator.normal(size=(120, 2))
    return np.concatenate([quiet, generator.normal(size=(120, 4))], axis=1).astype(np.float32), target


def test_a_head_finds_the_labels_and_an_unseen_one_last() -> None:
    (seen, target), (new, truth) = _texts(0), _texts(1)
    head = nn.Linear(6, 4)
    fit_head(seen, target, head)
    logits = head(torch.from_numpy(new)).detach().numpy()
    assert (logits.argmax(axis=1) == truth).mean() > 0.9
    assert (logits.argmin(axis=1) == 3).all()


def test_a_key_brings_a_label_together() -> None:
    (seen, target), (new, truth) = _texts(0), _texts(1)
    key = nn.Linear(6, 5)
    fit_key(seen, target, key)
    keys = key(torch.from_numpy(new)).detach().numpy()
    plain, better = (precision_at(among_themselves(cosines(each, each)), truth, truth).mean() for each in (new, keys))
    assert better > plain + 0.1
