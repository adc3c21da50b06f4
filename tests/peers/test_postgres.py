"""A real PostgreSQL under the store: restarted and crashed in the middle, locked by others, gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from engine.errors import StoreError, StoreUnavailable
from engine.store.chain import Action
from engine.store.schema import Base
from engine.store.store import Store
from tests.engine.store.kept import READER, case_of, line_of, review_of
from tests.postgres import Server

pytestmark = pytest.mark.peers


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server of our own that syncs its disk, to stop and crash."""
    server = Server(quick=False)
    yield server
    server.close()


@pytest.fixture
def url(server: Server) -> str:
    return server.new_database()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store", url)
    case = case_of(1)
    store.cases.add(case, line_of(case), actor=READER)
    yield store
    store.close()


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_next_call_after_a_restart_works(store: Store, server: Server, mode: str) -> None:
    """Connections of before the restart are found dead and replaced; what was acknowledged is there."""
    saved = store.reviews.save(review_of(case_of(1).case_id))
    server.stop(mode)
    server.start()
    assert store.reviews.latest(saved.case_id, READER) == saved
    server.stop(mode)
    server.start()
    again = store.reviews.save(saved)
    assert again.revision == 2
    assert store.verify().whole


def test_without_a_server_every_call_ends_in_clear_words(
    store: Store, server: Server, url: str, tmp_path: Path
) -> None:
    saved = store.reviews.save(review_of(case_of(1).case_id))
    server.stop()
    try:
        for call in (
            lambda: store.reviews.save(saved),
            lambda: store.cases.read(saved.case_id),
            lambda: store.cases.add(case_of(2), line_of(case_of(2)), actor=READER),
            store.verify,
            lambda: Store(tmp_path / "another", url),
        ):
            with pytest.raises(StoreUnavailable, match="does not answer"):
                call()
    finally:
        server.start()
    assert store.reviews.latest(saved.case_id, READER) == saved
    assert store.cases.add(case_of(2), line_of(case_of(2)), actor=READER)
    assert store.verify().whole


def test_restarts_in_the_middle_of_writing_lose_nothing_acknowledged(store: Store, server: Server) -> None:
    acknowledged: list[int] = []
    refused: list[str] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            try:
                store.record(READER, Action.CASE_OPENED, "case", number=number)
            except StoreUnavailable as error:
                refused.append(str(error))
            else:
                acknowledged.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for mode in ("fast", "immediate", "fast"):
            _wait_for_more(acknowledged)
            server.stop(mode)
            server.start()
        _wait_for_more(acknowledged)
    finally:
        stop.set()
        writer.join()
    kept = [event.detail.get("number") for event in store.events(latest=100_000)]
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
    assert refused
    assert all("does not answer" in said for said in refused)
    assert store.verify().whole


def _wait_for_more(acknowledged: list[int]) -> None:
    seen = len(acknowledged)
    for _ in range(6000):
        if len(acknowledged) > seen + 5:
            return
        threading.Event().wait(0.01)
    pytest.fail("nothing was acknowledged for a minute")


def test_who_holds_the_lock_too_long_is_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr("engine.store.database._PATIENCE", 0.2)
    with store._database.writing() as session:
        session.connection()
        with pytest.raises(StoreUnavailable, match="busy with another writer"):
            Store(tmp_path / "store", url)
    assert store.verify().whole


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store._database.reading() as session:
        before = session.scalar(text("SELECT COUNT(*) FROM events"))
        store.record(READER, Action.CASE_OPENED, "case")
        assert session.scalar(text("SELECT COUNT(*) FROM events")) == before
    assert store.verify().links == (before or 0) + 1


def test_migrations_make_the_tables_that_the_records_say(store: Store, url: str) -> None:
    engine = create_engine(url)
    found = inspect(engine)
    for table in Base.metadata.sorted_tables:
        assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys())
    engine.dispose()


def test_words_that_postgresql_cannot_hold_are_refused_and_nothing_is_kept(store: Store) -> None:
    """A NUL in a comment stands in JSON and is kept; in a title it cannot be."""
    saved = store.reviews.save(review_of(case_of(1).case_id, comment="a \0 b"))
    assert store.reviews.latest(saved.case_id, READER) == saved
    with pytest.raises(StoreError, match="nothing was changed") as refused:
        store.cases.add(case_of(2), line_of(case_of(2), title="TITLE \0"), actor=READER)
    assert "TITLE" not in str(refused.value)
    assert store.cases.line(case_of(2).case_id) is None
    assert store.verify().whole
