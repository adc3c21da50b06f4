"""A reader's word: what is said of a finding replaces what was said before, and steps keep their first time."""

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


def _after(said: list[Judgement]) -> Review:
    review = EMPTY
    for judgement in said:
        review = review.judged(judgement)
    return review


@given(st.lists(_judgements))
def test_the_last_word_on_each_finding_counts_and_stands_once(said: list[Judgement]) -> None:
    review = _after(said)
    last = {(judgement.task, judgement.label): judgement for judgement in said}
    assert len(review.judgements) == len(last)
    assert all(review.judgement_of(*key) == judgement for key, judgement in last.items())


@given(st.lists(_judgements, min_size=1))
def test_what_is_taken_back_is_gone_and_the_rest_stays(said: list[Judgement]) -> None:
    review, gone = _after(said), said[0]
    left = review.unjudged(gone.task, gone.label)
    assert left.judgement_of(gone.task, gone.label) is None
    others = [j for j in review.judgements if (j.task, j.label) != (gone.task, gone.label)]
    assert list(left.judgements) == others
    assert left.unjudged(gone.task, gone.label) == left


@given(st.lists(_judgements))
def test_final_findings_are_those_not_rejected_each_once(said: list[Judgement]) -> None:
    review = _after(said)
    for task in ("film", "note"):
        kept = [j.instead or j.label for j in review.judgements if j.task == task and j.stance is not Stance.REJECT]
        labels = review.labels(task)
        assert set(labels) == set(kept)
        assert len(set(labels)) == len(labels)


def test_an_edited_finding_counts_as_what_it_is_instead() -> None:
    review = EMPTY.judged(Judgement("film", "normal", Stance.EDIT, 0.6, "pneumonia"))
    review = review.judged(Judgement("film", "mass", Stance.REJECT, 0.2))
    review = review.judged(Judgement("film", "effusion", Stance.ADD))
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
