"""A device without room: the processor answers the same, says so, and the next question asks the device again."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import engine
from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput
from engine.models.room import on_processor

FULL = torch.device("meta")  # a device that this machine has not: whatever computes there has no room


class Crowded(nn.Module):
    """A network that has no room for any batch on its own device."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("network"), name)

    def forward(self, inputs: Any) -> Any:
        return self._answer(inputs.values, self.network, inputs)

    def embed(self, inputs: Any) -> Any:
        return self._answer(inputs.values, self.network.embed, inputs)

    def encode(self, hidden: torch.Tensor, presence: torch.Tensor) -> Any:
        return self._answer(hidden, self.network.encode, hidden, presence)

    def _answer(self, given: torch.Tensor, ask: Any, *args: Any) -> Any:
        self.asked.append(str(given.device))
        if given.device == FULL:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return ask(*args)


@pytest.fixture(scope="module")
def case() -> engine.Case:
    return engine.sample_case(next(e.case_id for e in engine.sample_index() if e.case_id.startswith("chest-")))


@pytest.fixture
def crowded() -> LoadedModel:
    model = engine.shipped_model("chest-xray")
    return replace(model, network=Crowded(model.network), device=FULL)


def test_the_processor_answers_the_same_and_says_so(
    case: engine.Case, crowded: LoadedModel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="engine.models.room"):
        found = engine.analyse(case, crowded)
    assert found.device == "cpu, for meta had no room"
    assert found.findings == engine.analyse(case, engine.shipped_model("chest-xray")).findings
    assert "the processor answers" in caplog.text


def test_maps_and_questions_have_room_too(case: engine.Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever brings a batch to the device may find no room for it."""
    move = ModelInput.to

    def full(inputs: ModelInput, where: torch.device) -> ModelInput:
        if where == FULL:
            raise torch.OutOfMemoryError
        return move(inputs, where)

    monkeypatch.setattr(ModelInput, "to", full)
    roomy = engine.shipped_model("chest-xray")
    crowded = replace(roomy, device=FULL)
    maps = [engine.explain_case(case, model, method=engine.Method.ROLLOUT).map for model in (crowded, roomy)]
    np.testing.assert_array_equal(maps[0], maps[1])
    label = engine.analyse(case, roomy).findings[0].label
    places = [engine.Box(0, 0, 300, 300)]
    effects = [engine.WhatIf(case, model).effects(places, label) for model in (crowded, roomy)]
    assert effects[0] == effects[1]
    assert engine.steadiness(case, crowded) == engine.steadiness(case, roomy)


def test_the_device_is_asked_first_each_time_and_the_copy_is_made_once(case: engine.Case, crowded: LoadedModel) -> None:
    for _ in range(2):
        engine.analyse(case, crowded)
    assert isinstance(crowded.network, Crowded)
    assert crowded.network.asked == ["meta", "meta"]
    copy = on_processor(crowded)
    assert copy is on_processor(crowded)
    assert copy.device.type == "cpu"
    ours = {tensor.data_ptr() for tensor in crowded.network.parameters()}
    assert ours.isdisjoint(tensor.data_ptr() for tensor in copy.network.parameters())


def test_a_model_that_does_not_fit_is_kept_by_the_processor(
    case: engine.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = nn.Module.to

    def full(network: nn.Module, where: object) -> nn.Module:
        if where == FULL:
            raise torch.OutOfMemoryError
        return move(network, where)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(nn.Module, "to", full)
    model = engine.load_model(Path(engine.__file__).parent / "weights" / "chest-xray", "meta")
    assert model.where == "cpu, for meta had no room"
    assert engine.analyse(case, model).findings == engine.analyse(case, engine.shipped_model("chest-xray")).findings


def test_other_errors_stay_what_they_are(case: engine.Case) -> None:
    model = engine.shipped_model("chest-xray")
    with pytest.raises(engine.UnknownLabel):
        engine.explain_case(case, model, method=engine.Method.RELEVANCE, label="no such label")
