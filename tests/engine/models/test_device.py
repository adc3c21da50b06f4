from __future__ import annotations

from contextlib import nullcontext

import pytest
import torch
from torch import nn

from engine.models.device import pick_device, precision_of_many


def test_the_device_picked_can_compute() -> None:
    device = pick_device()
    assert float(torch.ones(2, device=device).sum()) == 2.0
    assert device.type == "cuda" or not torch.cuda.is_available()


@pytest.mark.parametrize(("tiles", "width", "halved"), [(True, 1200, True), (True, 10, False), (False, 1200, False)])
def test_many_answers_of_a_large_network_are_halved_where_the_processor_is_made_for_it(
    tiles: bool, width: int, halved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": tiles})
    chosen = precision_of_many(nn.Linear(width, width), torch.device("cpu"))
    assert isinstance(chosen, nullcontext) is not halved
