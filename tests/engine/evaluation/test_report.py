"""The report's numbers on cases whose answers can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.evaluation.metrics import bootstrap_weights
from engine.evaluation.report import Scored, net_benefit, reliability, report_many_labels, report_one_label

LABELS = ("well", "ill", "worse")


def scored(probability: np.ndarray, truth: np.ndarray, **options: object) -> Scored:
    count = len(truth)
    facts = {
        "case_ids": [f"case-{row}" for row in range(count)],
        "labels": LABELS[: truth.shape[1]],
        "positive": LABELS[1 : truth.shape[1]],
        "weights": bootstrap_weights([str(row) for row in range(count)], repeats=200),
        "flag": probability[:, 1:].sum(axis=1) >= 0.5,
        "traits": [{}] * count,
    }
    return Scored(truth=truth, probability=probability, **{**facts, **options})  # type: ignore[arg-type]


def drawn(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities that hold: each label comes true as often as it is said."""
    generator = np.random.default_rng(0)
    probability = generator.dirichlet([1.0, 1.0, 1.0], size=count)
    truth = np.array([generator.multinomial(1, row) for row in probability], dtype=bool)
    return probability, truth


def test_probabilities_that_hold_lie_on_the_diagonal() -> None:
    probability, truth = drawn(4000)
    bins = reliability(truth, probability, np.ones((1, 4000)))
    assert sum(row.found.n for row in bins) == 12000
    assert [row.said for row in bins] == sorted(row.said for row in bins)
    assert all(abs(row.said - row.found.value) < 0.06 for row in bins)


def test_too_sure_a_model_lies_below_it() -> None:
    truth = np.arange(10) < 5
    (row,) = reliability(truth[:, None], np.full((10, 1), 0.95), np.ones((1, 10)))
    assert (row.said, row.found.value, row.found.low) == (0.95, 0.5, None)


def test_net_benefit_is_that_of_vickers_and_elkin() -> None:
    disease = np.array([True, True, False, False, False])
    called = np.array([True, False, True, False, False])
    weights = np.ones((1, 5))
    assert net_benefit(disease, called, 0.5, weights)[0] == pytest.approx((1 - 1) / 5)
    assert net_benefit(disease, called, 0.2, weights)[0] == pytest.approx((1 - 0.25) / 5)


def test_acting_on_a_good_model_beats_acting_on_everybody() -> None:
    probability, truth = drawn()
    report = report_one_label(scored(probability, truth))
    late = [row for row in report.decisions if row.threshold >= 0.6]
    assert all(row.model.value > row.everybody.value for row in late)
    assert all(row.model.low <= row.model.value <= row.model.high for row in report.decisions)  # type: ignore[operator]


def test_rows_of_the_confusion_sum_to_one_and_count_their_cases() -> None:
    probability, truth = drawn()
    confusion = report_one_label(scored(probability, truth)).confusion
    for row, count in zip(confusion, truth.sum(axis=0), strict=True):
        assert sum(cell.value for cell in row) == pytest.approx(1.0, abs=1e-3)
        assert {cell.n for cell in row} == {count}
    assert confusion[0][0].value > confusion[0][1].value


def test_a_label_without_a_case_has_an_empty_row() -> None:
    probability = np.array([[0.9, 0.1], [0.6, 0.4]])
    confusion = report_one_label(scored(probability, np.array([[True, False], [True, False]]))).confusion
    assert [cell.n for cell in confusion[1]] == [0, 0]


def test_a_subgroup_is_compared_with_those_who_lack_the_trait() -> None:
    probability, truth = drawn(60)
    kinds = [{} if row[0] else {"kind": "ill" if row[1] else "worse"} for row in truth]
    found = report_one_label(scored(probability, truth, traits=kinds)).subgroups
    assert [(group.trait, group.value) for group in found] == [("kind", "ill"), ("kind", "worse")]
    assert found[0].figures["auroc"].n == truth[:, 0].sum() + truth[:, 1].sum()


def test_a_handful_of_cases_is_no_subgroup() -> None:
    probability, truth = drawn(60)
    rare = [{"sex": "F" if row < 5 else "M"} for row in range(60)]
    assert [group.value for group in report_one_label(scored(probability, truth, traits=rare)).subgroups] == ["M"]


def test_a_risk_has_subgroups_with_its_own_figures() -> None:
    probability, truth = drawn(200)
    sexes = [{"sex": "F" if row % 2 else "M"} for row in range(200)]
    risk = scored(probability[:, :1], truth[:, :1], traits=sexes, positive=LABELS[:1], flag=probability[:, 0] >= 0.5)
    women, men = report_many_labels(risk).subgroups
    assert (women.value, men.value, women.figures["auroc"].n) == ("F", "M", 100)
    assert set(women.figures) == {"auroc", "sensitivity", "specificity"}
    called, ill = probability[1::2, 0] >= 0.5, truth[1::2, 0]
    assert women.figures["sensitivity"].value == pytest.approx(called[ill].mean(), abs=1e-4)


def test_a_subgroup_in_which_nobody_died_has_the_figures_that_are_left() -> None:
    truth = np.arange(40)[:, None] < 10
    risk = np.linspace(0.9, 0.1, 40)[:, None]
    traits = [{"unit": "one" if row < 20 else "other"} for row in range(40)]
    one, other = report_many_labels(scored(risk, truth, traits=traits, flag=risk[:, 0] > 0.5)).subgroups
    assert one.figures["auroc"].value == 1
    assert set(other.figures) == {"specificity"}


def test_independent_labels_have_subgroups_by_the_mean_over_labels() -> None:
    probability, truth = drawn(200)
    filed = [{"filed under": "Surgery" if row < 120 else "Neurology"} for row in range(200)]
    found = report_many_labels(scored(probability, truth, traits=filed)).subgroups
    assert [(group.value, set(group.figures)) for group in found] == [
        ("Neurology", {"macro_auroc"}),
        ("Surgery", {"macro_auroc"}),
    ]


def test_the_surest_mistakes_come_first() -> None:
    probability = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.3, 0.7]])
    truth = np.array([[True, False], [True, False], [True, False], [False, True]])
    mistakes = report_one_label(scored(probability, truth)).mistakes
    assert [(row.case_id, row.truth, row.said, row.probability) for row in mistakes] == [
        ("case-1", ("well",), "ill", 0.8),
        ("case-2", ("well",), "ill", 0.6),
    ]


def test_a_label_clearly_missed_is_a_mistake_where_labels_are_independent() -> None:
    probability = np.array([[0.9, 0.05], [0.9, 0.9]])
    truth = np.array([[True, True], [True, True]])
    report = report_many_labels(scored(probability, truth))
    assert [(row.case_id, row.said, row.probability) for row in report.mistakes] == [("case-0", "ill", 0.05)]
    assert not report.confusion
