"""What is asked of a case before its answer is believed, on a model made for the test."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.case import Case, Image, Note, Window
from engine.doubt import similar_cases, steadiness
from engine.errors import CaseError, CheckpointMissing, UnknownLabel
from engine.models.card import Card, DataFacts, TrustParameters
from engine.models.checkpoint import LoadedModel
from engine.models.output import ModelInput, ModelOutput
from engine.models.vision import ImageTransformerConfig
from engine.trust.similar import remember

LABELS = ("normal", "bacterial pneumonia", "viral pneumonia")


class _Scale(torch.nn.Module):
    """Says the second label where the pixel in the very middle is bright, the first one elsewhere."""

    config = ImageTransformerConfig(labels=3, image_size=32, patch_size=8)

    def forward(self, inputs: ModelInput) -> ModelOutput:
        bright = inputs.values[:, 0, 16, 16] > 0  # (B,)
        logits = torch.stack([~bright, bright, torch.zeros_like(bright)], dim=1).float() * 4  # (B, 3)
        return ModelOutput(logits, (), inputs.presence.float(), logits)


def _model(*, memory: bool = True, task: str = "chest-xray") -> LoadedModel:
    card = Card(task, "", LABELS, "", "", (), DataFacts("", "", 0, "", ""), {}, TrustParameters((1.0,)))
    known = remember(np.eye(3) * 4 + 0.01, np.eye(3, dtype=bool)) if memory else None
    return LoadedModel(task, _Scale(), LABELS, "d" * 64, card, torch.device("cpu"), memory=known)


def _case(reach: int) -> Case:
    """A bright square of 2 * `reach` pixels in the middle of the dark."""
    pixels = np.zeros((1, 32, 32), np.uint8)
    pixels[0, 16 - reach : 16 + reach, 16 - reach : 16 + reach] = 255
    return Case("c", "c", series=((Image(pixels, "", windows=(Window(127.5, 255),)),),))


def test_an_answer_that_hangs_on_a_few_pixels_is_not_steady() -> None:
    firm, shaky = steadiness(_case(8), _model()), steadiness(_case(1), _model())
    assert firm.label == shaky.label == "bacterial pneumonia"
    assert (firm.views, firm.agreement) == (9, 1.0)
    assert (firm.held, firm.moved, firm.mirrored) == (8, 8, False)
    assert firm.low == pytest.approx(firm.high)
    assert shaky.agreement < 0.5
    assert shaky.held == round(9 * shaky.agreement) - 1
    assert shaky.low < 0.1 < 0.9 < shaky.high


def test_past_cases_that_look_alike_are_found() -> None:
    found = similar_cases(_case(8), _model(), count=2)
    assert found.cases[0].labels == ("bacterial pneumonia",)
    assert len(found.cases) == 2
    assert found.searched == 3


def test_past_cases_with_a_label_are_found_however_far_they_lie() -> None:
    found = similar_cases(_case(8), _model(), count=1, carrying="viral pneumonia")
    assert [case.labels for case in found.cases] == [("viral pneumonia",)]
    assert found.searched == 1
    assert found.cases[0].distance > similar_cases(_case(8), _model(), count=1).cases[0].distance
    with pytest.raises(UnknownLabel):
        similar_cases(_case(8), _model(), carrying="zebra")


def test_a_model_without_a_memory_says_so() -> None:
    with pytest.raises(CheckpointMissing, match="memory"):
        similar_cases(_case(8), _model(memory=False))


def test_a_note_cannot_be_moved() -> None:
    with pytest.raises(CaseError, match="picture"):
        steadiness(Case("n", "n", note=Note("Cough.", "")), _model(task="clinical-note"))
