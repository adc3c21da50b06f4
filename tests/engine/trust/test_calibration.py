"""Calibration recovers what was done to the logits, never changes their order, and thresholds are the best ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax

from engine.models.card import TrustParameters
from engine.trust import calibration


def _categorical(logits: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    return (softmax(logits, axis=1).cumsum(1) > generator.random((len(logits), 1))).argmax(1)


def test_the_temperature_of_overconfident_logits_is_found() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(20_000, 3)) * 2
    truth = _categorical(logits, generator)
    assert calibration.fit_temperature(logits * 2.5, truth) == pytest.approx(2.5, rel=0.05)


def test_platt_finds_temperature_and_bias_of_each_label() -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(size=(20_000, 2)) * 2
    truth = generator.random(logits.shape) < expit(logits)
    temperatures, biases = calibration.fit_platt(logits * [3.0, 0.5] + [1.0, -1.0], truth)
    assert temperatures == pytest.approx((3.0, 0.5), rel=0.08)
    assert biases == pytest.approx((-1 / 3, 2.0), abs=0.1)


def test_a_label_without_a_positive_stays_finite_and_near_the_others() -> None:
    generator = np.random.default_rng(2)
    logits = generator.normal(size=(200, 3)) - 1
    truth = generator.random(logits.shape) < expit(logits)
    truth[:, 2] = False
    temperatures, biases = calibration.fit_platt(logits, truth)
    assert np.isfinite([*temperatures, *biases]).all()
    trust = TrustParameters(temperatures, biases)
    assert calibration.calibrate(logits, trust, multi_label=True)[:, 2].mean() < 0.1


@given(st.lists(st.floats(-50, 50), min_size=3, max_size=3), st.floats(0.1, 10), st.booleans())
@settings(max_examples=50, deadline=None)
def test_probabilities_are_probabilities(logits: list[float], temperature: float, multi_label: bool) -> None:
    trust = TrustParameters((temperature,) * 3, (0.5,) * 3 if multi_label else ())
    found = calibration.calibrate(np.array(logits), trust, multi_label=multi_label)
    assert ((found >= 0) & (found <= 1)).all()
    assert multi_label or found.sum() == pytest.approx(1)
    assert (np.diff(found[np.argsort(logits)]) >= -1e-12).all()


def test_tensors_and_arrays_are_calibrated_alike() -> None:
    logits, trust = torch.tensor([[1.0, -2.0]]), TrustParameters((1.5, 1.5))
    of_tensor = calibration.calibrate(logits, trust, multi_label=False)
    assert (of_tensor == calibration.calibrate(logits.numpy(), trust, multi_label=False)).all()


def test_the_f1_threshold_is_the_best_of_all() -> None:
    generator = np.random.default_rng(3)
    truth = generator.random((80, 3)) < 0.3
    probability = np.clip(0.4 * truth + generator.random(truth.shape) * 0.6, 0, 1)

    def f1(threshold: float) -> float:
        called = probability >= threshold
        return float(2 * (called & truth).sum() / (called.sum() + truth.sum()))

    chosen = calibration.best_f1_threshold(probability, truth)
    assert f1(chosen) == max(f1(value) for value in np.unique(probability))


def test_the_balanced_threshold_is_the_best_of_all() -> None:
    generator = np.random.default_rng(4)
    truth = generator.random(90) < 0.4
    score = 0.3 * truth + generator.random(90)

    def youden(threshold: float) -> float:
        called = score >= threshold
        return float(called[truth].mean() - called[~truth].mean())

    chosen = calibration.balanced_threshold(score, truth)
    assert youden(chosen) == pytest.approx(max(youden(value) for value in score))


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one case"):
        calibration.fit_temperature(np.zeros((0, 2)), np.zeros(0, int))
    with pytest.raises(ValueError, match="at least one case"):
        calibration.fit_platt(np.zeros((0, 2)), np.zeros((0, 2), bool))
    with pytest.raises(ValueError, match="no true label"):
        calibration.best_f1_threshold(np.zeros((3, 2)), np.zeros((3, 2), bool))
    with pytest.raises(ValueError, match="both classes"):
        calibration.balanced_threshold(np.zeros(3), np.ones(3, bool))
