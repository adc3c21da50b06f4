"""How much one upload may ask for, and why: every figure guards memory or time before anything is allocated."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import TooLarge, UnsafeArchive

MIB = 1024 * 1024

FILE_BYTES = 512 * MIB
"""One file. A tomosynthesis volume of 60 uncompressed views stays below it."""

NOTE_BYTES = 1 * MIB
"""One note. Some 180,000 words; a long discharge summary has 5,000, and a model reads window by window."""

DOCUMENT_BYTES = 32 * MIB
"""One document with a note in it, as unpacked: letters of a word processor bring their pictures along."""

SEQUENCE_BYTES = 256 * MIB
"""Bases of one file. The longest human chromosome has 248 million."""

SEQUENCE_RECORDS = 1_000
"""Sequences of one file: each is a case on the worklist."""

COURSE_BYTES = 16 * MIB
"""The file of one course. A FHIR Bundle spends 1,000 bytes on an observation."""

COURSE_OBSERVATIONS = 100_000
"""Observations of one course. Two days charted by the minute have half as many; two days by hand have 400."""

COURSE_HOURS = 24 * 366
"""Hours of one course: the longest stays last months."""

DECODED_BYTES = 1024 * MIB
"""The decoded pixels of one file, all frames. A cine run of 300 colour frames of 1024 x 768 takes 700 MiB."""

SIDE = 65_535
"""Rows or columns: (0028,0010) and (0028,0011) are 16-bit, and larger pictures are no single view."""

FRAMES = 10_000
"""Frames of one file, and pages of a TIFF."""

PDF_PAGES = 200
"""Pages of a PDF from which text is taken."""

ARCHIVE_FILES = 10_000
"""Files in one archive or folder: a large CT study has 3,000."""

ARCHIVE_BYTES = 2048 * MIB
"""Bytes that one archive may unpack to, nested ones included."""

ARCHIVE_DEPTH = 2
"""Archives within archives: some exports hold a zip per study, none hold a third level."""

ARCHIVE_RATIO = 200
"""Unpacked over packed bytes. Blank radiographs reach 100; deflate itself ends at 1032."""

RATIO_FROM = 64 * MIB
"""Below this size no ratio is dangerous."""


@dataclass
class Budget:
    """What is left of an archive's allowance while its members, and archives within it, are read."""

    files: int = ARCHIVE_FILES
    bytes: int = ARCHIVE_BYTES

    def spend(self, size: int) -> None:
        """Take one member of `size` bytes from the allowance.

        Raises
        ------
        TooLarge
            Where there are more files than the limit.
        UnsafeArchive
            Where the members unpack to more bytes than the limit.
        """
        self.files -= 1
        self.bytes -= size
        if self.files < 0:
            raise TooLarge(f"It holds more than {ARCHIVE_FILES:,} files.", "Drop one study at a time.")
        if self.bytes < 0:
            raise UnsafeArchive(
                f"The archive unpacks to more than {ARCHIVE_BYTES // MIB:,} MiB.",
                "Drop the files themselves, one study at a time.",
            )


def check_file_size(size: int) -> None:
    """Refuse a file before it is read.

    Parameters
    ----------
    size : int
        Bytes.

    Raises
    ------
    TooLarge
        Where `size` exceeds `FILE_BYTES`.
    """
    if size > FILE_BYTES:
        raise TooLarge(
            f"The file has more than {FILE_BYTES // MIB} MiB.", "Export the frames or the series that you need."
        )


def check_decoded_size(frames: int, rows: int, columns: int, bytes_per_pixel: float) -> None:
    """Refuse an image before its pixels are allocated.

    Parameters
    ----------
    bytes_per_pixel : float
        All samples of a pixel as stored; 1/8 for one bit.

    Raises
    ------
    TooLarge
        Where a side, the number of frames or the decoded pixels exceed the limits.
    """
    if frames > FRAMES:
        raise TooLarge(f"The image has {frames:,} frames; at most {FRAMES:,} are read.", "Export a part of the run.")
    if max(rows, columns) > SIDE:
        raise TooLarge(
            f"The image has {rows:,} x {columns:,} pixels; a side may have {SIDE:,}.", "Export a smaller view."
        )
    if frames * rows * columns * max(bytes_per_pixel, 1.0) > DECODED_BYTES:
        raise TooLarge(
            f"The image would take more than {DECODED_BYTES // MIB:,} MiB of memory.",
            "Export fewer frames or a smaller view.",
        )
