from __future__ import annotations

import torch

from engine.models.output import ModelInput
from engine.trust.steadiness import moved


def _dot() -> ModelInput:
    """One bright pixel right of the middle; only the right half of a 4x4 grid of patches is there."""
    values = torch.zeros(1, 1, 32, 32)
    values[0, 0, 16, 24] = 1.0
    presence = torch.zeros(1, 4, 4, dtype=torch.bool)
    presence[..., 2:] = True
    return ModelInput(values, presence.flatten(1))


def _place(values: torch.Tensor) -> tuple[int, int]:
    down, right = values[0].nonzero()[0].tolist()
    return down, right


def test_nine_views_the_picture_itself_first() -> None:
    views = moved(_dot(), mirror=False)
    places = [_place(view) for view in views.values]
    assert places[0] == (16, 24)
    assert set(places) == {(16 + down, 24 + right) for down in (-2, 0, 2) for right in (-2, 0, 2)}
    assert bool((views.presence == _dot().presence).all())


def test_a_mirrored_picture_has_its_patches_mirrored() -> None:
    views = moved(_dot(), mirror=True)
    assert len(views.values) == len(views.presence) == 18
    assert _place(views.values[9]) == (16, 31 - 24)
    assert views.presence[9].view(4, 4).tolist() == [[True, True, False, False]] * 4


def test_what_leaves_on_one_side_does_not_come_back_on_the_other() -> None:
    inputs = _dot()
    edge = ModelInput(torch.zeros_like(inputs.values), inputs.presence)
    edge.values[0, 0, 0, 31] = 1.0
    assert sorted(int(view.sum()) for view in moved(edge, mirror=False).values) == [0] * 5 + [1] * 4
