"""One file's content to its records, or to the archive that it is: the content alone decides, by its first bytes."""

from __future__ import annotations

from engine.case import Record
from engine.errors import EmptyFile
from engine.io.archive import Archive, is_gzip, is_zip, unpack_gzip
from engine.io.course import looks_like_course, read_course
from engine.io.dicom import read_dicom
from engine.io.dicom_file import looks_like_dicom
from engine.io.foreign import refuse_foreign, refuse_markup
from engine.io.note_docx import is_docx
from engine.io.note_format import looks_like_formatted_note, read_any_note
from engine.io.raster import raster_format, read_raster
from engine.io.sequence import looks_like_sequence, read_sequences
from engine.words import tr


def read_content(name: str, content: bytes) -> tuple[Record, ...] | Archive:
    """Read one file by the reader that its content calls for.

    Parameters
    ----------
    name : str
        What the reader calls it; nothing is decided by it.

    Returns
    -------
    tuple of Image, Note, Course or Sequence, or Archive
        An archive's members are not read yet.

    Raises
    ------
    UploadError
        One of its kinds, where no record can be had. Nothing else is raised for any content.
    """
    if is_gzip(content):
        content = unpack_gzip(content)
    refuse_foreign(content)
    if is_archive(content):
        return Archive(content)
    if not content:
        raise EmptyFile(tr("The file is empty."), tr("Export it again from its source."))
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
    refuse_markup(content)
    return (read_any_note(name, content),)


def is_archive(content: bytes) -> bool:
    """Whether the content is a zip archive of files, and no document that is packed like one."""
    return is_zip(content) and not is_docx(content)
