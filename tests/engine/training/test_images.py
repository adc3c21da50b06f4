"""Films in, a network out: what is drawn, what is mixed, when a run stops, and that the seed decides everything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.models.output import ModelInput
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.training.augment import mix_up
from engine.training.curves import read_curves
from engine.training.images import ClassifierSettings, Films, random_batches, train_image_classifier

CONFIG = ImageTransformerConfig(labels=2, image_size=32, patch_size=8, width=24, layers=2, heads=2)


def films(count: int = 64, *, rare: int = 8) -> Films:
    """Two labels, every `rare`-th film of the second one: it is bright below."""
    targets = (torch.arange(count) % rare == 0).long()
    pixels = torch.randint(0, 60, (count, 32, 32), generator=torch.Generator().manual_seed(0))
    pixels[targets == 1, 16:] += 150
    return Films(pixels.to(torch.uint8), torch.ones(count), targets)


def train(out: Path, *, seed: int = 0, held: Films | None = None, **options: object) -> ImageTransformer:
    torch.manual_seed(seed)
    settings = ClassifierSettings(**{"stages": "32x3", "lr": 2e-3, "batch_size": 16, "average": 0.9, **options})  # type: ignore[arg-type]
    return train_image_classifier(
        ImageTransformer(CONFIG), lambda _: films(), lambda _: held or films(24), settings, out, seed
    )


def drawn_share(balance: str) -> float:
    settings = ClassifierSettings(stages="32x1", balance=balance)
    batches = random_batches(films(256), CONFIG, settings, np.random.default_rng(0))
    return float(torch.cat([truth for _, truth in batches])[:, 1].mean())


def test_rare_labels_are_drawn_as_often_as_others_only_where_draws_are_balanced() -> None:
    assert drawn_share("draws") == pytest.approx(0.5, abs=0.1)
    assert drawn_share("weights") == drawn_share("none") == 1 / 8


def test_a_rare_label_is_found_by_weighing_it(tmp_path: Path) -> None:
    def called(balance: str) -> float:
        torch.manual_seed(0)
        network = train(tmp_path / balance, balance=balance, stages="32x1", lr=1e-4)
        with torch.no_grad():
            inputs = next(iter(random_batches(films(), CONFIG, ClassifierSettings("32x1"), np.random.default_rng(1))))[
                0
            ]
            return float(network(inputs).logits.softmax(dim=1)[:, 1].mean())

    assert called("weights") > called("none")


def test_mixed_films_show_their_labels_in_their_shares() -> None:
    values = torch.stack([torch.zeros(1, 32, 32), torch.ones(1, 32, 32)])
    inputs, truth = mix_up(ModelInput(values, torch.ones(2, 16, dtype=torch.bool)), torch.eye(2), 0.75)
    assert torch.allclose(inputs.values[:, 0, 0, 0], torch.tensor([0.25, 0.75]))
    assert torch.allclose(truth, torch.tensor([[0.75, 0.25], [0.25, 0.75]]))


def test_mixup_draws_a_share_of_its_own_for_each_batch() -> None:
    settings = ClassifierSettings(stages="32x1", mixup=0.4)
    truths = [truth for _, truth in random_batches(films(128), CONFIG, settings, np.random.default_rng(0))]
    assert all(torch.allclose(truth.sum(dim=1), torch.ones(len(truth))) for truth in truths)
    assert len({float(truth[truth < 1].max()) for truth in truths}) == len(truths)


def test_the_seed_decides_the_weights(tmp_path: Path) -> None:
    first, again, other = (
        train(tmp_path / name, seed=seed, mixup=0.2, stages="32x1").state_dict()
        for name, seed in (("first", 0), ("again", 0), ("other", 1))
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_a_run_stops_when_validation_grows_worse_and_keeps_its_best_epoch(tmp_path: Path) -> None:
    plain = films(24)
    wrong = Films(plain.pixels, plain.aspects, 1 - plain.targets)  # the better it learns, the worse this scores
    train(tmp_path, held=wrong, stages="32x9", patience=2, lr=5e-3)
    losses = [row["validation_loss"] for row in read_curves(tmp_path)]
    assert len(losses) < 9
    assert len(losses) == int(np.argmin(losses)) + 3
