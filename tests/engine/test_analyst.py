"""Waiting cases are read in the background: one that could not be answered for lack of the store goes on waiting."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.analyst import read_kept
from engine.errors import StoreUnavailable
from engine.store.store import Store
from tests.engine.store.kept import READER, case_of, line_of


def test_a_case_goes_on_waiting_where_the_store_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise StoreUnavailable("The store is busy with another writer.")

    monkeypatch.setattr("engine.analyst.suitable_tasks", busy)
    store = Store(tmp_path)
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    with pytest.raises(StoreUnavailable):
        read_kept(store, case_of(1).case_id)
    assert store.cases.waiting() == 1
    store.close()
