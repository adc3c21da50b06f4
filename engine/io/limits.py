"""How much one upload may ask for, and why: every figure guards memory or time before anything is allocated."""

from __future__ import annotations

import os
from dataclasses import dataclass

from engine.errors import TooLarge, UnsafeArchive
from engine.words import tr

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

DROP_BYTES = 4096 * MIB
"""What all files of one drop may hold once they are read. Three CT studies of 2,500 slices of 512 x 512 take it."""

SIDE = 65_535
"""Rows or columns: (0028,0010) and (0028,0011) are 16-bit, and larger pictures are no single view."""

FRAMES = 10_000
"""Frames of one file, and pages of a TIFF."""

PDF_PAGES = 200
"""Pages of a PDF from which text is taken."""

ARCHIVE_FILES = 10_000
"""Files in the archives and folders of one drop: a large CT study has 3,000."""

ARCHIVE_BYTES = 2048 * MIB
"""Bytes that the archives of one drop may unpack to, nested ones included."""

ARCHIVE_DEPTH = 2
"""Archives within archives: some exports hold a zip per study, none hold a third level."""

ARCHIVE_RATIO = 200
"""Unpacked over packed bytes. Blank radiographs reach 100; deflate itself ends at 1032."""

RATIO_FROM = 64 * MIB
"""Below this size no ratio is dangerous."""

READ_SECONDS = 120.0
"""Longest time to read one file: a thousand JPEG 2000 frames of a run take one minute."""

READ_MEMORY = 6 * DECODED_BYTES
"""Memory of a process that reads: the file, its decoded pixels, and their values at four bytes each."""

READ_FAILURES = 5
"""How many files of one drop may end the process that reads them before the rest of it is left unread."""

READERS = max(2, min(4, os.cpu_count() or 1))
"""Processes that read at the same time: two at least, so that one slow file never stops every other reader."""

READ_TURN = 2.0
"""Seconds for which an archive is read while others wait, in whole files; then it is their turn."""


@dataclass
class Budget:
    """What is left of the allowance of one drop while its files, and archives among them, are read."""

    files: int = ARCHIVE_FILES
    bytes: int = ARCHIVE_BYTES
    failures: int = READ_FAILURES
    held: int = DROP_BYTES

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
            raise TooLarge(
                tr("It holds more than {most:,} files.", most=ARCHIVE_FILES),
                tr("Drop one study at a time."),
            )
        if self.bytes < 0:
            raise UnsafeArchive(
                tr("The archives unpack to more than {most:,} MiB.", most=ARCHIVE_BYTES // MIB),
                tr("Drop the files themselves, one study at a time."),
            )

    def hold(self, size: int) -> None:
        """Take what a file holds once it is read, `size` bytes, from the allowance; all behind it is too much as well.

        Raises
        ------
        TooLarge
            Where the files together hold more than the limit.
        """
        self.held -= size
        if self.held < 0:
            raise TooLarge(
                tr("The files together would take more than {most:,} MiB of memory.", most=DROP_BYTES // MIB),
                tr("Drop fewer files at once."),
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
            tr("The file has more than {most} MiB.", most=FILE_BYTES // MIB),
            tr("Export the frames or the series that you need."),
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
        raise TooLarge(
            tr("The image has {frames:,} frames; at most {most:,} are read.", frames=frames, most=FRAMES),
            tr("Export a part of the run."),
        )
    if max(rows, columns) > SIDE:
        raise TooLarge(
            tr(
                "The image has {rows:,} x {columns:,} pixels; a side may have {most:,}.",
                rows=rows,
                columns=columns,
                most=SIDE,
            ),
            tr("Export a smaller view."),
        )
    if frames * rows * columns * max(bytes_per_pixel, 1.0) > DECODED_BYTES:
        raise TooLarge(
            tr("The image would take more than {most:,} MiB of memory.", most=DECODED_BYTES // MIB),
            tr("Export fewer frames or a smaller view."),
        )
