"""DICOM files in which every attribute of the confidentiality table holds a marker, as deep as sequences go."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

import numpy as np
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as standard
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

MARKER = "ZEBEDEE"
UID_MARKER = "1.2.826.0.1.4711.4712.4713"
DATE_MARKER = "19710717"
TABLE = tuple(sorted(Tag(*entry) for entry in standard.ALL_TAGS if len(entry) == 2 and entry[0] >= 8))
MARKS = (MARKER.encode(), UID_MARKER.encode(), DATE_MARKER.encode(), MARKER.encode("utf-16-le"))

_VALUES: dict[str, Any] = {
    "DA": DATE_MARKER,
    "DT": f"{DATE_MARKER}112233",
    "TM": "112233.471147",
    "AS": "099Y",
    "UI": UID_MARKER,
    "PN": f"{MARKER}^Jane",
    "DS": "4711.4711",
    "IS": "47114711",
}
_BYTES = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})
_NUMBERS = {"US": 4711, "SS": 4711, "UL": 4711, "SL": 4711, "FL": 1.5, "FD": 1.5, "AT": 0x00100010, "UV": 1, "SV": 1}


def element(tag: BaseTag, *, inside: Dataset | None = None) -> DataElement:
    """The attribute with a marker for its value; a sequence holds one item that is full of them."""
    kind = dictionary_VR(tag).split(" or ")[0] if dictionary_has_tag(tag) else "LO"
    if kind == "SQ":
        return DataElement(tag, kind, Sequence([inside if inside is not None else item()]))
    if kind in _BYTES:
        return DataElement(tag, kind, (MARKER + MARKER + "!!").encode())
    value = _VALUES.get(kind, _NUMBERS.get(kind, MARKER))
    return DataElement(tag, kind, value, validation_mode=IGNORE)


def item() -> Dataset:
    """A short item: names, ids, text, dates and private attributes."""
    inner = Dataset()
    for keyword in (
        "PatientName",
        "PatientID",
        "AccessionNumber",
        "StudyDate",
        "ReferencedSOPInstanceUID",
        "CodeMeaning",
    ):
        inner.add(element(Tag(keyword)))
    private(inner)
    return inner


def private(ds: Dataset) -> None:
    """A private group with text and bytes."""
    ds.add(DataElement(0x00110010, "LO", f"{MARKER} CREATOR"))
    ds.add(DataElement(0x00111001, "LO", MARKER))
    ds.add(DataElement(0x00111002, "OB", MARKER.encode() + b"!"))


def planted(*, instance: str = "1", **attributes: Any) -> bytes:
    """An image file with markers wherever the table, private groups, overlays, curves and file meta have room for them.

    Parameters
    ----------
    instance : str
        End of its SOP Instance UID.
    **attributes
        By keyword, in the place of markers.
    """
    ds = Dataset()
    everything = Dataset()
    for tag in TABLE:
        if not (dictionary_has_tag(tag) and dictionary_VR(tag) == "SQ"):
            everything.add(element(tag))
    for tag in TABLE:
        ds.add(element(tag, inside=everything))
    private(ds)
    for group in (0x6000, 0x6002, 0x5000):
        ds.add(DataElement(group << 16 | 0x3000, "OW", (MARKER + "!").encode()))
        ds.add(DataElement(group << 16 | 0x4000, "LT", MARKER))
        ds.add(DataElement(group << 16 | 0x0022, "LO", MARKER))
    ds.add(DataElement(0xFFFCFFFC, "OB", MARKER.encode() + b"!"))
    ds.SOPClassUID, ds.SOPInstanceUID = SecondaryCaptureImageStorage, UID(f"{UID_MARKER}.{instance}")
    ds.Modality, ds.ImageType = "DX", ["ORIGINAL", "PRIMARY"]
    ds.NumberOfFrames, ds.Rows, ds.Columns, ds.SamplesPerPixel = 1, 16, 16, 1
    ds.PhotometricInterpretation, ds.PixelRepresentation = "MONOCHROME2", 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 8, 8, 7
    ds.PixelData = np.arange(256, dtype=np.uint8).tobytes() + MARKER.encode() + b"!"
    ds["PixelData"].VR = "OB"
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    meta = ds.file_meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.SourceApplicationEntityTitle = meta.SendingApplicationEntityTitle = MARKER
    meta.ImplementationVersionName = MARKER
    meta.PrivateInformationCreatorUID, meta.PrivateInformation = UID(UID_MARKER), MARKER.encode() + b"!"
    ds.preamble = (MARKER * 20).encode()[:128]
    buffer = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def leaks(content: bytes) -> list[bytes]:
    """The markers that stand in some bytes."""
    return [mark for mark in MARKS if mark in content]
