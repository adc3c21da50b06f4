"""Priority rises with risk and with doubt, and stays within its range whatever a model says."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.results import Call, Finding
from engine.review import Answer
from engine.triage import in_few_words, priority, uncertainty
from engine.words import speaking, spoken

LABELS = ("normal", "bacterial", "viral")


def _answer(*probabilities: float, in_domain: bool = True) -> Answer:
    findings = tuple(Finding(label, p, Call.UNCERTAIN) for label, p in zip(LABELS, probabilities, strict=False))
    return Answer("case", "film", findings, "digest", in_domain=in_domain)


@st.composite
def _shares(draw: st.DrawFn) -> tuple[float, float, float]:
    raw = draw(st.tuples(*[st.floats(0, 1, allow_subnormal=False)] * 3).filter(lambda found: sum(found) > 0.01))
    return tuple(share / sum(raw) for share in raw)


@given(_shares(), st.booleans())
def test_priority_lies_between_half_the_risk_and_the_risk(shares: tuple[float, float, float], inside: bool) -> None:
    found = priority(_answer(*shares, in_domain=inside), LABELS[1:])
    risk = min(shares[1] + shares[2], 1.0)
    assert found is not None
    assert risk / 2 - 1e-9 <= found <= risk + 1e-9
    if not inside:
        assert found == pytest.approx(risk)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_risk_never_waits_longer_where_the_doubt_is_the_same(one: float, other: float) -> None:
    low, high = sorted((one, other))
    outside = [priority(_answer(1 - risk, risk, in_domain=False), ("bacterial",)) for risk in (low, high)]
    assert outside == sorted(outside)


def test_doubt_brings_a_case_forward() -> None:
    sure, unsure = _answer(0.5, 0.5, 0.0), _answer(0.5, 0.25, 0.25)
    assert priority(sure, LABELS[1:]) < priority(unsure, LABELS[1:])


def test_labels_that_sum_to_more_than_one_are_no_more_than_certain() -> None:
    assert priority(_answer(0.0, 0.9, 0.9, in_domain=False), LABELS[1:]) == 1.0


def test_without_a_label_that_is_a_risk_there_is_no_priority() -> None:
    assert priority(_answer(0.2, 0.8), ()) is None


@given(_shares())
def test_uncertainty_is_a_share_of_its_maximum(shares: tuple[float, float, float]) -> None:
    assert -1e-9 <= uncertainty(_answer(*shares).findings) <= 1 + 1e-9


def test_uncertainty_at_its_ends() -> None:
    assert uncertainty(_answer(1 / 3, 1 / 3, 1 / 3).findings) == pytest.approx(1)
    assert uncertainty(_answer(1.0, 0.0, 0.0).findings) == 0
    assert uncertainty(_answer(0.5).findings) == pytest.approx(1)  # one label is asked yes or no
    assert uncertainty(_answer(0.9).findings) == pytest.approx(
        -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)) / math.log(2)
    )


def test_an_answer_to_a_question_is_not_told_as_a_finding() -> None:
    said = in_few_words(_answer(0.98, 0.01, 0.01), to_question=True)
    assert said == "answer to a question: normal 0.98"
    with speaking("zh_CN"):
        assert spoken(said) == "对提问的回答：正常 0.98"


def test_an_answer_outside_the_domain_is_never_told_as_a_finding() -> None:
    assert in_few_words(_answer(0.98, 0.01, 0.01)) == "normal 0.98"
    assert in_few_words(_answer(0.98, 0.01, 0.01, in_domain=False)) == "outside the model's domain"
