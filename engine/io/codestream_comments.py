"""Compressed frames cut to what their pixels need, for cameras and converters write names and pictures beside them.

JPEG and JPEG-LS: COM, the application segments but for those that say how to decode, and what lies behind the end of
the image (ITU-T T.81 B.1-B.2, T.87 C); JPEG 2000: COM and what lies behind the codestream (T.800 A), and the boxes of
JP2 around it, which no frame should have (T.800 I, PS3.5 A.4.4). The pixels are not decoded.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames

from engine.errors import DamagedFile
from engine.words import tr

_JP2_START = b"\x00\x00\x00\x0cjP  "
_RECOLOURED = frozenset({b"cdef", b"cmap", b"pclr"})  # boxes without which the components are other colours

_J2K_START, _J2K_END = b"\xff\x4f\xff\x51", b"\xff\xd9"
_J2K_SEGMENTS, _J2K_COMMENT, _J2K_TILE, _J2K_DATA = range(0x50, 0x80), 0x64, 0x90, 0x93
_TILE_HEADER = struct.Struct(">2xHHI2x")  # length of the segment, number of the tile, length of the part

_JPEG_START, _JPEG_END = b"\xff\xd8", 0xD9
_JPEG_COMMENT, _JPEG_SCAN, _JPEG_LS = 0xFE, 0xDA, 0xF7
_JPEG_SEGMENTS = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0), _JPEG_LS, 0xF8})
_JPEG_APPLICATIONS = range(0xE0, 0xF0)
_DECODING = {  # marker and name of a segment that says how to decode: bytes that it needs, and what closes it
    (0xE0, b"JFIF\0"): (12, b"\0\0"),  # without its thumbnail
    (0xE8, b"SPIFF\0"): (30, b""),
    (0xE8, b"\0\0\0\1"): (6, b""),  # the end of SPIFF's directory
    (0xE8, b"mrfx"): (5, b""),  # the colour transform of JPEG-LS
    (0xEE, b"Adobe"): (12, b""),
}
_NEXT_MARKER = re.compile(rb"\xff(?=[\x01-\xcf\xd8-\xfe])")  # neither a stuffed byte nor a restart
_NEXT_MARKER_LS = re.compile(rb"\xff(?=[\x80-\xcf\xd8-\xfe])")  # a bit is stuffed, not a byte

_RUN_LENGTHS = re.compile(rb"[\x01-\x0f]\0\0\0")  # the number of segments (PS3.5 G.5)


def without_comments(ds: Dataset, frames: int) -> None:
    """Write the frames of a data set anew where one of them carries more than pixels; others stay byte by byte.

    Raises
    ------
    DamagedFile
        Where a frame cannot be followed to its end.
    """
    offsets = (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths) if "ExtendedOffsetTable" in ds else None
    found = list(generate_frames(ds.PixelData, number_of_frames=frames, extended_offsets=offsets))
    bare = [strip_comments(frame) for frame in found]
    if bare != found or len(bare) != frames:
        ds.PixelData = encapsulate(bare[:frames], has_bot=sum(map(len, bare)) + 8 * frames < 2**32)
        for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths"):
            ds.pop(keyword, None)


def strip_comments(frame: bytes) -> bytes:
    """The codestream of one frame, of even length, without what its pixels do not need; run lengths as they are.

    Raises
    ------
    DamagedFile
        Where it cannot be followed to its end: what it carries is then not known.
    """
    try:
        bare = _codestream(frame)
    except (struct.error, IndexError, ValueError) as exc:
        raise DamagedFile(
            tr("A compressed frame cannot be followed to its end, so that it may carry more than pixels."),
            tr("Export it uncompressed."),
        ) from exc
    return bare + b"\0" * (len(bare) % 2)


def _codestream(frame: bytes) -> bytes:
    if frame.startswith(_JP2_START):
        frame = _unwrapped(frame)
    if frame.startswith(_J2K_START):
        return _jpeg_2000(frame)
    if frame.startswith(_JPEG_START):
        return _jpeg(frame)
    if _RUN_LENGTHS.match(frame):
        return frame
    raise ValueError("no codestream")


def _segment_end(data: bytes, offset: int) -> int:
    """Where the segment ends whose marker stands at an offset."""
    length = int(struct.unpack_from(">H", data, offset + 2)[0])
    end = offset + 2 + length
    if data[offset] != 0xFF or length < 2 or end > len(data):
        raise ValueError("no segment")
    return end


def _jpeg(frame: bytes) -> bytes:
    """Go from marker to marker, through the scans, to the end of the image."""
    kept, offset, next_marker = bytearray(_JPEG_START), 2, _NEXT_MARKER
    while frame[offset : offset + 2] != bytes([0xFF, _JPEG_END]):
        marker = frame[offset + 1]
        if frame[offset] == marker == 0xFF:  # fill byte
            offset += 1
            continue
        end = _segment_end(frame, offset)
        if marker in _JPEG_SEGMENTS:
            kept += frame[offset:end]
        elif marker in _JPEG_APPLICATIONS:
            kept += _application(marker, frame[offset + 4 : end])
        elif marker != _JPEG_COMMENT:
            raise ValueError("a marker that is not known")
        offset = end
        if marker == _JPEG_LS:
            next_marker = _NEXT_MARKER_LS
        elif marker == _JPEG_SCAN:
            found = next_marker.search(frame, end)
            if found is None:
                raise ValueError("no end")
            offset = found.start()
            kept += frame[end:offset]
    return bytes(kept) + bytes([0xFF, _JPEG_END])


def _application(marker: int, content: bytes) -> bytes:
    """What of an application segment a decoder needs; nothing of most."""
    for (kind, name), (size, close) in _DECODING.items():
        if marker == kind and content.startswith(name):
            needed = content[:size] + close
            return struct.pack(">BBH", 0xFF, marker, 2 + len(needed)) + needed
    return b""


def _jpeg_2000(frame: bytes) -> bytes:
    """Go through the main header and from one part of a tile to the next, to the end of the codestream."""
    kept, offset = bytearray(frame[:2]), 2
    while frame[offset + 1] != _J2K_TILE:
        end = _segment_end(frame, offset)
        if frame[offset + 1] not in _J2K_SEGMENTS:
            raise ValueError("a marker that is not known")
        if frame[offset + 1] != _J2K_COMMENT:
            kept += frame[offset:end]
        offset = end
    while frame[offset : offset + 2] == bytes([0xFF, _J2K_TILE]):
        part = _tile_part(frame, offset)
        kept += part
        offset += len(part)
    if not frame.startswith(_J2K_END, offset) and frame[offset:].strip(b"\0"):
        raise ValueError("no end")
    return bytes(kept) + _J2K_END


def _tile_part(frame: bytes, offset: int) -> bytes:
    """A part of a tile with its comments blanked: none is taken out, for its length is told in more than one place."""
    header, _, length = _TILE_HEADER.unpack_from(frame, offset)
    place = offset + 2 + header
    blanked = []
    while frame[place + 1] != _J2K_DATA:
        end = _segment_end(frame, place)
        if frame[place + 1] not in _J2K_SEGMENTS:
            raise ValueError("a marker that is not known")
        if frame[place + 1] == _J2K_COMMENT:
            blanked.append(slice(place + 4 - offset, end - offset))
        place = end
    end = offset + length if length else frame.index(_J2K_END, place)  # no data hold an end (T.800 A.1)
    if not place + 2 <= end <= len(frame):
        raise ValueError("no end")
    part = bytearray(frame[offset:end])
    for comment in blanked:
        part[comment] = bytes(comment.stop - comment.start)
    return bytes(part)


def _unwrapped(frame: bytes) -> bytes:
    """The codestream in a JP2 file, where its boxes do not make other colours of it."""
    for kind, content in _boxes(frame):
        if kind == b"jp2h" and not _RECOLOURED.isdisjoint(inner for inner, _ in _boxes(content)):
            raise ValueError("colours that the codestream has not")
        if kind == b"jp2c":
            return content
    raise ValueError("no codestream")


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of one box after another."""
    offset = 0
    while offset < len(data):
        length, kind = struct.unpack_from(">I4s", data, offset)
        start = offset + 8
        if length == 1:
            length, start = int(struct.unpack_from(">Q", data, start)[0]), start + 8
        end = offset + length if length else len(data)
        if not start <= end <= len(data):
            raise ValueError("no box")
        yield kind, data[start:end]
        offset = end
