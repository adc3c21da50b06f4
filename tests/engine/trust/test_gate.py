from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.models.output import ModelInput
from engine.preprocess.image import standardise
from engine.trust.gate import REASONS, gate_reasons, kinds_of, likeliest, look, strangeness

KINDS = ("familiar", *REASONS)


def _batch(pixels: torch.Tensor, presence: torch.Tensor | None = None) -> ModelInput:
    there = torch.ones(len(pixels), 16, dtype=torch.bool) if presence is None else presence
    return ModelInput(standardise(pixels, there), there)


def _gate(features: int) -> dict[str, torch.Tensor]:
    weight = torch.zeros(len(KINDS), features).half()
    return {"weight": weight, "bias": torch.zeros(len(KINDS)), "kinds": torch.tensor(list("\n".join(KINDS).encode()))}


def test_the_likeliest_kind_gives_the_words_where_the_limit_is_passed() -> None:
    inputs = _batch(torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0)))
    gate = _gate(look(inputs).shape[1])
    assert kinds_of(gate) == list(KINDS)
    for rank, kind in enumerate(KINDS[1:], start=1):
        gate["bias"] = torch.eye(len(KINDS))[rank] * 9
        assert gate_reasons(inputs, gate, 0.0) == [REASONS[kind]]
        assert gate_reasons(inputs, gate, 9.5) == []
    gate["bias"] = torch.eye(len(KINDS))[0] * 9
    assert gate_reasons(inputs, gate, 0.0) == []


def test_strangeness_is_the_log_odds_against_a_familiar_image() -> None:
    shares = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.3, 0.5]]).log()
    assert strangeness(shares) == pytest.approx([np.log(0.2 / 0.8), np.log(0.8 / 0.2)], abs=1e-6)
    assert likeliest(shares, {"kinds": torch.tensor(list(b"familiar\nnoisy\nblurred"))}) == ["noisy", "blurred"]


def test_what_lies_outside_of_the_picture_counts_for_nothing() -> None:
    presence = torch.zeros(1, 4, 4, dtype=torch.bool)
    presence[:, 1:3] = True
    film = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    inside = film.clone()
    inside[:, :, :16], inside[:, :, 48:] = 0, 0
    seen = look(_batch(film, presence.flatten(1))), look(_batch(inside, presence.flatten(1)))
    assert torch.equal(*seen)


def test_exposure_changes_nothing_that_the_gate_sees() -> None:
    film = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(look(_batch(film)), look(_batch(0.3 + 0.5 * film)), atol=1e-3)


def test_a_flat_picture_and_a_tiny_one_have_finite_features() -> None:
    for film in (torch.full((1, 1, 64, 64), 0.4), torch.rand(1, 1, 16, 16)):
        assert torch.isfinite(look(_batch(film))).all()
