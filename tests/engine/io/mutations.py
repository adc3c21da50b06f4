"""Damage as it happens to DICOM files, and as it is done to them: cuts, changed bytes, lengths, tags, value types.

`python -m tests.engine.io.mutations COUNT [FOLDER ...]` reads so many mutations of the files in folders, and of those
that pydicom ships, through the door, and says what became of them.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

import pydicom

VRS = b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
SHIPPED = Path(pydicom.__file__).parent / "data"
_ELEMENT = re.compile(rb"(?s)[\x00-\xff][\x00-\x70][\x00-\xff][\x00-\xff](" + b"|".join(VRS) + rb")")
_LENGTHS = (b"\0\0", b"\xff\xff", b"\1\0", b"\xff\x7f", b"\0\x80")
_HEAD = 8192  # bytes


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Damage a file in one to four ways."""
    damaged = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        rng.choice((_cut, _flip, _flip_head, _length, _tags, _vr, _double))(damaged, rng)
    return bytes(damaged)


def _cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data) + 1) :]


def _flip(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 20) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)


def _flip_head(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.randint(1, 6) if data else 0):
        data[rng.randrange(min(len(data), _HEAD))] ^= 1 << rng.randrange(8)


def _elements(data: bytearray) -> list[int]:
    return [match.start() for match in _ELEMENT.finditer(bytes(data[:_HEAD]))]


def _length(data: bytearray, rng: random.Random) -> None:
    if places := _elements(data):
        place = rng.choice(places) + rng.choice((6, 8, 10))
        data[place : place + 2] = rng.choice(_LENGTHS)


def _tags(data: bytearray, rng: random.Random) -> None:
    places = _elements(data)
    if len(places) > 1:
        one, other = rng.sample(places, 2)
        data[one : one + 4], data[other : other + 4] = data[other : other + 4], data[one : one + 4]


def _vr(data: bytearray, rng: random.Random) -> None:
    if places := _elements(data):
        place = rng.choice(places) + 4
        data[place : place + 2] = rng.choice(VRS)


def _double(data: bytearray, rng: random.Random) -> None:
    if data:
        start = rng.randrange(len(data))
        stretch = data[start : start + rng.randint(1, 400)]
        place = rng.randrange(len(data))
        data[place:place] = stretch


def files(*folders: Path) -> list[Path]:
    """The files of some folders, and those that pydicom ships; the largest left out."""
    found = [path for folder in (SHIPPED, *folders) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in found if path.suffix in ("", ".dcm") and path.stat().st_size < 3_000_000]


def main(count: int, folders: list[Path]) -> None:
    """Read so many mutations."""
    from engine.errors import UploadError
    from engine.io.upload import read_upload

    rng = random.Random(2026)
    sources = files(*folders)
    ended: Counter[str] = Counter()
    began, slowest = time.monotonic(), 0.0
    for rank in range(count):
        data = mutate(sources[rank % len(sources)].read_bytes(), rng)
        start = time.monotonic()
        try:
            read_upload("x", data)
            ended["read"] += 1
        except UploadError as error:
            failed = "made its reader fail" in error.happened
            ended["crash of a codec" if failed else type(error).__name__] += 1
            if "cannot be read (" in error.happened:  # a fault of ours that the process caught
                ended[f"mutation {rank}: {error.happened}"] += 1
        slowest = max(slowest, time.monotonic() - start)
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{count} mutations of {len(sources)} files in {seconds:.0f} s, slowest {slowest:.1f} s\n{ended}\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
