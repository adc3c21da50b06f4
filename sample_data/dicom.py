"""Synthetic images as DICOM files: the modules that their SOP class asks for, fixed dates, UIDs that follow from names.

References
----------
DICOM PS3.3 A.2 (CR), A.3 (CT), A.7 (US multi-frame), A.26 (DX); PS3.5 B.2 (UIDs derived from UUIDs).
"""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRLittleEndian,
    UltrasoundMultiFrameImageStorage,
)

DATE, TIME = "20261120", "101500"


class Photometric(StrEnum):
    """Whether the lowest value of a grey image is shown black or white."""

    BLACK = "MONOCHROME2"
    WHITE = "MONOCHROME1"


@dataclass(frozen=True)
class Subject:
    """Who does not exist: a key from which identifiers follow, and the few facts that a header carries."""

    key: str
    description: str
    age: str
    sex: str


def film(
    values: NDArray[np.floating],
    subject: Subject,
    *,
    computed: bool,
    photometric: Photometric,
    spacing: float,
    syntax: UID = ExplicitVRLittleEndian,
) -> bytes:
    """Return a radiograph, `values` (rows, columns) in [0, 1] with white dense, as 12 bits in 16.

    Parameters
    ----------
    computed : bool
        A CR object instead of a DX object for presentation.
    spacing : float
        mm between detector elements.
    """
    stored = np.round(400.0 + 3300.0 * values).astype(np.uint16)
    white = photometric is Photometric.WHITE
    stored = 4095 - stored if white else stored
    data = _base(subject, ComputedRadiographyImageStorage if computed else DigitalXRayImageStorageForPresentation)
    data.Modality, data.BodyPartExamined, data.ViewPosition = ("CR" if computed else "DX"), "CHEST", "AP"
    data.PatientOrientation = ["L", "F"]
    data.ImagerPixelSpacing = [f"{spacing:.4f}"] * 2
    data.KVP, data.DistanceSourceToDetector = "65", "1100"
    data.BurnedInAnnotation, data.LossyImageCompression = "NO", "00"
    centre, lungs = (2045, 2445) if white else (2050, 1650)
    data.WindowCenter, data.WindowWidth = [str(centre), str(lungs)], ["3300", "1900"]
    data.WindowCenterWidthExplanation = ["STANDARD", "LUNG"]
    if computed:
        data.CassetteSize, data.PlateType = "24CMX30CM", "storage phosphor"
    else:
        _digital(data, white)
    return _encoded(_with_pixels(data, stored, 12, photometric), syntax)


def ct_slice(
    values: NDArray[np.int16],
    subject: Subject,
    *,
    number: int,
    height: float,
    spacing: float,
    thickness: float,
    syntax: UID,
) -> bytes:
    """Return one axial slice, `values` (rows, columns) in HU, at `height` mm above the middle of the chest."""
    data = _base(subject, CTImageStorage, number)
    data.Modality, data.BodyPartExamined = "CT", "CHEST"
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.FrameOfReferenceUID, data.PositionReferenceIndicator = identifier(subject.key, "frame of reference"), ""
    half = 0.5 * (len(values) - 1) * spacing
    data.ImagePositionPatient = [f"{-half:.3f}", f"{-half:.3f}", f"{height:.3f}"]
    data.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    data.PatientPosition, data.PatientOrientation = "HFS", ["L", "P"]
    data.PixelSpacing = [f"{spacing:.4f}"] * 2
    data.SliceThickness, data.SliceLocation, data.KVP = f"{thickness:.1f}", f"{height:.3f}", "100"
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "-1024", "1", "HU"
    data.WindowCenter, data.WindowWidth = ["40", "-600"], ["400", "1500"]
    data.WindowCenterWidthExplanation = ["SOFT TISSUE", "LUNG"]
    return _encoded(
        _with_pixels(data, (values.astype(np.int32) + 1024).astype(np.uint16), 12, Photometric.BLACK), syntax
    )


def cine(values: NDArray[np.uint8], subject: Subject, *, spacing: float, syntax: UID) -> bytes:
    """Return an ultrasound loop, `values` (frames, rows, columns), `spacing` in mm in both directions."""
    data = _base(subject, UltrasoundMultiFrameImageStorage)
    data.Modality, data.BodyPartExamined, data.Laterality = "US", "BREAST", "L"
    data.ImageType = ["ORIGINAL", "PRIMARY", "", "0001"]
    data.PatientOrientation = []
    data.NumberOfFrames, data.FrameTime = len(values), "80"
    data.FrameIncrementPointer = 0x00181063
    data.LossyImageCompression, data.BurnedInAnnotation = "00", "NO"
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 2
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = values.shape[2] - 1, values.shape[1] - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3  # centimetres
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.1 * spacing
    data.SequenceOfUltrasoundRegions = Sequence([region])
    return _encoded(_with_pixels(data, values, 8, Photometric.BLACK), syntax)


def identifier(*names: str) -> UID:
    """Return the UID that follows from `names`, the same on every machine."""
    return UID(f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, '/'.join(('attending', 'sample_data', *names))).int}")


def _base(subject: Subject, sop_class: UID, number: int = 1) -> FileDataset:
    """Return a file with patient, study, series, equipment and SOP common modules."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = identifier(subject.key, "instance", str(number))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID, meta.ImplementationVersionName = identifier("implementation"), "ATTENDING"
    data = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    data.SOPClassUID, data.SOPInstanceUID = sop_class, meta.MediaStorageSOPInstanceUID
    data.PatientName, data.PatientID = f"SYNTHETIC^{subject.key.upper()}", f"SYNTHETIC-{subject.key.upper()}"
    data.PatientBirthDate, data.PatientSex, data.PatientAge = "", subject.sex, subject.age
    data.StudyInstanceUID, data.StudyID = identifier(subject.key, "study"), "1"
    data.SeriesInstanceUID, data.SeriesNumber, data.InstanceNumber = identifier(subject.key, "series"), 1, number
    data.StudyDate = data.SeriesDate = data.AcquisitionDate = data.ContentDate = DATE
    data.StudyTime = data.SeriesTime = data.AcquisitionTime = data.ContentTime = TIME
    data.AccessionNumber = data.ReferringPhysicianName = ""
    data.StudyDescription, data.SeriesDescription = subject.description, f"SYNTHETIC {subject.description}"
    data.ImageComments = "SYNTHETIC: computed from formulas, no patient"
    data.Manufacturer, data.ManufacturerModelName = "Attending", "sample_data"
    data.ImageType = ["ORIGINAL", "PRIMARY"]
    return data


def _digital(data: Dataset, white: bool) -> None:
    """Add what a DX object for presentation has beyond a CR object (PS3.3 C.8.11)."""
    data.PresentationIntentType = "FOR PRESENTATION"
    data.ImageLaterality = "U"
    data.PixelIntensityRelationship, data.PixelIntensityRelationshipSign = "LOG", (1 if white else -1)
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = "0", "1", "US"
    data.PresentationLUTShape = "INVERSE" if white else "IDENTITY"
    data.DetectorType = "SCINTILLATOR"
    data.AcquisitionContextSequence = Sequence([])
    data.AnatomicRegionSequence = Sequence([_code("51185008", "SCT", "Chest")])
    data.ViewCodeSequence = Sequence([_code("399348003", "SCT", "antero-posterior")])
    data.ViewCodeSequence[0].ViewModifierCodeSequence = Sequence([])


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    """Return an item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _with_pixels(data: FileDataset, stored: NDArray[np.integer], bits: int, photometric: Photometric) -> FileDataset:
    """Return `data` with its image pixel module."""
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, photometric.value
    data.Rows, data.Columns = stored.shape[-2:]
    data.BitsAllocated, data.BitsStored, data.HighBit = 8 * stored.itemsize, bits, bits - 1
    data.PixelRepresentation = 0
    data.PixelData = np.ascontiguousarray(stored).tobytes()
    data["PixelData"].VR = "OW" if stored.itemsize == 2 else "OB"
    return data


def _encoded(data: FileDataset, syntax: UID) -> bytes:
    """Return the file in transfer syntax `syntax`."""
    if syntax.is_encapsulated:
        data.compress(syntax, generate_instance_uid=False)
    else:
        data.file_meta.TransferSyntaxUID = syntax
    target = io.BytesIO()
    data.save_as(target, enforce_file_format=True)
    return target.getvalue()
