"""Packing keeps every present token, in order."""

from __future__ import annotations

import torch

from engine.models.pack import pack_present


def test_present_tokens_stay_in_order_and_the_rest_goes() -> None:
    hidden = torch.arange(12.0).reshape(2, 6, 1)
    presence = torch.tensor([[1, 0, 1, 0, 1, 0], [0, 0, 0, 0, 0, 1]], dtype=torch.bool)
    packed, present = pack_present(hidden, presence)
    assert present.tolist() == [[True, True, True], [True, False, False]]
    assert packed[present].flatten().tolist() == [0.0, 2.0, 4.0, 11.0]


def test_all_tokens_are_left_where_none_is_present() -> None:
    packed, present = pack_present(torch.ones(2, 4, 3), torch.zeros(2, 4, dtype=torch.bool))
    assert packed.shape == (2, 4, 3)
    assert not present.any()
