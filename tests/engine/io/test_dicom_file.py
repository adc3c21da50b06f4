from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from engine.errors import DamagedFile, TooLarge
from engine.io import dicom_file
from engine.io.dicom import read_dicom
from engine.io.dicom_file import looks_like_dicom, numbers, read_dataset

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, pydicom.uid.ExplicitVRLittleEndian])
def test_without_preamble_and_meta_information(make_dicom: Any, syntax: pydicom.uid.UID) -> None:
    stored = np.arange(64, dtype=np.uint16).reshape(1, 8, 8)
    whole = make_dicom(stored, syntax=syntax)
    bare = whole[144 + struct.unpack_from("<I", whole, 140)[0] :]
    assert looks_like_dicom(bare)
    (expected, found) = (read_dicom("x", data).pixels for data in (whole, bare))
    np.testing.assert_array_equal(found, expected)


def test_without_preamble_but_with_meta_information(make_dicom: Any) -> None:
    stored = np.arange(64, dtype=np.uint16).reshape(1, 8, 8)
    data = make_dicom(stored, preamble=False)
    assert looks_like_dicom(data)
    np.testing.assert_array_equal(read_dicom("x", data).pixels, stored)


@pytest.mark.parametrize(
    "name", ["MR_small_jpeg_ls_lossless.dcm", "JPEG2000.dcm", "MR_small_RLE.dcm", "JPGExtended.dcm"]
)
def test_compression_is_known_by_its_first_bytes_where_the_syntax_is_missing(name: str) -> None:
    data = (SHIPPED / name).read_bytes()
    ds = read_dataset(data)
    at = 144 + struct.unpack_from("<I", data, 140)[0]
    np.testing.assert_array_equal(read_dicom("x", data[at:]).pixels, read_dicom("x", data).pixels)
    assert ds.file_meta.TransferSyntaxUID.is_encapsulated


@pytest.mark.parametrize(
    "data", [b"", b"\x08\x00", b"Findings: none.", b"\x89PNG\r\n\x1a\n" + bytes(64), b"PK\x03\x04" + bytes(40)]
)
def test_other_content_does_not_look_like_dicom(data: bytes) -> None:
    assert not looks_like_dicom(data)


def test_deflated_bomb_is_refused_before_it_is_inflated(make_dicom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicom_file, "FILE_BYTES", 40 * 1024 * 1024)
    data = make_dicom(np.zeros((1, 8, 8), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    end = 144 + struct.unpack_from("<I", data, 140)[0]
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflate.compress(bytes(64 * 1024 * 1024)) + deflate.flush()
    with pytest.raises(TooLarge):
        read_dicom("x", data[:end] + bomb)
    assert read_dicom("x", data).shape == (8, 8)


def test_a_prefix_alone_is_damage() -> None:
    with pytest.raises(DamagedFile):
        read_dicom("x", bytes(128) + b"DICM")


@pytest.mark.parametrize(
    ("value", "expected"), [([1.5, 2], [1.5, 2.0]), (3, [3.0]), (None, []), ("", []), ("abc", [])], ids=str
)
def test_numbers_of_an_attribute(value: object, expected: list[float]) -> None:
    ds = pydicom.Dataset()
    ds.add_new("PixelSpacing", "LO" if isinstance(value, str) else "DS", value)
    assert numbers(ds, "PixelSpacing") == expected
    assert numbers(None, "PixelSpacing") == []
