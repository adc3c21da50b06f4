"""A reader's word: what is said of a finding, what is added to it, and steps that keep their first time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from engine.results import Analysis, Call, Domain, Finding
from engine.review import Judgement, Review, Stance, Step, answer_of

BEGIN = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
EMPTY = Review("case", "reader")

_words = st.sampled_from(("normal", "pneumonia", "mass"))
_judgements = st.builds(
    Judgement,
    task=st.sampled_from(("film", "note")),
    label=_words,
    stance=st.sampled_from(Stance),
    probability=st.floats(0, 1),
    instead=st.sampled_from(("", "fibrosis", "normal")),
)
_taken = st.lists(st.tuples(st.sampled_from(Step), st.integers(0, 10_000)))


@given(st.lists(_judgements))
def test_what_is_said_of_a_finding_is_found_and_what_was_added_is_not_said_of_it(said: list[Judgement]) -> None:
    review = replace(EMPTY, judgements=tuple(said))
    for one in said:
        of_it = [other for other in said if other.about == one.about and other.stance is not Stance.ADD]
        assert review.judgement_of(one.task, one.label) == (of_it[0] if of_it else None)


@given(st.lists(_judgements))
def test_final_findings_are_those_not_rejected_each_once(said: list[Judgement]) -> None:
    review = replace(EMPTY, judgements=tuple(said))
    for task in ("film", "note"):
        kept = [j.instead or j.label for j in review.judgements if j.task == task and j.stance is not Stance.REJECT]
        labels = review.labels(task)
        assert set(labels) == set(kept)
        assert len(set(labels)) == len(labels)


def test_an_edited_finding_counts_as_what_it_is_instead() -> None:
    said = (
        Judgement("film", "normal", Stance.EDIT, 0.6, "pneumonia"),
        Judgement("film", "mass", Stance.REJECT, 0.2),
        Judgement("film", "effusion", Stance.ADD),
    )
    review = replace(EMPTY, judgements=said)
    assert review.labels("film") == ("pneumonia", "effusion")
    assert review.labels("note") == ()


@given(_taken)
def test_a_step_keeps_its_first_time(taken: list[tuple[Step, int]]) -> None:
    review, first = EMPTY, {}
    for step, second in taken:
        review = review.took(step, BEGIN + timedelta(seconds=second))
        first.setdefault(step, second)
    assert [timed.step for timed in review.steps] == list(first)
    assert {timed.step: (timed.at - BEGIN).total_seconds() for timed in review.steps} == first


def test_seconds_are_counted_from_opening_and_unknown_without_both_ends() -> None:
    assert EMPTY.seconds() is None
    opened = EMPTY.took(Step.OPENED, BEGIN)
    assert opened.seconds() is None
    assert opened.seconds(Step.OPENED) == 0
    signed = opened.took(Step.SIGNED, BEGIN + timedelta(minutes=1, milliseconds=500))
    assert signed.seconds() == 60.5
    assert EMPTY.took(Step.SIGNED, BEGIN).seconds() is None


def test_a_review_is_locked_by_its_signature_alone() -> None:
    assert not EMPTY.took(Step.SIGNED, BEGIN).signed
    assert replace(EMPTY, signed_at=BEGIN).signed


def test_what_is_kept_of_an_analysis_is_what_it_said_and_by_which_model() -> None:
    findings = (Finding("normal", 0.8, Call.RULED_IN), Finding("pneumonia", 0.2, Call.UNCERTAIN))
    domain = Domain(False, reasons=("No film of a chest.",))
    versions = MappingProxyType({"torch": "2"})
    analysis = Analysis("film", "case", findings, domain, "ab", "cpu", image_index=1, frame=2, versions=versions)
    answer = answer_of(analysis)
    assert (answer.case_id, answer.task, answer.findings) == ("case", "film", findings)
    assert (answer.in_domain, answer.reasons) == (False, ("No film of a chest.",))
    assert (answer.image_index, answer.frame, answer.model_digest) == (1, 2, "ab")
    assert answer.versions == versions
