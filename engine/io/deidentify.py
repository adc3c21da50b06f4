"""A DICOM image without what points at a person, after PS3.15 Annex E: the Basic Application Confidentiality Profile.

Options: Clean Pixel Data (where text was blanked), Clean Structured Content and Clean Descriptors (by removal), Retain
Longitudinal Temporal Information With Modified Dates, Retain Patient Characteristics (age and sex).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import ExplicitVRLittleEndian

from engine.case import Pixels
from engine.io.codestream_comments import without_comments
from engine.io.confidentiality import EDITION, KEPT, Rule, rule_of
from engine.io.dicom_file import read_dataset
from engine.io.dicom_pixels import Layout, is_little_endian, read_layout
from engine.io.moments import shifted
from engine.io.pseudonyms import Pseudonyms
from engine.io.seam import reading

_DEPTH = 16  # sequences within sequences
_OLDEST = 89
_AGE = re.compile(r"(\d{3})([DWMY])")
_CODE = re.compile(r"[A-Za-z0-9_ .+/-]{0,16}")
_LINE = re.compile(r"[ -\[\]-~]{0,64}")
_DUMMIES: dict[str, Any] = {
    "DA": "19000101",
    "TM": "000000",
    "DT": "19000101000000",
    "AS": "000Y",
    "DS": "0",
    "IS": "0",
}
_TERMS = {
    "CodingSchemeDesignator": frozenset({"DCM", "FMA", "RADLEX", "SCT", "SNM3", "SRT", "UCUM"}),
    "PatientSex": frozenset({"F", "M", "O"}),
}
_TEXT = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_METHODS = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113104", "Clean Structured Content Option"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
    ("113108", "Retain Patient Characteristics Option"),
)
_PIXELS_CLEANED = ("113101", "Clean Pixel Data Option")


@dataclass(frozen=True)
class Deidentified:
    """A file that points at nobody by its attributes, and what became of them: keywords, never values.

    Parameters
    ----------
    content : bytes
        The DICOM file.
    uid : str
        Its SOP Instance UID, under which it may be filed.
    removed, replaced, kept : tuple of str
        Keywords, or numbers where there is none; an attribute that occurs often may stand in more than one.
    private : int
        How many private attributes were removed.
    """

    content: bytes
    uid: str
    removed: tuple[str, ...]
    replaced: tuple[str, ...]
    kept: tuple[str, ...]
    private: int


@dataclass
class _Ledger:
    """What became of the attributes while a data set is gone through."""

    removed: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    private: int = 0


def deidentify(data: bytes, pseudonyms: Pseudonyms, *, blanked: Pixels | None = None) -> Deidentified:
    """De-identify one DICOM image.

    Parameters
    ----------
    data : bytes
        The whole file.
    pseudonyms : Pseudonyms
        Of this installation.
    blanked : numpy.ndarray, optional
        Stored values to put in the place of the file's own, ``(frames, rows, columns[, 3])``: text in them was blanked.

    Raises
    ------
    UploadError
        Where it is no image that can be read.
    """
    with reading("DICOM object"):
        ds = read_dataset(data)
        layout = read_layout(ds)
        ledger = _Ledger()
        clean = _Cleaner(pseudonyms, pseudonyms.patient(ds), pseudonyms.days(ds), ledger).dataset(ds, _DEPTH)
        clean.SOPInstanceUID = clean.get("SOPInstanceUID") or pseudonyms.uid(hashlib.sha256(data).hexdigest())
        _put_pixels(clean, ds, layout, blanked)
        _sign(clean, pixels_cleaned=blanked is not None)
        _write_meta(clean, ds, blanked is not None)
        buffer = BytesIO()
        clean.save_as(buffer, enforce_file_format=True)
    return Deidentified(
        content=buffer.getvalue(),
        uid=str(clean.SOPInstanceUID),
        removed=tuple(sorted(ledger.removed)),
        replaced=tuple(sorted(ledger.replaced)),
        kept=tuple(sorted(ledger.kept)),
        private=ledger.private,
    )


@dataclass(frozen=True)
class _Cleaner:
    """Goes through one patient's data set."""

    pseudonyms: Pseudonyms
    patient: str
    days: int
    ledger: _Ledger

    def dataset(self, ds: Dataset, depth: int) -> Dataset:
        """A new data set with what may stay."""
        clean = Dataset()
        for tag in sorted(ds.keys()):
            rule = rule_of(tag)
            value = None if rule is Rule.REMOVE or depth == 0 else self._value(ds, tag, rule, depth)
            self._note(tag, rule, removed=value is None)
            if value is not None:
                clean.add(DataElement(tag, _vr(ds, tag), value, validation_mode=IGNORE))
        if "CodeMeaning" in clean:  # free text: the code says it alone
            clean.CodeMeaning = clean.get("CodeValue", "")
        return clean

    def _value(self, ds: Dataset, tag: BaseTag, rule: Rule, depth: int) -> Any:
        """What stands there afterwards; None for nothing."""
        kind = dictionary_VR(tag)
        if rule is Rule.NAME:
            return self.patient
        if rule is Rule.EMPTY:
            return Sequence() if kind == "SQ" else ""
        if rule is Rule.DUMMY and kind != "UI":
            return _DUMMIES.get(kind, "REMOVED" if kind in _TEXT else None)
        element = _element(ds, tag)
        if element is None or element.VR not in (kind, *kind.split(" or ")):
            return None
        if rule is Rule.CLEAN:
            items = [self.dataset(item, depth - 1) for item in element.value]
            return Sequence(items) if items and all(map(_says_something, items)) else None
        if element.is_empty:
            return ""
        if rule is Rule.SHIFT:
            return _each(element.value, lambda text: shifted(kind, str(text), self.days))
        if kind == "UI":
            return _each(element.value, lambda uid: self.pseudonyms.uid(str(uid)))
        return _kept(element)

    def _note(self, tag: BaseTag, rule: Rule, *, removed: bool) -> None:
        if tag.is_private:
            self.ledger.private += 1
            return
        name = keyword_for_tag(tag) or f"({tag.group:04X},{tag.element:04X})"
        kept = rule in (Rule.KEEP, Rule.CLEAN) or name in KEPT
        (self.ledger.removed if removed else self.ledger.kept if kept else self.ledger.replaced).add(name)


def _element(ds: Dataset, tag: BaseTag) -> DataElement | None:
    """The element, parsed; None where its value cannot be."""
    with suppress(Exception):  # pydicom raises nearly anything on damaged values
        return ds[tag]
    return None


def _vr(ds: Dataset, tag: BaseTag) -> str:
    """The representation that the Standard gives; of several, that of the file."""
    kind = dictionary_VR(tag)
    return str(ds[tag].VR) if " or " in kind else kind


def _says_something(item: Dataset) -> bool:
    """Whether an item is worth having: one without content is not, nor is a code of a scheme that is not known."""
    return bool(len(item)) and ("CodeValue" not in item or "CodingSchemeDesignator" in item)


def _many(value: Any) -> list[Any]:
    return list(value) if not isinstance(value, str | bytes) and hasattr(value, "__iter__") else [value]


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Every value changed; None where one cannot be."""
    changed = [change(one) for one in _many(value)]
    if any(one is None for one in changed):
        return None
    return changed[0] if len(changed) == 1 else changed


def _kept(element: DataElement) -> Any:
    """A value that may stay, and is what its representation promises; else None."""
    if element.keyword == "PatientAge":
        return _age(str(element.value))
    terms = _TERMS.get(element.keyword)
    if terms is not None:
        return element.value if element.value in terms else None
    pattern = {"CS": _CODE, "SH": _CODE, "LO": _LINE}.get(element.VR)
    if pattern is None:
        return element.value
    if element.keyword in ("RescaleType", "ModalityLUTType"):
        pattern = _CODE
    return element.value if all(pattern.fullmatch(str(one)) for one in _many(element.value)) else None


def _age(text: str) -> str | None:
    """An age above 89 years points at a person: it becomes 90."""
    match = _AGE.fullmatch(text)
    if match is None:
        return None
    return f"{_OLDEST + 1:03d}Y" if match[2] == "Y" and int(match[1]) > _OLDEST else text


def _put_pixels(clean: Dataset, ds: FileDataset, layout: Layout, blanked: Pixels | None) -> None:
    """Nothing before, behind, within or beside the frames but pixels."""
    if blanked is not None:
        _replace_pixels(clean, layout, blanked)
    elif ds.file_meta.TransferSyntaxUID.is_encapsulated:
        without_comments(clean, layout.frames)
    else:
        samples = 2 if layout.photometric == "YBR_FULL_422" else layout.samples
        size = -(-layout.frames * layout.rows * layout.columns * samples * layout.allocated // 8)
        element = clean[layout.keyword]
        element.value = _without_spare_bits(element.value[: size + size % 2], clean, layout, is_little_endian(ds))


def _without_spare_bits(raw: bytes, clean: Dataset, layout: Layout, little_endian: bool) -> bytes:
    """Whole samples as the bits that are stored of them, extended by their sign: the others once held overlays.

    The stored bits are the lowest, as the Standard has it (PS3.5 8.1.1) and as they were decoded for whoever looked; a
    High Bit that says otherwise is put right.
    """
    if layout.keyword != "PixelData" or layout.allocated not in (8, 16, 32) or not 0 < layout.stored < layout.allocated:
        return raw
    sign = "i" if clean.get("PixelRepresentation") == 1 else "u"
    samples = np.frombuffer(raw, f"{'<' if little_endian else '>'}{sign}{layout.allocated // 8}").copy()
    spare = layout.allocated - layout.stored
    np.left_shift(samples, spare, out=samples)
    np.right_shift(samples, spare, out=samples)
    clean.HighBit = layout.stored - 1
    return samples.tobytes()


def _replace_pixels(clean: Dataset, layout: Layout, stored: Pixels) -> None:
    raw = np.ascontiguousarray(stored.astype(stored.dtype.newbyteorder("<"))).tobytes()
    clean[layout.keyword].value = raw + b"\0" * (len(raw) % 2)
    if layout.keyword == "PixelData":
        clean[layout.keyword].VR = "OW" if stored.dtype.itemsize > 1 else "OB"
        clean.BitsAllocated = 8 * stored.dtype.itemsize
    if layout.samples == 3:
        clean.PhotometricInterpretation, clean.PlanarConfiguration = "RGB", 0
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
        clean.pop(keyword, None)
    clean.BurnedInAnnotation = "NO"


def _sign(clean: Dataset, *, pixels_cleaned: bool) -> None:
    """Say that and how it was done (PS3.15 E.1.1, PS3.16 CID 7050)."""
    clean.PatientIdentityRemoved = "YES"
    clean.DeidentificationMethod = f"Attending: PS3.15 Annex E {EDITION}"
    clean.LongitudinalTemporalInformationModified = "MODIFIED"
    methods = (*_METHODS, _PIXELS_CLEANED) if pixels_cleaned else _METHODS
    clean.DeidentificationMethodCodeSequence = list(map(_code, sorted(methods)))


def _code(method: tuple[str, str]) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodeMeaning = method
    item.CodingSchemeDesignator = "DCM"
    return item


def _write_meta(clean: Dataset, ds: FileDataset, pixels_cleaned: bool) -> None:
    """File meta information with what a reader needs and nothing of the file before (PS3.10 7.1)."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian if pixels_cleaned else ds.file_meta.TransferSyntaxUID
    clean.file_meta = meta
