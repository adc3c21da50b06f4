"""What PS3.15 Table E.1-1 asks of each attribute (Basic Application Level Confidentiality Profile), and what we keep.

The table is that of the package dicom-anonymizer (Kitware), which follows the Standard's editions. What it does not
name is kept only where it describes pixels, geometry or acquisition in numbers and codes.
"""

from __future__ import annotations

from enum import Enum
from functools import cache

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as standard
from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag
from pydicom.tag import BaseTag

EDITION = "2026c"
"""The edition of the Standard that the table is of."""

KEPT = frozenset(
    {
        "AnatomicRegionSequence",
        "CodeMeaning",
        "CodeValue",
        "CodingSchemeDesignator",
        "ConversionType",
        "DoubleFloatPixelData",
        "ExtendedOffsetTable",
        "ExtendedOffsetTableLengths",
        "FloatPixelData",
        "FrameType",
        "ImageType",
        "Manufacturer",
        "Modality",
        "PatientAge",
        "PatientSex",
        "PerFrameFunctionalGroupsSequence",
        "PixelData",
        "PixelPresentation",
        "PresentationIntentType",
        "PresentationLUTShape",
        "ReferencedSOPClassUID",
        "SOPClassUID",
        "SharedFunctionalGroupsSequence",
        "ViewCodeSequence",
        "VolumeBasedCalculationTechnique",
        "VolumetricProperties",
    }
)
"""Keywords that stay by name; age and sex by the option Retain Patient Characteristics."""

MOMENTS = frozenset(
    {
        "AcquisitionDate",
        "AcquisitionDateTime",
        "AcquisitionTime",
        "ContentDate",
        "ContentTime",
        "FrameAcquisitionDateTime",
        "FrameReferenceDateTime",
        "InstanceCreationDate",
        "InstanceCreationTime",
        "SeriesDate",
        "SeriesTime",
        "StudyDate",
        "StudyTime",
    }
)
"""When the image was made: kept with other dates (Retain Longitudinal Temporal Information With Modified Dates)."""

_DESCRIBING = (0x0018, 0x0020, 0x0028, 0x0054)  # groups of acquisition, relationship, image, nuclear medicine
_NUMBERS_AND_CODES = frozenset({"AT", "CS", "DS", "FD", "FL", "IS", "OW", "SL", "SQ", "SS", "UL", "US"})
_WORDS_OF_UNITS = frozenset({"RescaleType", "ModalityLUTType"})


class Rule(Enum):
    """What becomes of an attribute."""

    KEEP = "keep"
    SHIFT = "shift"
    NAME = "name"  # another name for the patient
    UID = "uid"
    EMPTY = "empty"
    DUMMY = "dummy"
    CLEAN = "clean"  # a sequence whose items are looked through
    REMOVE = "remove"


def _masked(group: int, element: int, group_mask: int, element_mask: int) -> tuple[int, int]:
    return (group & group_mask) << 16 | (element & element_mask), group_mask << 16 | element_mask


_TABLE = {
    (entry[0] << 16) | entry[1]: rule
    for entries, rule in (
        (standard.D_TAGS, Rule.DUMMY),
        (standard.Z_TAGS, Rule.EMPTY),
        (standard.X_TAGS, Rule.REMOVE),
        (standard.U_TAGS, Rule.UID),
        (standard.Z_D_TAGS, Rule.DUMMY),
        (standard.X_Z_TAGS, Rule.EMPTY),
        (standard.X_D_TAGS, Rule.DUMMY),
        (standard.X_Z_D_TAGS, Rule.DUMMY),
        (standard.X_Z_U_STAR_TAGS, Rule.CLEAN),
    )
    for entry in entries
    if len(entry) == 2  # those with masks are overlays and curves, whose groups go as a whole
}


@cache
def rule_of(tag: BaseTag) -> Rule:
    """What becomes of an attribute, at any depth of the data set.

    Of the Standard's alternatives (X/Z, Z/D, X/Z/D) the one is taken that every kind of image allows; structured
    content and graphics are removed.
    """
    if tag.is_private or not dictionary_has_tag(tag) or tag.element == 0 or tag.group & 0xFF00 in (0x5000, 0x6000):
        return Rule.REMOVE
    keyword, kinds = keyword_for_tag(tag), dictionary_VR(tag).split(" or ")
    if keyword in ("PatientID", "PatientName"):
        return Rule.NAME
    if keyword in MOMENTS:
        return Rule.SHIFT
    if int(tag) in _TABLE and keyword not in KEPT:
        asked = _TABLE[int(tag)]
        return Rule.REMOVE if asked is not Rule.CLEAN and "SQ" in kinds else asked
    if keyword in KEPT or keyword in _WORDS_OF_UNITS or _describes(tag, kinds):
        return Rule.CLEAN if "SQ" in kinds else Rule.UID if "UI" in kinds else Rule.KEEP
    return Rule.REMOVE


def _describes(tag: BaseTag, kinds: list[str]) -> bool:
    return tag.group in _DESCRIBING and not _NUMBERS_AND_CODES.isdisjoint(kinds)
