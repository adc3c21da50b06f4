"""Which accelerator a model runs on: CUDA, Apple's MPS, or the processor."""

from __future__ import annotations

import torch


def pick_device() -> torch.device:
    """Return the best device of this machine.

    Returns
    -------
    torch.device
        CUDA where there is one, else MPS, else the processor.
    """
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
