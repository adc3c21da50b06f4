"""Palette colour (PS3.3 C.7.6.3.1.5-6) and its segmented form (C.7.9.2): stored values to RGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from engine.case import Pixels
from engine.errors import DamagedFile
from engine.io.lut import apply_table, read_descriptor, read_entries
from engine.words import tr

_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Palette:
    """RGB for each stored value from `first` on: `table` is ``(entries, 3)``, uint8 or uint16."""

    table: NDArray[Any]
    first: int

    def apply(self, stored: Pixels) -> Pixels:
        """RGB ``(..., 3)`` of the stored values ``(...)``."""
        return apply_table(stored, self.table, self.first)


def read_palette(ds: FileDataset) -> Palette:
    """The palette of an image.

    Raises
    ------
    DamagedFile
        Where a channel is missing or shorter than its descriptor says.
    """
    little_endian = bool(ds.file_meta.TransferSyntaxUID.is_little_endian)
    channels, firsts, depths = zip(
        *(_channel(ds, color, little_endian) for color in ("Red", "Green", "Blue")), strict=True
    )
    if len({channel.size for channel in channels}) > 1 or len(set(firsts)) > 1:
        raise DamagedFile(tr("The three channels of the palette do not fit."), tr("Export it as RGB."))
    table = np.stack(channels, axis=-1)  # (entries, 3)
    eight = max(depths) <= 8 and table.max() <= 0xFF
    return Palette(table.astype(np.uint8) if eight else table, firsts[0])


def _channel(ds: FileDataset, color: str, little_endian: bool) -> tuple[NDArray[np.uint16], int, int]:
    """One channel: its entries, the first value mapped, bits of an entry."""
    entries, first, bits = read_descriptor(ds, f"{color}PaletteColorLookupTableDescriptor")
    data = ds.get(f"{color}PaletteColorLookupTableData")
    if data is not None:
        return read_entries(data, entries=entries, little_endian=little_endian), first, bits
    segments = ds.get(f"Segmented{color}PaletteColorLookupTableData")
    if not isinstance(segments, bytes | bytearray):
        raise DamagedFile(tr("The image needs a palette and has none."), tr("Export it as RGB."))
    dtype = np.dtype(np.uint8) if bits <= 8 else np.dtype("<u2" if little_endian else ">u2")
    words = np.frombuffer(segments[: len(segments) // dtype.itemsize * dtype.itemsize], dtype).tolist()
    table = _expand(words, entries, pointer=4 if bits <= 8 else 2)
    return read_entries(table, entries=entries, little_endian=little_endian), first, bits


def _expand(words: list[int], entries: int, *, pointer: int) -> list[int]:
    """Expand segments until `entries` values are there; what the file does not give is missing, not made up.

    An indirect segment (C.7.9.2.3) repeats segments that stand elsewhere in the table. Its pointer has 32 bits in
    `pointer` entries, the least significant first.
    """
    out: list[int] = []
    offset = 0
    while offset + 2 < len(words) and len(out) < entries:
        if words[offset] != _INDIRECT:
            offset = _segment(words, offset, out)
            continue
        parts = words[offset + 2 : offset + 2 + pointer]
        source = sum(part << (32 // pointer * index) for index, part in enumerate(parts))
        for _ in range(words[offset + 1]):
            source = _segment(words, source, out)
        offset += 2 + pointer
    return out[:entries]


def _segment(words: list[int], offset: int, out: list[int]) -> int:
    """Append one discrete (C.7.9.2.1) or linear segment (C.7.9.2.2) to `out`; the offset after it."""
    opcode, count, *values = words[offset : offset + 3]
    if opcode == _DISCRETE:
        out.extend(words[offset + 2 : offset + 2 + count])
        return offset + 2 + count
    if opcode != _LINEAR or not out or not values:
        raise DamagedFile(tr("The palette's segments contradict the Standard."), tr("Export it as RGB."))
    start, rise = out[-1], values[0] - out[-1]
    out.extend(round(start + rise * step / count) for step in range(1, count + 1))
    return offset + 3
