"""`attending deidentify-note` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.cli import main

NOTE = "Dr. Abernathy saw Mrs. Abernathy on 03/12/2019 and again on 03/19/2019. BP 120/80.\n"


def test_a_note_is_written_without_its_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out, found = tmp_path / "note.txt", tmp_path / "out.txt", tmp_path / "found.json"
    source.write_text(NOTE, encoding="utf-8")
    assert main(["deidentify-note", str(source), "--out", str(out), "--json", str(found)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "Abernathy" not in text
    assert "2019" not in text or "03/12/2019" not in text
    assert "BP 120/80." in text
    rows = json.loads(found.read_text(encoding="utf-8"))
    assert [NOTE[row["start"] : row["end"]] for row in rows] == [row["words"] for row in rows]
    assert {"name", "date"} <= {row["kind"] for row in rows}
    assert "Abernathy" not in capsys.readouterr().out


def test_a_note_in_another_language_is_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "note.txt", tmp_path / "out.txt"
    source.write_text(NOTE, encoding="utf-8")
    assert main(["deidentify-note", str(source), "--out", str(out)]) == 0
    assert capsys.readouterr().err == ""
    source.write_text("Frau Abernathy wurde am Montag mit Fieber aus dem Krankenhaus nach Hause entlassen.", "utf-8")
    assert main(["deidentify-note", str(source), "--out", str(out)]) == 0
    assert "does not seem to be in English" in capsys.readouterr().err


def test_a_file_that_is_no_note_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(bytes(range(256)))
    assert main(["deidentify-note", str(tmp_path / "x.bin"), "--out", str(tmp_path / "out.txt")]) == 3
    assert not (tmp_path / "out.txt").exists()
