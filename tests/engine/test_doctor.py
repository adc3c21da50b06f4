"""What the doctor says of the store: where it is, whether it is encrypted, and what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import doctor
from engine.errors import AttendingError, StoreDamaged
from engine.store.blobs import new_key
from engine.store.store import open_store
from tests.engine.store.kept import READER, case_of, line_of


def test_a_store_that_is_not_there_yet_is_not_made(own_store: Path) -> None:
    assert "none yet" in doctor._store()
    assert list(own_store.iterdir()) == []


def test_what_is_kept_is_counted(own_store: Path) -> None:
    open_store().cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    said = doctor._store()
    assert str(own_store) in said
    assert "sqlite, 1 cases, 0 of 1 files encrypted (no ATTENDING_KEY)" in said


def test_files_of_before_the_key_are_told(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store().cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    open_store.cache_clear()
    monkeypatch.setenv("ATTENDING_KEY", new_key())
    with pytest.raises(AttendingError, match="1 of 1 files were kept before there was a key"):
        doctor._store()


def test_a_folder_open_to_all_is_told(own_store: Path) -> None:
    open_store()
    own_store.chmod(0o755)
    with pytest.raises(AttendingError, match="chmod 700"):
        doctor._store()


def test_a_damaged_store_is_one_line_among_others(
    own_store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_store / "attending.sqlite").write_bytes(b"no database" * 1000)
    monkeypatch.setattr(doctor, "_checks", lambda: [("python", lambda: "3"), ("store", doctor._store)])
    assert doctor.doctor(None) == 1  # type: ignore[arg-type]
    assert "MEND  store: The store's database is damaged." in capsys.readouterr().out
    with pytest.raises(StoreDamaged):
        doctor._store()
