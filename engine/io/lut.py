"""Look-up tables of PS3.3 C.11.1.1 (Modality LUT) and C.11.2.1.1 (VOI LUT): reading one, applying one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from engine.case import Pixels, VoiLut
from engine.errors import DamagedFile
from engine.words import tr

_MOST_BITS = 16


def read_descriptor(ds: Dataset, keyword: str) -> tuple[int, int, int]:
    """Number of entries, first value mapped and bits of an entry (C.11.1.1: 0 entries mean 65,536).

    Raises
    ------
    DamagedFile
        Where there are not three numbers, or an entry has impossible bits.
    """
    values = ds.get(keyword)
    if values is None or isinstance(values, str | bytes) or len(values) != 3:
        raise DamagedFile(tr("A look-up table has no valid descriptor."), tr("Export it again from its source."))
    entries, first, bits = (int(value) for value in values)
    if not 1 <= bits <= _MOST_BITS:
        raise DamagedFile(
            tr("A look-up table says it has entries of {bits} bits.", bits=bits), tr("Export it again from its source.")
        )
    return (entries & 0xFFFF) or 0x10000, first, bits


def read_entries(value: Any, *, entries: int, little_endian: bool) -> NDArray[np.uint16]:
    """The entries of a table, written as words (OW) or numbers (US), or as packed bytes where too few for words.

    Returns
    -------
    numpy.ndarray
        ``(entries,)`` uint16.

    Raises
    ------
    DamagedFile
        Where there are fewer entries than the descriptor says.
    """
    if isinstance(value, bytes | bytearray):
        words = len(value) >= 2 * entries
        table = np.frombuffer(value, ("<u2" if little_endian else ">u2") if words else np.uint8)
        if not words and not little_endian:
            table = _swapped(table)
    else:
        table = np.atleast_1d(np.asarray(value if value is not None else [], np.int64)) & 0xFFFF
    if table.size < entries:
        raise DamagedFile(tr("A look-up table is shorter than it says."), tr("Export it again from its source."))
    return table[:entries].astype(np.uint16)


def _swapped(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Bytes packed into big endian words come out in pairs the wrong way round (PS3.5 section 7.3)."""
    return packed[: packed.size // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)


def read_lut(item: Dataset, *, little_endian: bool) -> VoiLut:
    """One item of a Modality or VOI LUT Sequence.

    Raises
    ------
    DamagedFile
        Where descriptor and data do not fit.
    """
    entries, first, bits = read_descriptor(item, "LUTDescriptor")
    table = read_entries(item.get("LUTData"), entries=entries, little_endian=little_endian)
    return VoiLut(table, first, bits, explanation=str(item.get("LUTExplanation") or "")[:64])


def apply_table(values: Pixels, table: NDArray[Any], first: int) -> NDArray[Any]:
    """Map values; those below `first` take the first entry, those past the end the last (C.11.1.1).

    Parameters
    ----------
    values : numpy.ndarray
        Any shape; integers, or floats whose fraction is dropped.
    table : numpy.ndarray
        ``(entries,)`` or ``(entries, samples)``.

    Returns
    -------
    numpy.ndarray
        The shape of `values`, followed by ``samples`` where the table has them; the table's type.
    """
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=first)
    low, high = first, first + len(table) - 1
    index = np.clip(values, low, high).astype(np.int64) - first
    return table[index]
