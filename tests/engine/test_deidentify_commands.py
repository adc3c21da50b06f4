"""The command `deidentify` over files and folders: what it writes, refuses and reports, and that no marker gets out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread
from pydicom.data import get_testdata_file

from engine.cli import main
from engine.io.burned_in import find_text
from engine.io.seam import quiet
from tests.engine.io.conftest import build_dicom
from tests.engine.io.planted import MARKER, leaks, planted


def run(*words: object) -> int:
    return main(["deidentify", *map(str, words)])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / f"{MARKER}^Jane"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"{MARKER} {number}.dcm").write_bytes(planted(instance=str(number), PatientID=MARKER))
    return folder


def test_no_marker_gets_out_of_a_study(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "notes.txt").write_text("no image")
    out, report = tmp_path / "out", tmp_path / "report.json"
    assert run(study, "--out", out, "--report", report) == 0
    files = sorted(out.iterdir())
    assert len(files) == 2
    for file in files:
        assert leaks(file.read_bytes()) == []
        assert MARKER not in file.name
        with quiet():
            assert file.name == f"{dcmread(file).SOPInstanceUID}.dcm"
    told = report.read_text()
    assert MARKER not in told
    said = json.loads(told)
    assert [row["number"] for row in said["written"]] == [1, 2]
    assert said["written"][0]["private_removed"] == 3
    assert "PatientName" in said["written"][0]["replaced"]
    assert [row["number"] for row in said["refused"]] == [3]
    said_out = capsys.readouterr()
    assert "2 files written" in said_out.out
    assert "This is no DICOM file." in said_out.err


def test_nothing_is_replaced(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, report = tmp_path / "out", tmp_path / "report.json"
    assert run(study, "--out", out, "--report", report) == 0
    before = {file: file.read_bytes() for file in out.iterdir()}
    assert run(study, "--out", out) == 3
    assert {file: file.read_bytes() for file in out.iterdir()} == before
    assert "same SOP Instance UID" in capsys.readouterr().err
    assert run(study, "--out", out, "--report", report) == 2


def test_what_is_no_image_is_refused_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = get_testdata_file("test-SR.dcm")
    (tmp_path / "empty.dcm").write_bytes(b"")
    assert run(report, tmp_path / "empty.dcm", tmp_path / "missing.dcm", "--out", tmp_path / "out") == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 4
    assert not list((tmp_path / "out").iterdir())


def test_text_in_the_pixels_is_refused_blanked_or_kept_as_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = Image.new("L", (320, 160), 40)
    ImageDraw.Draw(film).text((20, 60), "DOE^JANE 4711", fill=255, font=ImageFont.load_default(24))
    source = tmp_path / "film.dcm"
    source.write_bytes(build_dicom(np.asarray(film)[np.newaxis], Modality="US", BurnedInAnnotation="YES"))
    assert run(source, "--out", tmp_path / "refused") == 3
    assert "in 1 place." in capsys.readouterr().err
    assert run(source, "--out", tmp_path / "blanked", "--burned-in", "blank") == 0
    assert run(source, "--out", tmp_path / "kept", "--burned-in", "keep") == 0
    (blanked,), (kept,) = ((tmp_path / name).iterdir() for name in ("blanked", "kept"))
    with quiet():
        after, before = dcmread(blanked), dcmread(kept)
        assert find_text(after.pixel_array) == []
        assert find_text(before.pixel_array) != []
    assert after.BurnedInAnnotation == "NO"
    assert "113101" in [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert before.BurnedInAnnotation == "YES"
    assert after.pixel_array.max() == 40


def test_text_that_is_declared_and_not_found_is_never_passed_as_blanked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "film.dcm"
    source.write_bytes(build_dicom(np.full((1, 64, 64), 9, np.uint8), BurnedInAnnotation="YES"))
    assert run(source, "--out", tmp_path / "out", "--burned-in", "blank") == 3
    assert "none was found" in capsys.readouterr().err
