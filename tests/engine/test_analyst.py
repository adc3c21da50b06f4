"""Cases that wait are read one after the other, whatever becomes of one of them, of the store or of the process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine import analyst
from engine.analyst import kept_case, read_kept, read_waiting
from engine.case import Case, Image, Note
from engine.errors import CaseError, StoreUnavailable
from engine.store.chain import Action
from engine.store.names import ANALYST
from engine.store.retention import Retention
from engine.store.store import Store
from engine.store.worklist import Line, Query

PATIENT = "Doe^Jane"


@pytest.fixture
def store(own_store: Path) -> Iterator[Store]:
    made = Store(own_store)
    yield made
    made.close()


def _film(case_id: str) -> Case:
    pixels = np.random.default_rng(0).integers(0, 255, (1, 64, 48), np.uint8)
    return Case(case_id, PATIENT, ((Image(pixels, case_id, name=f"{PATIENT}.png", modality="DX"),),))


def _note(
    case_id: str, text: str = "Acute chest pain since this morning, relieved by nitroglycerin; he smokes."
) -> Case:
    return Case(case_id, "Note", note=Note(text, case_id))


def _add(store: Store, *cases: Case) -> None:
    for case in cases:
        assert store.cases.add(case, Line(case.case_id, "A case", "note"), actor="reader")


def _read_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the analyst work until nothing waits."""
    stop = threading.Event()
    monkeypatch.setattr(analyst, "_BREATH", 0.0)
    monkeypatch.setattr(analyst, "_IDLE", 0.0)
    next_waiting = store.cases.next_waiting

    def watched() -> str | None:
        found = next_waiting()
        if found is None:
            stop.set()
        return found

    monkeypatch.setattr(store.cases, "next_waiting", watched)
    read_waiting(store, stop, retention=Retention(store, None))


def test_a_kept_case_is_answered_and_stops_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(store, _note("n1"), _note("n2", "A rash on both knees for three weeks, spreading to the elbows."))
    assert store.cases.waiting() == 2
    _read_all(store, monkeypatch)
    assert store.cases.waiting() == 0
    for case_id in ("n1", "n2"):
        answer, *_ = store.answers.of(case_id)  # of treatments there is nothing to say where a note is all plan
        line = store.cases.line(case_id)
        assert line is not None
        assert line.tasks == ("clinical-note", "treatment")
        assert line.headline.startswith(answer.findings[0].label)
    told = [event for event in store.events() if event.action == Action.ANSWER_KEPT]
    assert {event.actor for event in told} == {ANALYST}


def test_samples_are_answered_from_the_package(store: Store) -> None:
    entry = next(iter(_entries("NOTE")))
    store.cases.add_samples([Line(entry, "A sample", "note", synthetic=True)])
    read_kept(store, entry)
    assert [answer.task for answer in store.answers.of(entry)] == ["clinical-note", "treatment"]
    assert kept_case(store, entry).synthetic


def _entries(modality: str) -> list[str]:
    from engine.samples import sample_index

    return [entry.case_id for entry in sample_index() if entry.modality == modality]


def test_a_case_that_is_neither_kept_nor_a_sample_is_refused(store: Store) -> None:
    with pytest.raises(CaseError):
        kept_case(store, "nobody")


def test_the_queue_goes_on_after_a_restart_where_it_was(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Store(own_store)
    _add(before, _note("n1"), _note("n2"))
    read_kept(before, "n1")
    before.close()
    after = Store(own_store)
    asked: list[str] = []
    read = analyst.read_kept
    monkeypatch.setattr(analyst, "read_kept", lambda store, case_id: asked.append(case_id) or read(store, case_id))
    try:
        _read_all(after, monkeypatch)
        assert asked == ["n2"]
        assert after.cases.waiting() == 0
        assert after.verify().whole
    finally:
        after.close()


def test_an_unreadable_case_stops_waiting_and_the_next_is_read(
    store: Store, own_store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _add(store, _film("f1"), _note("n1"))
    (path,) = (path for path in (own_store / "files").glob("??/*") if b'"f1"' in path.read_bytes())
    path.write_bytes(b"ATT0 of something else")
    with caplog.at_level(logging.WARNING):
        _read_all(store, monkeypatch)
    assert store.cases.waiting() == 0
    assert store.answers.of("f1") == ()
    assert store.answers.of("n1")
    assert "could not be read" in caplog.text


def test_a_fault_of_our_own_neither_ends_the_queue_nor_quotes_the_patient(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _add(store, _note("n1", f"{PATIENT} was seen."), _note("n2"))

    def broken(case: Case, *_: object) -> object:
        raise RuntimeError(case.note.text if case.note else "")

    monkeypatch.setattr(analyst, "analyse", broken)
    with caplog.at_level(logging.DEBUG):
        _read_all(store, monkeypatch)
    assert store.cases.waiting() == 0
    assert [record.kind for record in caplog.records if hasattr(record, "kind")] == ["RuntimeError", "RuntimeError"]
    assert PATIENT not in caplog.text


def test_a_busy_store_does_not_end_the_work(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(store, _note("n1"))
    asked, busy = store.cases.asked, [StoreUnavailable("The store is busy.", "Try again.")]

    def sometimes(case_id: str, tasks: list[str]) -> None:
        if busy:
            raise busy.pop()
        asked(case_id, tasks)

    monkeypatch.setattr(store.cases, "asked", sometimes)
    _read_all(store, monkeypatch)
    assert store.cases.waiting() == 0
    assert len(store.answers.of("n1")) == 1  # the first try was kept, the second added nothing


def test_an_answer_that_a_busy_store_refused_is_asked_for_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(store, _note("n1"))
    keep, busy = store.answers.keep, [StoreUnavailable("The store is busy.", "Try again.")]

    def sometimes(*answer: object, **more: object) -> None:
        if busy:
            raise busy.pop()
        keep(*answer, **more)

    monkeypatch.setattr(store.answers, "keep", sometimes)
    _read_all(store, monkeypatch)
    assert store.cases.waiting() == 0
    assert len(store.answers.of("n1")) == 1


def test_a_case_removed_meanwhile_is_no_trouble(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _add(store, _note("n1"), _note("n2"))
    analyse = analyst.analyse

    def removed_first(case: Case, *rest: object, **more: object) -> object:
        if case.case_id == "n1":
            store.cases.remove("n1", actor="reader")
        return analyse(case, *rest, **more)

    monkeypatch.setattr(analyst, "analyse", removed_first)
    _read_all(store, monkeypatch)
    assert store.cases.line("n1") is None
    assert store.answers.of("n1") == ()
    assert store.answers.of("n2")
    assert store.verify().whole


def test_a_case_that_no_model_answers_for_stops_waiting_without_a_place(store: Store) -> None:
    pixels = np.zeros((2, 16, 16), np.int16)
    _add(store, Case("ct", "Scan", ((Image(pixels, "ct", modality="CT"),),)))
    read_kept(store, "ct")
    (line,) = store.cases.page(Query()).lines
    assert (line.tasks, line.priority, line.headline) == ((), None, "")
    assert store.cases.waiting() == 0


def test_the_analyst_ends_when_it_is_told_to(store: Store) -> None:
    stop = threading.Event()
    worker = threading.Thread(target=read_waiting, args=(store, stop), kwargs={"retention": Retention(store, None)})
    worker.start()
    stop.set()
    worker.join(timeout=30)
    assert not worker.is_alive()
