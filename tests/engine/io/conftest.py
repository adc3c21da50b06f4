"""Makers of small files, and the DICOM files that pydicom itself ships."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian

MakeDicom = Callable[..., bytes]


def build_dicom(
    stored: NDArray[Any] | None = None,
    *,
    samples: int = 1,
    syntax: UID = ExplicitVRLittleEndian,
    preamble: bool = True,
    **attributes: Any,
) -> bytes:
    """A DICOM file of stored values ``(frames, rows, columns[, 3])``; attributes by keyword, None leaves one out."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, UID("1.2.3.4")
    if stored is not None:
        ds.NumberOfFrames, ds.Rows, ds.Columns = stored.shape[:3]
        ds.SamplesPerPixel, ds.PhotometricInterpretation = samples, "MONOCHROME2" if samples == 1 else "RGB"
        ds.PixelRepresentation = int(stored.dtype.kind == "i")
        ds.BitsAllocated = ds.BitsStored = stored.dtype.itemsize * 8
        ds.HighBit = ds.BitsStored - 1
        if samples > 1:
            ds.PlanarConfiguration = 0
        ds.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes() + b"\0" * (stored.nbytes % 2)
        ds["PixelData"].VR = "OB" if stored.dtype.itemsize == 1 else "OW"
    for keyword, value in attributes.items():
        if value is None:
            del ds[keyword]
        else:
            setattr(ds, keyword, value)
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    data = buffer.getvalue()
    return data if preamble else data[132:]


@pytest.fixture
def make_dicom() -> MakeDicom:
    return build_dicom


@pytest.fixture
def ramp() -> NDArray[np.int16]:
    """One frame ``(1, 16, 16)`` of the values -128 to 127."""
    return np.arange(-128, 128, dtype=np.int16).reshape(1, 16, 16)
