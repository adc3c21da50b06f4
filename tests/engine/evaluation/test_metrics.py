"""Every metric against scikit-learn's, unweighted and as a bootstrap, and intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn import metrics as peer

from engine.evaluation import metrics

CASES, LABELS = 120, 4


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return np.random.default_rng(1).random((CASES, LABELS)) < [0.5, 0.3, 0.2, 0.1]


@pytest.fixture(scope="module")
def score(truth: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(2).normal(size=truth.shape)
    return np.round(1 / (1 + np.exp(-(2 * truth + noise - 1))), 1)  # rounded: ties must be counted right


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    return metrics.bootstrap_weights([str(case // 2) for case in range(CASES)], repeats=20, seed=3)


def _drawn(weights: np.ndarray, row: int) -> np.ndarray:
    """Indices of the cases of one resample, each as often as it was drawn."""
    return np.repeat(np.arange(CASES), weights[row].astype(int))


@pytest.mark.parametrize("row", [0, 1, 20])
def test_areas_equal_scikit_learn_on_every_resample(
    truth: np.ndarray, score: np.ndarray, weights: np.ndarray, row: int
) -> None:
    drawn = _drawn(weights, row)
    for label in range(LABELS):
        t, s = truth[:, label], score[:, label]
        assert metrics.auroc(t, s, weights)[row] == pytest.approx(peer.roc_auc_score(t[drawn], s[drawn]))
        expected = peer.average_precision_score(t[drawn], s[drawn])
        assert metrics.average_precision(t, s, weights)[row] == pytest.approx(expected)


@pytest.mark.parametrize("row", [0, 7])
def test_counts_equal_scikit_learn_on_every_resample(
    truth: np.ndarray, score: np.ndarray, weights: np.ndarray, row: int
) -> None:
    drawn, called = _drawn(weights, row), score >= 0.5
    t, c, s = truth[drawn], called[drawn], score[drawn]
    assert metrics.micro_f1(truth, called, weights)[row] == pytest.approx(peer.f1_score(t, c, average="micro"))
    assert metrics.macro_f1(truth, called, weights)[row] == pytest.approx(peer.f1_score(t, c, average="macro"))
    expected = peer.label_ranking_average_precision_score(t, s)
    assert metrics.lrap(truth, score, weights)[row] == pytest.approx(expected)
    sensitivity = metrics.sensitivity(truth[:, 0], called[:, 0], weights)[row]
    assert sensitivity == pytest.approx(peer.recall_score(t[:, 0], c[:, 0]))
    specificity = metrics.specificity(truth[:, 0], called[:, 0], weights)[row]
    assert specificity == pytest.approx(peer.recall_score(~t[:, 0], ~c[:, 0]))
    brier = np.mean([peer.brier_score_loss(t[:, k], s[:, k]) for k in range(LABELS)])
    assert metrics.brier(truth, score, weights)[row] == pytest.approx(brier)


def test_calibration_error_is_the_gap_in_each_bin(weights: np.ndarray) -> None:
    probability = np.full((CASES, 1), 0.8)
    truth = np.arange(CASES)[:, None] % 2 == 0
    assert metrics.expected_calibration_error(truth, probability, weights)[0] == pytest.approx(0.3)
    truth = np.arange(CASES)[:, None] % 5 != 0
    assert metrics.expected_calibration_error(truth, probability, weights)[0] == pytest.approx(0.0)


def test_a_missing_class_is_undefined_and_left_out_of_the_mean(score: np.ndarray, weights: np.ndarray) -> None:
    truth = np.zeros((CASES, LABELS), bool)
    truth[:60, 0] = True
    assert np.isnan(metrics.auroc(truth[:, 1], score[:, 1], weights)[0])
    mean = metrics.macro(metrics.auroc, truth, score, weights)
    assert mean[0] == metrics.auroc(truth[:, 0], score[:, 0], weights)[0]
    figures = metrics.multi_label_metrics(truth, score, list("abcd"), weights, called=score > 0.5)
    assert "auroc:a" in figures
    assert "auroc:b" not in figures


def test_a_patient_is_drawn_whole() -> None:
    weights = metrics.bootstrap_weights(["a", "b", "a", "c"], repeats=200, seed=0)
    assert (weights[0] == 1).all()
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[1:, [0, 1, 3]].sum(1) == 3).all()
    assert len(np.unique(weights[1:, 1])) > 2


def test_the_interval_covers_the_true_value_about_as_often_as_it_says() -> None:
    generator, covered = np.random.default_rng(5), 0
    for trial in range(200):
        correct = generator.random(150) < 0.8
        found = metrics.interval(
            metrics.accuracy(correct, metrics.bootstrap_weights([str(i) for i in range(150)], repeats=300, seed=trial))
        )
        covered += found.low <= 0.8 <= found.high
    assert 0.90 <= covered / 200 <= 0.99


def test_the_same_seed_gives_the_same_interval(truth: np.ndarray, score: np.ndarray) -> None:
    groups = [str(case) for case in range(CASES)]
    first, second = (metrics.bootstrap_weights(groups, repeats=50, seed=9) for _ in range(2))
    figures = [
        metrics.multi_label_metrics(truth, score, list("abcd"), weights, called=score > 0.5)
        for weights in (first, second)
    ]
    assert figures[0] == figures[1]


def test_single_label_figures() -> None:
    labels = ["well", "ill", "worse"]
    truth = np.eye(3, dtype=bool)[np.arange(30) % 3]
    probability = np.where(truth, 0.8, 0.1)
    probability[0] = [0.1, 0.8, 0.1]  # the only mistake: a well case called ill
    weights = metrics.bootstrap_weights([str(i) for i in range(30)], repeats=10)
    flag = probability[:, 1:].sum(1) >= 0.5
    figures = metrics.single_label_metrics(truth, probability, labels, weights, positive=("ill", "worse"), flag=flag)
    assert figures["accuracy"].value == pytest.approx(29 / 30)
    assert figures["sensitivity"].value == 1.0
    assert figures["specificity"].value == pytest.approx(0.9)
    assert [figures[name].n for name in ("sensitivity", "specificity", "accuracy")] == [20, 10, None]
    assert figures["auroc"].value == pytest.approx(1 - 0.1 / 2)  # the mistake ties with the twenty ill
    assert figures["macro_f1"].value == pytest.approx(peer.f1_score(truth, probability >= 0.5, average="macro"))


@pytest.mark.parametrize("row", [0, 5])
def test_sensitivity_and_precision_are_both_reached_at_some_threshold(
    truth: np.ndarray, score: np.ndarray, weights: np.ndarray, row: int
) -> None:
    drawn = _drawn(weights, row)
    precision, recall, _ = peer.precision_recall_curve(truth[drawn, 0], score[drawn, 0])
    expected = np.minimum(precision, recall).max()
    found = metrics.min_sensitivity_precision(truth[:, 0], score[:, 0], weights)[row]
    assert found == pytest.approx(expected)


def test_one_risk_has_its_own_figures(truth: np.ndarray, score: np.ndarray, weights: np.ndarray) -> None:
    found = metrics.risk_metrics(truth[:, 0], score[:, 0], weights, flag=score[:, 0] > 0.5)
    assert set(found) == {"auroc", "auprc", "min(Se,+P)", "brier", "ece", "sensitivity", "specificity"}
    assert found["brier"].value == pytest.approx(peer.brier_score_loss(truth[:, 0], score[:, 0]))
    assert found["auroc"].low <= found["auroc"].value <= found["auroc"].high
    assert (found["sensitivity"].n, found["specificity"].n) == (truth[:, 0].sum(), (~truth[:, 0]).sum())


def test_a_sample_without_a_mistake_has_no_interval() -> None:
    """A dozen labels were shown as 1.000 (1.000 to 1.000): a bootstrap of it knows of no mistake."""
    truth = np.arange(60) < 30
    weights = metrics.bootstrap_weights([str(case) for case in range(60)], repeats=200)
    found = metrics.area(truth, truth.astype(float), weights)
    assert (found.value, found.positives) == (1.0, 30)
    assert np.isnan([found.low, found.high]).all()
    assert found.to_json(60) == {"value": 1.0, "low": None, "high": None, "n": 60, "positives": 30}


@pytest.mark.parametrize("few", [metrics.FEWEST_CASES - 1, CASES - metrics.FEWEST_CASES + 1])
def test_an_area_over_too_few_cases_of_a_class_has_no_interval(
    score: np.ndarray, weights: np.ndarray, few: int
) -> None:
    for count, bounded in ((few, False), (CASES // 2, True)):
        found = metrics.area(np.arange(CASES) < count, score[:, 0], weights)
        assert np.isfinite([found.low, found.high]).all() == bounded
        assert found.positives == count


def test_figures_of_some_cases_tell_how_many_they_are(weights: np.ndarray) -> None:
    rows, truth = np.arange(CASES) < 30, np.ones((CASES, LABELS), bool)
    truth[:50] = False
    assert metrics.mean_of(np.ones(CASES) / 2, weights).cases(CASES) == CASES
    assert metrics.mean_of(np.ones(CASES) / 2, weights, rows).cases(CASES) == 30
    assert metrics.share_of(rows, weights, rows).cases(CASES) == 30
    ranked = metrics.ranking_metrics(truth, truth.astype(float), weights, offered=2)
    assert {found.cases(CASES) for found in ranked.values()} == {CASES - 50}


@pytest.mark.parametrize("groups", [106, 53])
def test_none_of_n_has_the_exact_upper_end_of_its_groups(groups: int) -> None:
    """0 of 106 was 0.000 (0.000 to 0.000)."""
    weights = metrics.bootstrap_weights([str(case % groups) for case in range(106)])
    for flags, value in ((np.zeros(106, bool), 0), (np.ones(106, bool), 1)):
        found, peers = metrics.share_of(flags, weights), binomtest(value * groups, groups).proportion_ci(0.95, "exact")
        assert (found.value, found.low, found.high) == pytest.approx((value, peers.low, peers.high), abs=1e-6)
