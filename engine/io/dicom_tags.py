"""What is kept of a DICOM header: an allow-list without names, numbers or dates of the patient (PS3.15 annex E).

Study and series are known by a hash of their UIDs, which says that two images belong together and nothing else.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType

from pydicom.dataset import Dataset, FileDataset

from engine.case import Placement
from engine.io.dicom_file import first_item, functional_group, numbers
from engine.io.geometry import read_position
from engine.io.patient import patient_of

ALLOWED = (
    "AcquisitionNumber",
    "BitsAllocated",
    "BitsStored",
    "BodyPartExamined",
    "BurnedInAnnotation",
    "Columns",
    "EchoTime",
    "ImageLaterality",
    "ImageType",
    "InstanceNumber",
    "KVP",
    "Laterality",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "MagneticFieldStrength",
    "Manufacturer",
    "Modality",
    "NumberOfFrames",
    "PatientAge",
    "PatientOrientation",
    "PatientPosition",
    "PatientSex",
    "PhotometricInterpretation",
    "PixelRepresentation",
    "PresentationIntentType",
    "RepetitionTime",
    "Rows",
    "SamplesPerPixel",
    "SeriesNumber",
    "SliceThickness",
    "ViewPosition",
)
"""Keywords of the attributes that are kept, as text."""

_LONGEST = 64
_OLDEST = 89
_SEXES = frozenset({"", "F", "M", "O"})  # PS3.3 C.7.1.1: anything else is a word that stands in the wrong place
_AGE = re.compile(r"(\d{3})([DWMY])")


def read_tags(ds: FileDataset) -> Mapping[str, str]:
    """The allow-listed attributes that have a value, and the transfer syntax by name."""
    tags = {keyword: text for keyword in ALLOWED if (text := _text(ds, keyword))}
    if "PatientAge" in tags:
        tags["PatientAge"] = _age(tags["PatientAge"])
    if tags.get("PatientSex", "") not in _SEXES:
        del tags["PatientSex"]
    tags["TransferSyntax"] = ds.file_meta.TransferSyntaxUID.name
    return MappingProxyType({keyword: text for keyword, text in tags.items() if text})


def _text(ds: Dataset, keyword: str) -> str:
    """One printable line; empty where the attribute is absent, empty, binary or unreadable."""
    value = ds.get(keyword)
    if value is None or isinstance(value, bytes | Dataset):
        return ""
    parts = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    line = "\\".join(str(part).strip() for part in parts)
    return "".join(char for char in line if char.isprintable())[:_LONGEST]


def _age(text: str) -> str:
    """An age above 89 years points at a person: it is only said to be so."""
    match = _AGE.fullmatch(text)
    if match is None:
        return ""
    return f"over {_OLDEST:03d}Y" if match[2] == "Y" and int(match[1]) > _OLDEST else text


def read_laterality(ds: Dataset) -> str:
    """``"L"``, ``"R"``, ``"B"`` or ``"U"``; empty where the file does not say."""
    anatomy = functional_group(ds, "FrameAnatomySequence", 0)
    frame = "" if anatomy is None else _text(anatomy, "FrameLaterality")
    found = (_text(ds, "ImageLaterality") or frame or _text(ds, "Laterality")).upper()
    return found if found in ("L", "R", "B", "U") else ""


def read_view(ds: Dataset) -> str:
    """View Position (0018,5101), else the meaning of the View Code Sequence."""
    code = first_item(ds, "ViewCodeSequence")
    return _text(ds, "ViewPosition").upper() or ("" if code is None else _text(code, "CodeMeaning"))


def read_unit(ds: Dataset) -> str:
    """The unit of modality values: Rescale Type or Modality LUT Type (C.11.1.1.2), else what the modality implies."""
    macro = functional_group(ds, "PixelValueTransformationSequence", 0)
    rescale, lut = macro if macro is not None else ds, first_item(ds, "ModalityLUTSequence")
    said = _text(rescale, "RescaleType") if lut is None else _text(lut, "ModalityLUTType")
    if said and said.upper() not in ("US", "UNSPECIFIED"):
        return said
    if said or lut is not None:
        return ""
    if _text(ds, "Modality") == "CT" and numbers(rescale, "RescaleIntercept"):
        return "HU"
    return _text(ds, "Units") if _text(ds, "Modality") in ("PT", "NM") else ""


def read_placement(ds: Dataset) -> Placement:
    """Study, series and rank of the image, under de-identified keys."""
    instance = numbers(ds, "InstanceNumber")
    return Placement(
        patient=patient_of(ds) or "",
        study=_key(ds, "StudyInstanceUID"),
        series=_key(ds, "SeriesInstanceUID"),
        instance=int(instance[0]) if instance and abs(instance[0]) < 2**31 else 0,
        position=read_position(ds),
    )


def _key(ds: Dataset, keyword: str) -> str:
    uid = _text(ds, keyword)
    return hashlib.sha256(uid.encode()).hexdigest()[:16] if uid else ""
