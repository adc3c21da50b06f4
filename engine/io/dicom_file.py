"""DICOM bytes to a pydicom data set, with or without preamble (PS3.10 section 7.1), and the way into functional groups.

Nothing is inflated before its size is known: a deflated data set (PS3.5 A.5) may be a bomb.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from engine.errors import DamagedFile, TooLarge
from engine.io.limits import FILE_BYTES, MIB
from engine.words import tr

_PREAMBLE = 128
_LONG_LENGTH = (b"OB", b"OW", b"OF", b"SQ", b"UT", b"UN")
_SIGNATURES = (
    (b"\xff\xd8\xff\xf7", JPEGLSLossless),
    (b"\xff\x4f\xff\x51", JPEG2000),
    (b"\xff\xd8\xff\xc0", JPEGBaseline8Bit),
    (b"\xff\xd8\xff\xc1", JPEGExtended12Bit),
    (b"\xff\xd8\xff\xc3", JPEGLosslessSV1),
)


def looks_like_dicom(data: bytes) -> bool:
    """True where the prefix says so, or the first element is a plausible one of group 2 or 8 (no preamble)."""
    if data[_PREAMBLE : _PREAMBLE + 4] == b"DICM":
        return True
    if len(data) < 16:
        return False
    vr, length = data[4:6], struct.unpack_from("<I", data, 4)[0]
    if data[:4] in (b"\x02\x00\x00\x00", b"\x02\x00\x01\x00"):
        return vr in (b"UL", b"OB")
    if data[:2] == b"\x08\x00" and data[3] == 0:
        return _is_vr(vr) or length <= min(len(data), 256)
    return data[:3] == b"\x00\x08\x00" and _is_vr(vr)


def _is_vr(vr: bytes) -> bool:
    return vr in (b"UL", b"UI", b"CS", b"SH", b"LO", b"DA", b"TM")


def read_dataset(data: bytes) -> FileDataset:
    """Parse the bytes; the transfer syntax is filled in where the file does not say it.

    Raises
    ------
    DamagedFile
        Where nothing of a data set can be read.
    TooLarge
        Where a deflated data set unpacks to more than the limit.
    """
    _check_deflated(data)
    ds = dcmread(BytesIO(data), force=True)
    if len(ds) == 0:
        raise DamagedFile(tr("The DICOM file ends before its first attribute."), tr("Export it again from its source."))
    if not getattr(ds, "file_meta", None):
        ds.file_meta = FileMetaDataset()
    if not ds.file_meta.get("TransferSyntaxUID"):
        ds.file_meta.TransferSyntaxUID = _guess_transfer_syntax(ds)
    return ds


def _guess_transfer_syntax(ds: FileDataset) -> UID:
    """From how the data set itself is written; for compressed frames, from their first bytes."""
    implicit, little = ds.original_encoding
    element = ds.get_item("PixelData") if "PixelData" in ds else None
    if element is not None and getattr(element, "length", 0) == 0xFFFFFFFF:
        head = bytes(element.value or b"")[:4096]
        hits = [(head.find(signature), uid) for signature, uid in _SIGNATURES if signature in head]
        if hits:
            return min(hits)[1]
        return JPEGBaseline8Bit if b"\xff\xd8\xff" in head else RLELossless
    if implicit:
        return ImplicitVRLittleEndian
    return ExplicitVRLittleEndian if little else ExplicitVRBigEndian


def _check_deflated(data: bytes) -> None:
    """Inflate a deflated data set up to the limit only, before pydicom inflates all of it."""
    if DeflatedExplicitVRLittleEndian.encode() not in data[:4096]:
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    rest, size = data[_end_of_meta(data) :], 0
    while rest and not inflater.eof:
        size += len(inflater.decompress(rest, 16 * MIB))
        rest = inflater.unconsumed_tail
        if size > FILE_BYTES:
            raise TooLarge(
                tr("The file unpacks to more than {most} MiB.", most=FILE_BYTES // MIB),
                tr("Export it uncompressed, in parts."),
            )


def _end_of_meta(data: bytes) -> int:
    """Offset of the first element after group 2, which is always explicit VR little endian (PS3.10 section 7.1)."""
    offset = _PREAMBLE + 4 if data[_PREAMBLE : _PREAMBLE + 4] == b"DICM" else 0
    while data[offset : offset + 2] == b"\x02\x00" and offset + 12 <= len(data):
        if data[offset + 4 : offset + 6] in _LONG_LENGTH:
            offset += 12 + int(struct.unpack_from("<I", data, offset + 8)[0])
        else:
            offset += 8 + int(struct.unpack_from("<H", data, offset + 6)[0])
    return offset


def first_item(ds: Dataset, keyword: str) -> Dataset | None:
    """The first item of a sequence, or None where it is absent or empty."""
    sequence = ds.get(keyword)
    return sequence[0] if sequence else None


def functional_group(ds: Dataset, keyword: str, frame: int) -> Dataset | None:
    """The functional group macro of a frame: its own, else the shared one (PS3.3 C.7.6.16)."""
    per_frame = ds.get("PerFrameFunctionalGroupsSequence") or ()
    own = first_item(per_frame[frame], keyword) if frame < len(per_frame) else None
    if own is not None:
        return own
    shared = first_item(ds, "SharedFunctionalGroupsSequence")
    return None if shared is None else first_item(shared, keyword)


def numbers(ds: Dataset | None, keyword: str) -> list[float]:
    """The values of a numeric attribute; empty where it is absent, empty or not numeric."""
    value: Any = None if ds is None else ds.get(keyword)
    if value is None or value == "":
        return []
    values = [value] if isinstance(value, int | float | str) or not hasattr(value, "__iter__") else list(value)
    try:
        return [float(item) for item in values]
    except (TypeError, ValueError):
        return []
