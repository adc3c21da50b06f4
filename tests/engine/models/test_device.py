from __future__ import annotations

import torch

from engine.models.device import pick_device


def test_the_device_picked_can_compute() -> None:
    device = pick_device()
    assert float(torch.ones(2, device=device).sum()) == 2.0
    assert device.type == "cuda" or not torch.cuda.is_available()
