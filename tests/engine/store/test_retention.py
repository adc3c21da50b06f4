"""What has been kept for long enough goes by itself, once a day, and the chain says why."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.errors import StoreUnavailable, UsageError
from engine.store import retention
from engine.store.names import RETENTION
from engine.store.retention import Retention, keep_days
from engine.store.store import Store
from engine.store.worklist import Query
from tests.engine.store.kept import READER, case_of, line_of

CLOCK = time.monotonic()


@pytest.fixture
def store(own_store: Path) -> Store:
    made = Store(own_store)
    case = case_of(0)
    made.cases.add(case, line_of(case), actor=READER)
    yield made
    made.close()


def later(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Let the period end, by the calendar and by the clock of the process."""
    now = datetime.now(UTC)
    monkeypatch.setattr(retention, "ends_before", lambda kept: now + timedelta(days=days - kept))
    monkeypatch.setattr(retention.time, "monotonic", lambda: CLOCK + days * 24 * 3600)


def test_a_case_goes_after_its_time_and_the_chain_stays_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Retention(store, 30)
    assert watch.look() == 0
    later(monkeypatch, 29.0)
    assert watch.look() == 0
    later(monkeypatch, 30.5)
    assert watch.look() == 1
    assert store.cases.page(Query()).total == 0
    (told,) = store.events(latest=1)
    assert (told.actor, told.action, told.detail) == (RETENTION, "case removed", {"kept_days": 30})
    assert store.verify().whole


def test_it_looks_once_a_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(store.cases, "retire", lambda *_, **__: asked.append(1) or 0)
    watch = Retention(store, 30)
    for days in (0.1, 0.5, 1.2, 1.5, 2.5):
        later(monkeypatch, days)
        watch.look()
    assert len(asked) == 3


def test_without_a_period_everything_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Retention(store, None)
    later(monkeypatch, 10_000.0)
    assert watch.look() == 0
    assert store.cases.page(Query()).total == 1


def test_a_store_that_does_not_answer_is_asked_again_the_next_day(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(*_: object, **__: object) -> int:
        raise StoreUnavailable("The store is busy.")

    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(store.cases, "retire", busy)
        watch = Retention(store, 1)
        assert watch.look() == 0
    assert "The store is busy." in caplog.text
    later(monkeypatch, 1.5)
    assert watch.look() == 1


@pytest.mark.parametrize(("said", "days"), [("", None), (" ", None), ("1", 1), ("36500", 36_500)])
def test_the_period_is_read_from_the_environment(said: str, days: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDING_KEEP_DAYS", said)
    assert keep_days() == days


@pytest.mark.parametrize("said", ["0", "-3", "36501", "a week", "1.5"])
def test_a_period_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDING_KEEP_DAYS", said)
    with pytest.raises(UsageError, match="no retention period"):
        keep_days()
