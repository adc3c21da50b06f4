from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread

from engine.io.patient import patient_key

FILM = sorted((Path(__file__).resolve().parents[3] / "sample_data" / "cases").glob("chest-*/*.dcm"))[0]


def _write(path: Path, patient: str, issuer: str = "") -> Path:
    film = dcmread(FILM)
    film.PatientID, film.IssuerOfPatientID = patient, issuer
    film.save_as(path)
    return path


def test_files_of_one_patient_share_a_key_that_is_not_the_number(tmp_path: Path) -> None:
    keys = [patient_key(_write(tmp_path / name, "12345")) for name in ("a", "b")]
    assert keys[0] == keys[1]
    assert keys[0] is not None
    assert "12345" not in keys[0]


def test_the_same_number_from_another_issuer_is_another_patient(tmp_path: Path) -> None:
    assert patient_key(_write(tmp_path / "a", "1", "here")) != patient_key(_write(tmp_path / "b", "1", "there"))


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", b"no image"])
def test_a_file_of_another_kind_does_not_say(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert patient_key(tmp_path / "x") is None


def test_an_empty_number_does_not_say(tmp_path: Path) -> None:
    assert patient_key(_write(tmp_path / "a", "")) is None
