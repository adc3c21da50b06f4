"""A film of which the model, by construction, looks at the top row alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.evaluation.trial import Trial
from engine.explain.removal import Players
from engine.measured import Verdict
from engine.models.output import ModelInput

MARKED = slice(10)


def _ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
    return kept[:, MARKED].mean(axis=1)


@pytest.fixture
def trial() -> Trial:
    presence = torch.ones(1, 100, dtype=torch.bool)
    return Trial(ModelInput(torch.zeros(1, 1, 80, 80), presence), 0, Players.of_patches(presence), _ask)


def test_the_gap_is_large_for_the_true_map_and_turns_its_sign_with_it(trial: Trial) -> None:
    true = torch.zeros(100)
    true[MARKED] = 1.0
    assert trial.gap(true) == pytest.approx(0.9)
    assert trial.gap(-true) == pytest.approx(-0.9)


def test_the_verdict_is_the_badge_s(trial: Trial) -> None:
    true = torch.zeros(100)
    true[MARKED] = 1.0
    assert trial.judge(true).verdict is Verdict.FAITHFUL
    assert trial.judge(-true).verdict is Verdict.WORSE
