from __future__ import annotations

import pytest
import torch

from engine.training.augment import plain_batch, random_batch, thin


def _films(count: int = 6, size: int = 96) -> torch.Tensor:
    """Smooth films: a bright disc left of the middle, on a slope."""
    steps = torch.linspace(-1, 1, size)
    disc = ((steps[None] + 0.4) ** 2 + steps[:, None] ** 2) < 0.1
    film = (80 + 40 * steps[:, None] + 100 * disc).clamp(0, 255)
    return film.to(torch.uint8).expand(count, -1, -1).clone()


def _draw(seed: int, **options: bool) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    batch = random_batch(_films(), torch.ones(6), patch=16, generator=generator, **options)
    return batch.values, batch.presence


def test_a_random_view_depends_on_its_generator_alone() -> None:
    torch.manual_seed(1)
    first = _draw(0)
    torch.manual_seed(2)
    assert torch.equal(first[0], _draw(0)[0])
    assert not torch.equal(first[0], _draw(1)[0])


def test_views_are_standardised_and_empty_outside_the_film() -> None:
    for seed in range(10):
        values, presence = _draw(seed, thinned=False)
        inside = presence.view(6, 1, 6, 6).repeat_interleave(16, 2).repeat_interleave(16, 3)
        assert torch.isfinite(values).all()
        assert float(values[~inside].abs().sum()) == 0.0
        for row in range(6):
            assert float(values[row][inside[row]].mean()) == pytest.approx(0.0, abs=1e-3)
            assert float(values[row][inside[row]].std()) == pytest.approx(1.0, abs=1e-2)


def test_the_heart_keeps_its_side() -> None:
    for seed in range(20):
        values, _ = _draw(seed, thinned=False)
        left, right = values[..., :48].amax(dim=(1, 2, 3)), values[..., 48:].amax(dim=(1, 2, 3))
        weight_left = values[..., :48].clamp_min(0).sum(dim=(1, 2, 3))
        weight_right = values[..., 48:].clamp_min(0).sum(dim=(1, 2, 3))
        assert ((weight_left > 0.6 * weight_right) | (left > right)).all()


def test_patches_are_taken_from_about_half_of_the_batches() -> None:
    full = sum(int(_draw(seed)[1].float().mean(dim=1).min() > 0.6) for seed in range(60))
    assert 20 <= full <= 55
    assert all(bool(_draw(seed)[1].any(dim=1).all()) for seed in range(60))


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_thinning_keeps_its_share_of_what_was_there(share: float) -> None:
    presence = torch.zeros(4, 36, dtype=torch.bool)
    presence[:, :30] = True
    kept = thin(presence, share, torch.Generator().manual_seed(0))
    assert (kept.sum(dim=1) == round(30 * share)).all()
    assert not (kept & ~presence).any()


def test_a_wide_film_is_letterboxed() -> None:
    batch = plain_batch(_films(1), torch.tensor([2.0]), patch=16)
    assert batch.presence.view(6, 6).any(dim=1).tolist() == [False, True, True, True, False, False]
