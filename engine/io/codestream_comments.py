"""Comments and embedded documents taken out of compressed frames, for cameras and converters write names there.

JPEG and JPEG-LS: COM, and the APP segments of Exif, XMP, ICC and Photoshop (ITU-T T.81 B.2.4); JPEG 2000: COM in the
main header (T.800 A.9.2). The pixels are not decoded.
"""

from __future__ import annotations

import struct

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames

_J2K_START, _JPEG_START = b"\xff\x4f\xff\x51", b"\xff\xd8"
_J2K_COMMENT, _J2K_TILE = 0x64, 0x90
_JPEG_COMMENT, _JPEG_SCAN = 0xFE, 0xDA
_JPEG_DOCUMENTS = frozenset(
    {0xE1, 0xE2, 0xED}
)  # Exif and XMP, ICC, Photoshop; JFIF, Adobe and others say how to decode


def without_comments(ds: Dataset, frames: int) -> None:
    """Write the frames of a data set anew where one of them carries a comment; others stay byte by byte."""
    offsets = (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths) if "ExtendedOffsetTable" in ds else None
    found = list(generate_frames(ds.PixelData, number_of_frames=frames, extended_offsets=offsets))
    bare = [strip_comments(frame) for frame in found]
    if bare != found or len(bare) != frames:
        ds.PixelData = encapsulate(bare[:frames], has_bot=sum(map(len, bare)) + 8 * frames < 2**32)
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            ds.pop(keyword, None)


def strip_comments(frame: bytes) -> bytes:
    """The codestream of one frame without its comments; one that cannot be followed, or is no such stream, as it is."""
    try:
        if frame.startswith(_J2K_START):
            return _strip(frame, frozenset({_J2K_COMMENT}), _J2K_TILE)
        if frame.startswith(_JPEG_START):
            return _strip(frame, _JPEG_DOCUMENTS | {_JPEG_COMMENT}, _JPEG_SCAN)
    except (struct.error, IndexError):
        return frame
    return frame


def _strip(frame: bytes, unwanted: frozenset[int], last: int) -> bytes:
    """Copy marker by marker up to the first tile or scan, and the rest in one piece."""
    kept, offset = bytearray(frame[:2]), 2
    while frame[offset] == 0xFF and frame[offset + 1] != last:
        if frame[offset + 1] == 0xFF:  # fill byte
            offset += 1
            continue
        end = offset + 2 + struct.unpack_from(">H", frame, offset + 2)[0]
        if frame[offset + 1] not in unwanted:
            kept += frame[offset:end]
        offset = end
    stripped = bytes(kept) + frame[offset:]
    return stripped + b"\0" * (len(stripped) % 2)
