"""A small model to start from, so that training in a test takes seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import save_model
from engine.models.vision import ImageTransformer, ImageTransformerConfig
from engine.tasks import map_gaps


@pytest.fixture(scope="session", autouse=True)
def _few_maps() -> Iterator[None]:
    """Training measures maps on a few cases: they are many passes each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(map_gaps, "MAPPED", 3)
        patch.setattr(map_gaps, "ASKED", 16)
        yield


@pytest.fixture(scope="session")
def small_start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained image model of two narrow layers and other labels."""
    folder = tmp_path_factory.mktemp("start")
    torch.manual_seed(0)
    config = ImageTransformerConfig(labels=4, image_size=32, patch_size=8, width=48, layers=2, heads=2)
    trust = TrustParameters((1.0,))
    card = Card("images", "Start", ("w", "x", "y", "z"), "", "", (), DataFacts("", "", 0, "", ""), {}, trust)
    save_model(folder, ImageTransformer(config), card)
    return folder
