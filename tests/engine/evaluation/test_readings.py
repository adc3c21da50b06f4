"""Only signed, latest reviews of cases that the reference speaks of are counted, and the others are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import DatasetError
from engine.evaluation.readings import judged_answer, latest_signed, read_reference, study_readings
from engine.review import Judgement, ReadingOrder, Stance, Step, Timed
from tests.engine.evaluation.readers import ENDPOINT, NO, START, TASK, YES, answer, review

REFERENCE = {"a": frozenset({YES}), "b": frozenset({NO}), "c": frozenset(), "d": frozenset({"fracture"})}


def test_a_reading_has_all_that_was_said() -> None:
    found = study_readings([review("a", "r", alone=False, final=True)], [answer("a", 0.8)], REFERENCE, ENDPOINT)
    one = found.used[0]
    assert (one.truth, one.alone, one.final, one.model) == (True, False, True, True)
    assert (one.alone_confidence, one.confidence, one.model_score) == (70, 70, 0.8)
    assert (one.seconds, one.map_seen, one.in_domain, one.order) == (60, True, True, ReadingOrder.READ_FIRST)
    assert found.left_out == {}


def test_the_latest_signed_version_counts() -> None:
    first = review("a", "r", alone=True, final=True)
    second = replace(review("a", "r", alone=True, final=False), version=2)
    third = replace(review("a", "r", alone=True, final=True, signed=False), version=3)
    assert latest_signed([second, first, third]) == (second,)
    found = study_readings([first, second, third], [], REFERENCE, ENDPOINT)
    assert [one.final for one in found.used] == [False]
    assert found.left_out == {"drafts and earlier versions": 2}


def test_a_case_counts_where_the_reference_speaks_of_the_task() -> None:
    made = [review(case_id, "r", alone=True, final=True) for case_id in "abcde"]
    found = study_readings(made, [], REFERENCE, ENDPOINT)
    assert {one.case_id: one.truth for one in found.used} == {"a": True, "b": False, "c": False}
    assert found.left_out == {"without a reference": 2}


def test_a_review_without_a_judgement_of_the_task_says_nothing() -> None:
    made = replace(review("a", "r", alone=True, final=True), judgements=())
    assert study_readings([made], [], REFERENCE, ENDPOINT).left_out == {"without a judgement of this task": 1}


def test_a_rejected_answer_is_a_no_and_typing_does_not_matter() -> None:
    made = review("a", "r", alone=None, final=True)
    rejected = replace(made, judgements=(Judgement(TASK, YES, Stance.REJECT, 0.9),))
    edited = replace(made, judgements=(Judgement(TASK, NO, Stance.EDIT, 0.9, instead=" Bacterial Pneumonia "),))
    finals = [study_readings([one], [], REFERENCE, ENDPOINT).used[0].final for one in (rejected, edited)]
    assert finals == [False, True]


def test_a_reader_is_held_against_the_answer_that_they_judged() -> None:
    first = replace(answer("a", 0.9), model_digest="m")
    later = replace(answer("a", 0.1), model_digest="m", image_index=1, made_at=START + timedelta(days=1))
    other = replace(answer("a", 0.5), task="clinical-note", model_digest="m")
    said = Judgement(TASK, YES, Stance.AGREE, 0.9, model_digest="m")
    read = replace(review("a", "r", alone=None, final=True), judgements=(said,))
    assert judged_answer(read, [first, later], ENDPOINT) == first
    both = replace(read, judgements=(replace(said, image_index=1), said))
    assert judged_answer(both, [later, first], ENDPOINT) == first
    found = study_readings([read], [first, later, other], REFERENCE, ENDPOINT)
    assert found.used[0].model_score == 0.9


def test_where_a_review_does_not_say_which_answer_the_last_before_its_signature_counts() -> None:
    read = review("a", "r", alone=None, final=True)
    assert read.signed_at is not None
    early, late = answer("a", 0.2), replace(answer("a", 0.9), made_at=read.signed_at + timedelta(days=1))
    assert judged_answer(read, [early, late], ENDPOINT) == early
    assert judged_answer(read, [late], ENDPOINT) is None


def test_the_time_of_an_amended_review_is_that_of_its_first_version() -> None:
    first = review("a", "r", alone=None, final=True)
    second = replace(first, version=2, steps=(first.steps[0], Timed(Step.SIGNED, START + timedelta(days=1))))
    found = study_readings([first, second], [], REFERENCE, ENDPOINT)
    assert [one.seconds for one in found.used] == [first.seconds()] == [60]
    assert second.seconds() is None


def test_a_reference_standard_is_read() -> None:
    data = "\ufeffcase_id,label,reader\na,pneumonia|effusion,x\nb,,x\na, normal ,x\n"
    assert read_reference(data.encode()) == {"a": frozenset({"pneumonia", "effusion", "normal"}), "b": frozenset()}


@pytest.mark.parametrize("data", [b"", b"case,label\na,b\n", b"\xff\xfe\x00", b"case_id,label\n,x\n", b"x" * 5_000_001])
def test_what_is_no_reference_standard_is_refused(data: bytes) -> None:
    with pytest.raises(DatasetError, match="reference standard"):
        read_reference(data)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for tried in (data, b"case_id,label\n" + data):
        try:
            found = read_reference(tried)
        except DatasetError:
            continue
        assert all(case_id and isinstance(labels, frozenset) for case_id, labels in found.items())
