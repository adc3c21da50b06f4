from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.encaps import generate_frames

from engine.errors import DamagedFile
from engine.io.codestream import frame_size
from engine.io.dicom import read_dicom
from engine.io.seam import quiet

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"


def _first_frame(name: str) -> tuple[bytes, Any]:
    with quiet():
        ds = pydicom.dcmread(SHIPPED / name)
        return next(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames") or 1))), ds


@pytest.mark.parametrize(
    "name",
    ["JPGExtended.dcm", "SC_rgb_jpeg_gdcm.dcm", "JPEGLSNearLossless_16.dcm", "JPEG2000.dcm", "SC_rgb_dcmtk_+eb+cr.dcm"],
)
def test_frames_declare_the_size_that_the_data_set_gives(name: str) -> None:
    frame, ds = _first_frame(name)
    assert frame_size(frame) == (ds.Rows, ds.Columns)


def test_run_lengths_declare_no_size() -> None:
    assert frame_size(_first_frame("MR_small_RLE.dcm")[0]) is None


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG2000.dcm"])
def test_a_header_that_is_cut_off_is_damage(name: str) -> None:
    frame, _ = _first_frame(name)
    with pytest.raises(DamagedFile):
        frame_size(frame[:8])


def test_a_scan_before_any_frame_header_is_damage() -> None:
    with pytest.raises(DamagedFile):
        frame_size(b"\xff\xd8\xff\xda\x00\x02")


def test_a_frame_of_another_size_is_refused_before_it_is_decoded() -> None:
    frame, ds = _first_frame("JPGExtended.dcm")
    data = (SHIPPED / "JPGExtended.dcm").read_bytes()
    wider = frame.replace(ds.Columns.to_bytes(2, "big"), b"\x7f\xff", 1)
    with pytest.raises(DamagedFile, match="32767"):
        read_dicom("x", data.replace(frame, wider))
