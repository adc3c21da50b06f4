"""What models said, over both databases: kept once, told in the worklist, bound into the chain."""

from __future__ import annotations

from dataclasses import replace

from engine.store.store import Store
from tests.engine.store.kept import READER, answer_of, case_of, line_of

CASE = case_of(1).case_id


def test_the_same_model_asked_again_changes_nothing(store: Store) -> None:
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    first = answer_of(CASE)
    store.answers.keep(first, actor=READER, priority=0.4, headline="viral 0.70")
    store.answers.keep(replace(first, findings=()), actor=READER, priority=0.9)
    (kept,) = store.answers.of(CASE)
    assert kept.findings == first.findings
    assert kept.made_at is not None
    line = store.cases.line(CASE)
    assert line is not None
    assert (line.priority, line.headline) == (0.4, "viral 0.70")
    assert store.verify().links == 2


def test_other_models_and_other_parts_stand_beside_it(store: Store) -> None:
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    answers = [answer_of(CASE), answer_of(CASE, model="b" * 64), replace(answer_of(CASE), frame=1)]
    for answer, priority in zip(answers, (0.4, 0.9, 0.1), strict=True):
        store.answers.keep(answer, actor=READER, priority=priority)
    assert [(kept.model_digest, kept.frame) for kept in store.answers.all()] == [
        (answer.model_digest, answer.frame) for answer in answers
    ]
    line = store.cases.line(CASE)
    assert line is not None
    assert line.priority == 0.9
    assert store.verify().whole
