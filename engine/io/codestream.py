"""What compressed frames declare about themselves, compared with the data set before a decoder is given them.

Frame headers: JPEG and JPEG-LS SOFn (ITU-T T.81 B.2.2, T.87 C.2.2), JPEG 2000 SIZ (T.800 A.5.1), RLE (PS3.5 G.5).
"""

from __future__ import annotations

import struct

from pydicom.dataset import FileDataset
from pydicom.encaps import generate_frames

from engine.errors import DamagedFile
from engine.words import tr

_J2K_START = b"\xff\x4f\xff\x51"
_JP2_START = b"\x00\x00\x00\x0cjP  "
_JPEG_START = b"\xff\xd8"
_STANDALONE = (0x01, *range(0xD0, 0xD8))
_FRAME_HEADERS = (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0), 0xF7)
_SCAN = 0xDA


def frame_size(data: bytes) -> tuple[int, int] | None:
    """Rows and columns that a codestream declares, or None where it has no such header (RLE).

    A JPEG may leave its rows to a later marker: then they are 0.

    Raises
    ------
    DamagedFile
        Where the header is cut off.
    """
    try:
        if data.startswith(_JP2_START):
            data = data[data.index(_J2K_START) :]
        if data.startswith(_J2K_START):
            width, height, left, top = struct.unpack_from(">4I", data, 8)
            return height - top, width - left
        return _jpeg_size(data) if data.startswith(_JPEG_START) else None
    except (struct.error, IndexError, ValueError) as exc:
        raise DamagedFile(
            tr("A compressed frame is cut off in its header."), tr("Export it again from its source.")
        ) from exc


def _jpeg_size(data: bytes) -> tuple[int, int]:
    offset = 2
    while True:
        if data[offset] != 0xFF:
            raise ValueError("no marker")
        marker = data[offset + 1]
        if marker == 0xFF:
            offset += 1
        elif marker in _STANDALONE:
            offset += 2
        elif marker in _FRAME_HEADERS:
            rows, columns = struct.unpack_from(">HH", data, offset + 5)
            return int(rows), int(columns)
        elif marker == _SCAN:
            raise ValueError("a scan before the frame header")
        else:
            offset += 2 + int(struct.unpack_from(">H", data, offset + 2)[0])


def check_codestreams(ds: FileDataset, frames: int, rows: int, columns: int) -> None:
    """Refuse frames that are missing, or whose own size is not the data set's.

    Raises
    ------
    DamagedFile
        Where a frame is missing, or its header is cut off or contradicts the data set.
    """
    found = 0
    offsets = (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths) if "ExtendedOffsetTable" in ds else None
    for frame in generate_frames(ds.PixelData, number_of_frames=frames, extended_offsets=offsets):
        found += 1
        size = frame_size(frame)
        if size is None:
            continue
        if size[1] != columns or size[0] not in (rows, 0):
            raise DamagedFile(
                tr(
                    "A compressed frame has {height} x {width} pixels where the file says {rows} x {columns}.",
                    height=size[0],
                    width=size[1],
                    rows=rows,
                    columns=columns,
                ),
                tr("Export it again from its source."),
            )
    if found < frames:
        raise DamagedFile(
            tr("The file should hold {frames} frames and holds {found}.", frames=frames, found=found),
            tr("Export it again from its source."),
        )
