"""The one door for what a reader drops: records or one typed error come out, whatever is dropped.

Bytes pass through here unread: a process of its own reads them (`engine.io.worker`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.case import Record
from engine.errors import EmptyFile, UnsafeArchive, UploadError
from engine.io.archive import is_clutter
from engine.io.limits import ARCHIVE_DEPTH, FILE_BYTES, Budget, check_file_size
from engine.io.messages import Listing, Packed
from engine.io.worker import Reading, readers
from engine.words import tr

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO


@dataclass(frozen=True)
class Refusal:
    """A file that gave no record, by name, and why."""

    name: str
    error: UploadError


def read_upload(name: str, data: Source) -> tuple[Record, ...]:
    """Read one upload: a file, a zip archive or a folder.

    Parameters
    ----------
    name : str
        What the reader calls it; nothing is decided by it.
    data : bytes, path or binary file
        The content. Bytes are the content itself; a string or path names a file or a folder.

    Returns
    -------
    tuple of Image, Note, Course or Sequence
        One record for a file, or for each sequence of a FASTA file; for an archive or a folder those of each file in it
        that can be read, in order of name.

    Raises
    ------
    UploadError
        One of its kinds, where no record can be had. Nothing else is raised for any content.
    """
    outcomes = list(open_upload(name, data))
    records = tuple(outcome for outcome in outcomes if not isinstance(outcome, Refusal))
    if records:
        return records
    if outcomes and isinstance(outcomes[0], Refusal):
        raise outcomes[0].error
    raise EmptyFile(tr("There are no files in it."), tr("Drop images, notes, courses or sequences."))


def open_upload(name: str, data: Source, budget: Budget | None = None) -> Iterator[Record | Refusal]:
    """Read one upload file by file, each giving a record or a refusal; a process is held until it is exhausted.

    Parameters
    ----------
    budget : Budget, optional
        What is left of the allowance, where more than this is dropped at once.

    Raises
    ------
    UploadError
        Where the upload as a whole is refused: a single file, or an unsafe archive.
    """
    budget = Budget() if budget is None else budget
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        if path.is_dir():
            yield from _open_folder(name, path, budget)
            return
        content = _read_path(path)
    else:
        content = _read_bytes(data)
    yield from _open_content(name, content, budget, depth=0)


def _read_path(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UploadError(tr("There is no such file."), tr("Check its name and place."))
        check_file_size(path.stat().st_size)
        return path.read_bytes()
    except (OSError, ValueError) as exc:
        raise UploadError(tr("The file cannot be opened."), tr("Check its name, place and permissions.")) from exc


def _read_bytes(data: bytes | bytearray | memoryview | BinaryIO) -> bytes:
    if isinstance(data, bytes | bytearray | memoryview):
        check_file_size(len(data))
        return bytes(data)
    try:
        content = data.read(FILE_BYTES + 1)
    except (OSError, ValueError) as exc:
        raise UploadError(tr("The file cannot be read."), tr("Drop it again.")) from exc
    if not isinstance(content, bytes):
        raise TypeError("the file must be opened in binary mode")
    check_file_size(len(content))
    return content


def _open_folder(name: str, folder: Path, budget: Budget) -> Iterator[Record | Refusal]:
    """The files below a folder; links to folders are not followed."""
    paths = sorted(Path(parent, file) for parent, _, files in os.walk(folder) for file in files)
    for path in paths:
        inner = path.relative_to(folder).as_posix()
        if is_clutter(inner):
            continue
        budget.spend(0)
        try:
            yield from _open_content(f"{name}/{inner}", _read_path(path), budget, depth=0)
        except UploadError as error:
            yield Refusal(f"{name}/{inner}", error)


def _open_content(name: str, content: bytes, budget: Budget, *, depth: int) -> Iterator[Record | Refusal]:
    """One file's records, or those of an archive's members."""
    with Reading(readers, name, content, budget) as reading:
        found = reading.file()
        if not isinstance(found, Listing):
            yield from found
            return
        if depth >= ARCHIVE_DEPTH:
            raise UnsafeArchive(
                tr("Archives are packed more than {most} deep.", most=ARCHIVE_DEPTH), tr("Unpack the outer ones first.")
            )
        for index, (member, size) in enumerate(found.members):
            budget.spend(size)
            inner = f"{name}/{member}"
            try:
                answer = reading.member(inner, index)
                if isinstance(answer, Packed):
                    reading.pause()  # else it would wait for another worker with one in its hands
                    yield from _open_content(inner, answer.content, budget, depth=depth + 1)
                else:
                    yield from answer
            except UnsafeArchive:
                raise
            except UploadError as error:
                yield Refusal(inner, error)
