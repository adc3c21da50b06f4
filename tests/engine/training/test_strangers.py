from __future__ import annotations

import pytest
import torch

from engine.training.strangers import blur, changes, drawn_pictures, turn
from engine.trust.gate import REASONS

FILMS = torch.rand(3, 48, 48, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("mirror", [True, False])
def test_every_change_leaves_display_values_and_has_words(mirror: bool) -> None:
    done = changes(mirror=mirror)
    assert ("mirrored" in done) is not mirror
    assert set(done) < set(REASONS)
    for change in done.values():
        once, again = (change(FILMS, torch.Generator().manual_seed(1)) for _ in range(2))
        assert once.shape == FILMS.shape
        assert 0 <= float(once.min()) <= float(once.max()) <= 1.0001
        assert torch.equal(once, again)
        assert not torch.allclose(once, FILMS, atol=0.05)


def test_a_quarter_turn_is_a_quarter_turn() -> None:
    turned = turn(FILMS, torch.full((3,), 90.0), torch.ones(3))
    assert min(float((turned - FILMS.rot90(k, (1, 2))).abs().max()) for k in (1, 3)) < 1e-3


def test_a_blur_keeps_the_mean_and_takes_detail_away() -> None:
    blurred = blur(FILMS, 3.0)
    assert float(blurred.mean()) == pytest.approx(float(FILMS.mean()), abs=0.02)
    assert float(blurred.std()) < 0.3 * float(FILMS.std())


def test_drawn_pictures_come_from_their_seed_and_differ() -> None:
    pictures = drawn_pictures(6, 32, 5)
    assert pictures.dtype == torch.uint8
    assert torch.equal(pictures, drawn_pictures(6, 32, 5))
    assert len({tuple(picture.flatten().tolist()) for picture in pictures}) == 6
