"""Reader alone and reader with the model: figures by hand, intervals that own up to what is behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.evaluation.reader_study import ReaderComparison, ReaderStudy, Traits, reader_study
from engine.evaluation.readings import Reference, study_readings
from engine.models.card import FEWEST_CASES
from engine.review import Answer, ReadingOrder, Review
from tests.engine.evaluation.readers import ENDPOINT, NO, YES, answer, drawn_study, review, reviews_of

TRUTH = {"a": frozenset({YES}), "b": frozenset({YES}), "c": frozenset({NO}), "d": frozenset({NO})}
CALLS = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 100)), min_size=1, max_size=24)


def study(
    reviews: Sequence[Review],
    answers: Sequence[Answer] = (),
    truth: Reference = TRUTH,
    traits: Traits | None = None,
) -> ReaderStudy:
    return reader_study(study_readings(reviews, answers, truth, ENDPOINT), ENDPOINT, traits)


def named(found: ReaderStudy, name: str) -> ReaderComparison:
    return next(one for one in found.comparisons if one.name == name)


def test_figures_by_hand_are_means_over_readers() -> None:
    found = study(
        reviews_of(
            [
                ("a", "one", True, True),
                ("b", "one", False, True),
                ("c", "one", True, False),
                ("d", "one", False, False),
                ("a", "two", False, True),
                ("b", "two", False, False),
                ("c", "two", False, False),
                ("d", "two", False, True),
            ]
        )
    )
    sensitivity, specificity = named(found, "sensitivity"), named(found, "specificity")
    assert (sensitivity.alone.value, sensitivity.final.value) == (0.25, 0.75)  # (1/2 + 0/2) / 2, (2/2 + 1/2) / 2
    assert (specificity.alone.value, specificity.final.value) == (0.75, 0.75)  # (1/2 + 2/2) / 2, (2/2 + 1/2) / 2
    assert sensitivity.gain.value == 0.5
    assert (sensitivity.alone.readings, sensitivity.alone.readers, sensitivity.alone.cases) == (4, 2, 2)
    assert sensitivity.alone.low is None  # two cases are too few for an interval


def test_auroc_goes_by_signed_confidence() -> None:
    made = [
        review("a", "one", True, True, sure=90),
        review("b", "one", False, True, sure=20),
        review("c", "one", True, False, sure=30),
        review("d", "one", False, False, sure=80),
    ]
    found = named(study(made), "AUROC")
    assert found.alone.value == 0.75  # 90 and -20 against 30 and -80: three pairs of four in order
    assert found.final.value == 1.0


def test_a_reader_without_confidence_is_left_out_of_the_auroc_alone() -> None:
    made = [replace(review(case_id, "one", True, True), confidence=None) for case_id in "abcd"]
    found = study(made)
    assert named(found, "AUROC").alone.readings == 0
    assert named(found, "AUROC").gain.value is None
    assert named(found, "sensitivity").alone.readings == 2


def test_where_the_model_spoke_first_there_is_no_reader_alone() -> None:
    found = study(reviews_of([("a", "one", None, True), ("c", "one", None, True)]))
    assert named(found, "sensitivity").alone.value is None
    assert found.model_first["sensitivity"].value == 1
    assert found.model_first["specificity"].value == 0
    assert found.times[0].order is ReadingOrder.MODEL_FIRST
    assert found.times[0].quartiles == (60, 60, 60)


def test_the_model_alone_is_measured_once_a_case() -> None:
    made = reviews_of([(case_id, reader, True, True) for case_id in "abcd" for reader in ("one", "two")])
    found = study(made, [answer("a", 0.9), answer("b", 0.2), answer("c", 0.4), answer("d", 0.1)]).model
    assert (found["sensitivity"].value, found["specificity"].value, found["AUROC"].value) == (0.5, 1.0, 0.75)
    assert (found["AUROC"].readings, found["AUROC"].cases) == (4, 4)


def test_switches_tell_help_from_over_reliance() -> None:
    made = reviews_of(
        [
            ("a", "one", True, True),  # the model is right: kept
            ("b", "one", True, False),  # the model is wrong: followed into the mistake
            ("c", "one", True, False),  # the model is right: corrected
            ("d", "one", False, True),  # the model is wrong: followed into the mistake
            ("a", "two", False, False),  # the model is right: advice not taken
        ]
    )
    right, wrong = study(made, [answer("a", 0.9), answer("b", 0.2), answer("c", 0.1), answer("d", 0.8)]).switches
    assert (right.kept_right, right.to_right, right.to_wrong, right.kept_wrong) == (1, 1, 0, 1)
    assert (wrong.kept_right, wrong.to_right, wrong.to_wrong, wrong.kept_wrong) == (0, 0, 2, 0)


def test_agreement_of_readers_and_with_the_model() -> None:
    made = reviews_of(
        [
            (case_id, reader, reader == "one", case_id in "ab")
            for reader in ("one", "two", "three")
            for case_id in "abcd"
        ]
    )
    found = study(made, [answer("a", 0.9), answer("b", 0.9), answer("c", 0.9), answer("d", 0.1)]).agreements
    names = [one.raters for one in found]
    assert names[0] == "all readers"
    assert found[0].kind == "Fleiss"
    assert found[0].final is not None
    assert found[0].final.value == 1
    assert found[0].alone is not None
    assert found[0].alone.value == pytest.approx(
        (1 / 3 - 5 / 9) / (4 / 9)
    )  # one of three pairs agrees; shares 1/3, 2/3
    with_model = found[names.index("one and the model")]
    assert with_model.kind == "Cohen"
    assert with_model.final is not None
    assert with_model.final.value == pytest.approx(0.5)  # three of four agree, half by chance
    assert len(found) == 1 + 3 + 3


def test_subgroups_by_model_domain_map_and_trait() -> None:
    made = reviews_of([("a", "one", True, True), ("b", "one", True, False)])
    answers = [answer("a", 0.9), answer("b", 0.2, in_domain=False)]
    found = study(made, answers, traits={"a": {"modality": "DX"}, "b": {"modality": "CR"}}).subgroups
    values = {(one.trait, one.value): one.correct.final.value for one in found}
    assert values == {
        ("case", "inside the model's domain"): 1.0,
        ("case", "outside the model's domain"): 0.0,
        ("map", "seen"): 0.5,
        ("modality", "CR"): 0.0,
        ("modality", "DX"): 1.0,
        ("model", "right"): 1.0,
        ("model", "wrong"): 0.0,
    }


def test_with_few_readers_the_interval_is_of_cases_alone() -> None:
    few, many = (study(*drawn_study(readers=count, cases=90)) for count in (2, 3))
    assert not named(few, "sensitivity").alone.over_readers
    assert named(many, "sensitivity").alone.over_readers


def test_a_known_gain_is_found_within_its_interval() -> None:
    gain = named(study(*drawn_study(readers=5, cases=200, skill=0.7, helped=0.9)), "right calls").gain
    assert gain.low is not None
    assert gain.high is not None
    assert gain.low < 0.2 < gain.high
    assert gain.low > 0


def test_readers_without_a_mistake_are_no_proof_of_certainty() -> None:
    truth = {f"c{rank}": frozenset({YES if rank % 2 else NO}) for rank in range(40)}
    found = study(
        [review(case_id, "one", YES in labels, YES in labels) for case_id, labels in truth.items()], (), truth
    )
    for one in found.comparisons:
        assert (one.final.value, one.final.low, one.final.high) == (1, None, None)
        assert one.final.cases >= FEWEST_CASES


def test_the_order_of_reviews_does_not_matter() -> None:
    reviews, answers, truth = drawn_study()
    assert study(reviews, answers, truth) == study(reviews[::-1], answers, truth)


@settings(max_examples=25, deadline=None)
@given(CALLS)
def test_what_holds_of_any_study(calls: list[tuple[bool, bool, bool, int]]) -> None:
    truth = {f"c{rank}": frozenset({YES if yes else NO}) for rank, (yes, *_) in enumerate(calls)}
    made = [
        review(f"c{rank}", f"r{rank % 2}", alone, final, sure=sure)
        for rank, (_, alone, final, sure) in enumerate(calls)
    ]
    answers = [answer(f"c{rank}", sure / 100) for rank, (*_, sure) in enumerate(calls)]
    found = study(made, answers, truth)
    assert sum(one.kept_right + one.to_right + one.to_wrong + one.kept_wrong for one in found.switches) == len(calls)
    for one in found.comparisons:
        if one.gain.value is not None and one.alone.value is not None and one.final.value is not None:
            assert one.gain.value == pytest.approx(one.final.value - one.alone.value, abs=1e-9)
        for figure in (one.alone, one.final):
            assert figure.value is None or 0 <= figure.value <= 1
            assert figure.low is None or (figure.high is not None and figure.low <= figure.high)
            assert figure.low is None or figure.cases >= FEWEST_CASES
    unchanged = study(
        [review(one.case_id, one.reader, one.own[0].labels == (YES,), one.own[0].labels == (YES,)) for one in made],
        answers,
        truth,
    )
    for one in unchanged.comparisons:
        assert one.gain.value in (None, 0)
        assert one.gain.low in (None, 0)
    assert np.isfinite([seconds for times in found.times for seconds in times.seconds]).all()
