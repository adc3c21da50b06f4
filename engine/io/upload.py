"""The one door for what a reader drops: content decides what it is, and records or one typed error come out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.case import Course, Image, Note, Sequence
from engine.errors import EmptyFile, UnsafeArchive, UploadError
from engine.io.archive import is_clutter, is_zip, read_members
from engine.io.course import looks_like_course, read_course
from engine.io.dicom import read_dicom
from engine.io.dicom_file import looks_like_dicom
from engine.io.limits import ARCHIVE_DEPTH, FILE_BYTES, Budget, check_file_size
from engine.io.note_document import is_docx
from engine.io.note_format import looks_like_formatted_note, read_any_note
from engine.io.raster import raster_format, read_raster
from engine.io.sequence import looks_like_sequence, read_sequences

Source = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO
Record = Image | Note | Course | Sequence


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
    raise EmptyFile("There are no files in it.", "Drop images, notes, courses or sequences.")


def open_upload(name: str, data: Source) -> Iterator[Record | Refusal]:
    """Read one upload file by file, each giving a record or a refusal.

    Raises
    ------
    UploadError
        Where the upload as a whole is refused: a single file, or an unsafe archive.
    """
    if isinstance(data, str | os.PathLike):
        path = Path(data)
        if path.is_dir():
            yield from _open_folder(name, path)
            return
        content = _read_path(path)
    else:
        content = _read_bytes(data)
    yield from _open_content(name, content, Budget(), depth=0)


def _read_path(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UploadError("There is no such file.", "Check its name and place.")
        check_file_size(path.stat().st_size)
        return path.read_bytes()
    except (OSError, ValueError) as exc:
        raise UploadError("The file cannot be opened.", "Check its name, place and permissions.") from exc


def _read_bytes(data: bytes | bytearray | memoryview | BinaryIO) -> bytes:
    if isinstance(data, bytes | bytearray | memoryview):
        check_file_size(len(data))
        return bytes(data)
    try:
        content = data.read(FILE_BYTES + 1)
    except (OSError, ValueError) as exc:
        raise UploadError("The file cannot be read.", "Drop it again.") from exc
    if not isinstance(content, bytes):
        raise TypeError("the file must be opened in binary mode")
    check_file_size(len(content))
    return content


def _open_folder(name: str, folder: Path) -> Iterator[Record | Refusal]:
    """The files below a folder; links to folders are not followed."""
    budget = Budget()
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
    """One file's record, or those of an archive's members."""
    if not is_zip(content) or is_docx(content):
        yield from _read(name, content)
        return
    if depth >= ARCHIVE_DEPTH:
        raise UnsafeArchive(f"Archives are packed more than {ARCHIVE_DEPTH} deep.", "Unpack the outer ones first.")
    for member, data in read_members(content, budget):
        inner = f"{name}/{member}"
        if isinstance(data, UploadError):
            yield Refusal(inner, data)
            continue
        try:
            yield from _open_content(inner, data, budget, depth=depth + 1)
        except UnsafeArchive:
            raise
        except UploadError as error:
            yield Refusal(inner, error)


def _read(name: str, content: bytes) -> tuple[Record, ...]:
    """The records of one file, by the reader that its content calls for."""
    if not content:
        raise EmptyFile("The file is empty.", "Export it again from its source.")
    if looks_like_dicom(content):
        return (read_dicom(name, content),)
    if raster_format(content) is not None:
        return (read_raster(name, content),)
    if looks_like_formatted_note(content):
        return (read_any_note(name, content),)
    if looks_like_sequence(content):
        return read_sequences(name, content)
    if looks_like_course(content):
        return (read_course(name, content),)
    return (read_any_note(name, content),)
