"""The commands over the store, as an administrator calls them: exit statuses, and words that say what to do."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.cli import main
from engine.store.blobs import read_key
from engine.store.store import open_store
from engine.store.worklist import Line, Query
from tests.engine.store.kept import READER, case_of, line_of, review_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kept(own_store: Path) -> Path:
    """Two cases, added now, and a sample."""
    store = open_store()
    for number in range(2):
        case = case_of(number)
        store.cases.add(case, line_of(case), actor=READER)
    store.reviews.save(review_of(case_of(0).case_id))
    store.cases.add_samples([Line("sample", "A sample", "film", synthetic=True)])
    return own_store


def run_by_hand(home: Path, statement: str, **values: object) -> None:
    engine = create_engine(f"sqlite:///{home / 'attending.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


def test_audit_verify_tells_the_digest_or_the_faults(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    assert "whole: 3 links" in said
    assert open_store().events(latest=1)[0].digest in said
    run_by_hand(kept, "UPDATE events SET actor = 'nobody' WHERE place = 2")
    assert main(["audit", "verify"]) == 3
    said = capsys.readouterr().err
    assert "fault: Link 2 was changed." in said
    assert "attending: The store is not whole: 1 fault. Compare with your last backup." in said


def test_a_command_says_what_it_is_asked_and_no_more(own_store: Path) -> None:
    command = [sys.executable, "-m", "engine", "audit", "verify"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("whole: 0 links")
    assert done.stderr == ""


def test_audit_export_writes_every_link_and_replaces_nothing(kept: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"
    assert main(["audit", "export", str(out)]) == 0
    links = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [link["place"] for link in links] == [1, 2, 3]
    assert links[1]["before"] == links[0]["digest"]
    assert main(["audit", "export", str(out)]) == 3
    assert main(["audit", "export", str(tmp_path / "none" / "audit.jsonl")]) == 3
    assert len(out.read_text("utf-8").splitlines()) == 3


def test_an_export_is_told_to_the_chain_and_may_be_a_table(kept: Path, tmp_path: Path) -> None:
    run_by_hand(kept, "UPDATE events SET actor = '=1+1' WHERE place = 2")
    out = tmp_path / "audit.csv"
    assert main(["audit", "export", "--out", str(out)]) == 0
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [row["place"] for row in rows] == ["1", "2", "3"]
    assert rows[1]["actor"] == "'=1+1"
    assert json.loads(rows[0]["detail"])["kind"] == "film and note"
    (told,) = open_store().events(latest=1)
    assert (told.action, told.detail) == ("audit exported", {"links": 3, "digest": rows[2]["digest"]})
    with pytest.raises(SystemExit):
        main(["audit", "export"])


def test_a_key_is_printed_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "key"]) == 0
    assert len(read_key(capsys.readouterr().out)) == 32


def test_backup_and_restore(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "backup.zip")
    assert main(["store", "backup", out]) == 0
    assert main(["store", "restore", out]) == 3
    assert "not empty" in capsys.readouterr().err
    open_store().close()
    open_store.cache_clear()
    monkeypatch.setenv("ATTENDING_HOME", str(tmp_path / "new"))
    assert main(["store", "restore", out]) == 0
    assert "restored and whole: 3 links" in capsys.readouterr().out
    assert open_store().cases.page(Query()).total == 3
    assert main(["audit", "verify"]) == 0


def test_retiring_says_first_and_does_only_when_told(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=400)).replace(tzinfo=None)
    run_by_hand(
        kept, "UPDATE cases SET added_at = :at WHERE case_id != :stays", at=str(long_ago), stays=case_of(1).case_id
    )
    assert main(["store", "retire", "--older-than", "365"]) == 0
    assert ": 1 case. Nothing was changed" in capsys.readouterr().out
    assert open_store().cases.page(Query()).total == 3
    assert main(["store", "retire", "--older-than", "365", "--yes"]) == 0
    stay = {line.case_id for line in open_store().cases.page(Query()).lines}
    assert stay == {case_of(1).case_id, "sample"}
    assert "(command line)" in open_store().events(latest=1)[0].actor
    assert len(list((kept / "files").glob("??/*"))) == 1
    assert main(["audit", "verify"]) == 0
    assert main(["store", "retire", "--older-than", "365", "--yes"]) == 0


def test_what_is_older_than_the_period_expires_also_after_a_restore(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = (datetime.now(UTC) - timedelta(days=31)).replace(tzinfo=None)
    run_by_hand(
        kept, "UPDATE cases SET added_at = :at WHERE case_id != :stays", at=str(long_ago), stays=case_of(1).case_id
    )
    assert main(["store", "backup", str(tmp_path / "backup.zip")]) == 0
    open_store().close()
    open_store.cache_clear()
    monkeypatch.setenv("ATTENDING_HOME", str(tmp_path / "new"))
    assert main(["store", "restore", str(tmp_path / "backup.zip")]) == 0
    monkeypatch.setenv("ATTENDING_KEEP_DAYS", "30")
    assert main(["store", "expire", "--dry-run"]) == 0
    assert ": 1 case. Nothing was changed" in capsys.readouterr().out
    assert main(["store", "expire"]) == 0
    stay = {line.case_id for line in open_store().cases.page(Query()).lines}
    assert stay == {case_of(1).case_id, "sample"}
    assert len(list((tmp_path / "new" / "files").glob("??/*"))) == 1
    (told,) = open_store().events(latest=1)
    assert (told.action, told.subject, told.detail) == ("case removed", case_of(0).case_id, {"kept_days": 30})
    assert main(["audit", "verify"]) == 0


def test_without_a_period_nothing_expires(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "expire"]) == 2
    assert "ATTENDING_KEEP_DAYS" in capsys.readouterr().err
    assert open_store().cases.page(Query()).total == 3


@pytest.mark.parametrize("days", ["0", "-1", "1000000000000"])
def test_a_retention_period_is_some_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["store", "retire", f"--older-than={days}", "--yes"]) == 2
    assert "retention period" in capsys.readouterr().err


def test_a_key_that_is_none_is_said_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ATTENDING_KEY", "too short")
    assert main(["audit", "verify"]) == 3
    assert "attending store key" in capsys.readouterr().err
