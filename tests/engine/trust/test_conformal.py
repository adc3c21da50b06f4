"""The coverage that is promised is kept on new cases, whatever the model and however few the cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.models.card import TrustParameters
from engine.results import Call
from engine.trust.conformal import calls, fit_conformal


def _draw(cases: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of two labels, one told well and one badly, and the truth."""
    truth = generator.random((cases, 2)) < [0.4, 0.3]
    return 1 / (1 + np.exp(-(truth * [4.0, 0.8] - [2.0, 0.4] + generator.normal(size=truth.shape)))), truth


def _share(said: np.ndarray, truth: np.ndarray, wrong: Call, label: int, there: bool) -> float:
    return float((said[truth[:, label] == there, label] == wrong).mean())


@pytest.mark.parametrize("coverage", [0.8, 0.9])
@pytest.mark.parametrize("fitted", [60, 400])
def test_new_cases_are_covered_for_each_label(coverage: float, fitted: int) -> None:
    generator = np.random.default_rng(fitted)
    missed = np.zeros((300, 2, 2))
    for trial in range(len(missed)):
        rule_out, rule_in = fit_conformal(*_draw(fitted, generator), coverage=coverage)
        probability, truth = _draw(200, generator)
        trust = TrustParameters((1.0,), rule_out=rule_out, rule_in=rule_in)
        said = np.array([calls(row, trust) for row in probability], dtype=object)
        for label in range(2):
            missed[trial, label, 0] = _share(said, truth, Call.RULED_OUT, label, there=True)
            missed[trial, label, 1] = _share(said, truth, Call.RULED_IN, label, there=False)
    assert (missed.mean(0) <= 1 - coverage + 0.01).all()
    assert missed.mean(0)[1, 0] > (1 - coverage) / 2  # and not by never deciding


def test_a_better_told_label_is_decided_more_often() -> None:
    generator = np.random.default_rng(3)
    rule_out, rule_in = fit_conformal(*_draw(500, generator))
    trust = TrustParameters((1.0,), rule_out=rule_out, rule_in=rule_in)
    said = np.array([calls(row, trust) for row in _draw(500, generator)[0]], dtype=object)
    decided = (said != Call.UNCERTAIN).mean(0)
    assert decided[0] > decided[1] + 0.2


def test_labels_with_few_cases_share_their_quantile() -> None:
    generator = np.random.default_rng(4)
    truth = np.zeros((300, 3), bool)
    truth[:100, 0], truth[100:106, 1], truth[106:112, 2] = True, True, True
    probability = np.clip(0.3 * truth + 0.15 * generator.random(truth.shape), 0, 1)
    rule_out, _ = fit_conformal(probability, truth)
    assert rule_out[1] == rule_out[2] == np.sort(probability[:, 1:][truth[:, 1:]])[0]  # floor(0.1 * 13) = 1
    assert rule_out[0] == np.sort(probability[truth[:, 0], 0])[9]


def test_too_few_cases_in_all_rule_nothing_out() -> None:
    truth = np.zeros((200, 1), bool)
    truth[:3] = True
    rule_out, rule_in = fit_conformal(np.where(truth, 0.9, 0.05), truth)
    assert calls(np.array([0.0]), TrustParameters((1.0,), rule_out=rule_out, rule_in=rule_in)) == (Call.UNCERTAIN,)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_calls_follow_their_limits(probability: float, low: float, high: float) -> None:
    trust = TrustParameters((1.0,), rule_out=(low,), rule_in=(high,))
    (call,) = calls(np.array([probability]), trust)
    assert (call is Call.RULED_IN) == (probability > high and probability >= low)
    assert (call is Call.RULED_OUT) == (probability < low and probability <= high)


def test_the_less_probable_is_never_ruled_in() -> None:
    generator = np.random.default_rng(6)
    truth = generator.random((400, 1)) < 0.05
    probability = np.where(truth, 0.4, 0.02) + 0.01 * generator.random(truth.shape)
    rule_out, rule_in = fit_conformal(probability, truth)
    assert rule_in[0] >= 0.5 >= rule_out[0]


@pytest.mark.parametrize("coverage", [0.0, 1.0, 1.5])
def test_an_impossible_coverage_is_refused(coverage: float) -> None:
    with pytest.raises(ValueError, match="coverage"):
        fit_conformal(np.zeros((4, 1)), np.zeros((4, 1), bool), coverage=coverage)
