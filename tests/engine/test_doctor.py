"""What the doctor says of the store: where it is, whether it is encrypted, and what to mend."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from engine import doctor
from engine.errors import AttendingError, StoreDamaged, StoreUnavailable
from engine.store.blobs import new_key
from engine.store.store import open_store
from tests.engine.store.kept import READER, case_of, line_of


def test_a_store_that_is_not_there_yet_is_not_made(own_store: Path) -> None:
    assert "none yet" in doctor._store()
    assert list(own_store.iterdir()) == []


def test_reading_is_tried() -> None:
    assert "in processes of their own, 120 s a file" in doctor._reading()


def test_what_is_kept_is_counted(own_store: Path) -> None:
    open_store().cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    assert doctor._store() == "sqlite, 1 cases, 1 files"
    assert doctor._key() == "0 of 1 files encrypted (no ATTENDING_KEY)"
    assert doctor._chain() == "1 links, whole"


def test_files_of_before_the_key_are_told(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store().cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    open_store.cache_clear()
    monkeypatch.setenv("ATTENDING_KEY", new_key())
    with pytest.raises(AttendingError, match="1 of 1 files were kept before there was a key"):
        doctor._key()


@pytest.mark.parametrize("given", ["", "another"])
def test_a_key_that_does_not_fit_is_told(given: str, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDING_KEY", new_key())
    open_store().cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    assert doctor._key() == "1 of 1 files encrypted"
    open_store.cache_clear()
    monkeypatch.setenv("ATTENDING_KEY", given and new_key())
    with pytest.raises(AttendingError, match="do not open with the key at hand; 1 of 1 are encrypted"):
        doctor._key()


def test_a_chain_that_was_changed_is_told(own_store: Path) -> None:
    open_store().cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    with sqlite3.connect(own_store / "attending.sqlite") as by_hand:
        by_hand.execute("UPDATE events SET actor = 'nobody'")
    by_hand.close()
    with pytest.raises(AttendingError, match="The chain is not whole"):
        doctor._chain()


def test_a_database_that_does_not_answer_is_told(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDING_DATABASE_URL", "postgresql+psycopg://nobody@/none?host=/nowhere/at/all")
    for check in (doctor._store, doctor._chain):
        with pytest.raises(StoreUnavailable, match="does not answer"):
            check()


def test_a_damaged_store_is_one_line_among_others(
    own_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_store / "attending.sqlite").write_bytes(b"no database" * 1000)
    monkeypatch.setattr(doctor, "_checks", lambda: [("python", lambda: "3"), ("store", doctor._store)])
    assert doctor.doctor(None) == 1  # type: ignore[arg-type]
    assert "MEND  store: The store's database is damaged." in capsys.readouterr().out
    with pytest.raises(StoreDamaged):
        doctor._store()
