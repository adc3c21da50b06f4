"""Calibration on random parts: a model that knows what it does not see is calibrated, one that ignores it is not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.models.card import TrustParameters
from engine.tasks.subsets import SHARES, subset_figures, subset_logits
from tests.engine.tasks.planted import planted_model, planted_note

CASES = 2000


def _answers(*, sure: bool) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``(N, 1 + S, 2)`` and truth ``(N, 2)``: parts say nothing of the truth, and the model says so or not."""
    generator = np.random.default_rng(0)
    whole = generator.normal(scale=2.0, size=CASES)  # (N,)
    first = generator.random(CASES) < 1 / (1 + np.exp(-whole))  # (N,)
    guess = whole * generator.choice([-1.0, 1.0], CASES) if sure else np.zeros(CASES)  # (N,)
    logits = np.stack([whole, *[guess] * len(SHARES)], axis=1)  # (N, 1 + S)
    return np.stack([logits, np.zeros_like(logits)], axis=-1), np.stack([first, ~first], axis=1)


def test_what_stays_sure_without_its_parts_is_badly_calibrated() -> None:
    groups = [str(rank) for rank in range(CASES)]
    errors = {}
    for sure in (False, True):
        logits, truth = _answers(sure=sure)
        found = subset_figures(logits, truth, groups, parts="words", multi_label=False)
        assert set(found) == {f"{name}@{share:.0%} of words" for name in ("ece", "macro_auroc") for share in SHARES}
        errors[sure] = found["ece@50% of words"]
    assert errors[True].value > 0.2
    assert errors[True].low is not None
    assert errors[True].low > 0.15
    assert errors[False].value < 0.05
    assert errors[False].n == CASES


@pytest.mark.parametrize("multi_label", [True, False])
def test_probabilities_that_hold_have_no_error(multi_label: bool) -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(scale=2.0, size=(CASES, 1))  # (N, 1)
    first = generator.random((CASES, 1)) < 1 / (1 + np.exp(-logits))  # (N, 1)
    if not multi_label:
        logits, first = np.hstack([logits, 0 * logits]), np.hstack([first, ~first])  # (N, 2) each
    parts = np.repeat(logits[:, None], 1 + len(SHARES), axis=1)  # (N, 1 + S, L)
    groups = [str(rank // 2) for rank in range(CASES)]
    served = TrustParameters((1.0,), (0.0,) if multi_label else ())
    for trust in (None, served):
        found = subset_figures(parts, first, groups, parts="bases", multi_label=multi_label, served=trust)
        assert found["ece@25% of bases"].value < 0.05
        name = "auroc@25% of bases" if multi_label else "macro_auroc@25% of bases"
        assert found[name].value > 0.8


def test_as_many_parts_are_kept_as_was_asked_for() -> None:
    found = subset_logits(planted_model(), planted_note(), np.random.default_rng(0))
    assert found.shape == (1 + len(SHARES), 2)
    assert found[0, 0] == 4.0  # each of the two windows holds one telling word: 8 - 4
    assert set(found[1:, 0].tolist()) <= {-4.0, 0.0, 4.0}
