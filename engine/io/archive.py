"""Zip archives, read in memory and never unpacked to a disk: refused as a whole where one is unsafe."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath

from engine.errors import DamagedFile, PasswordProtected, TooLarge, UnsafeArchive, UnsupportedContent, UploadError
from engine.io.limits import ARCHIVE_BYTES, ARCHIVE_RATIO, FILE_BYTES, MIB, RATIO_FROM, Budget

_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1
_AGAIN = "Pack it again, or drop the files themselves."


def is_zip(data: bytes) -> bool:
    """True where the content is a zip archive, an empty one included."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def is_clutter(path: str) -> bool:
    """True for what operating systems leave beside the files that somebody meant: not worth a refusal."""
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or (
        bool(parts) and parts[-1].lower() in ("thumbs.db", "desktop.ini")
    )


def read_members(data: bytes, budget: Budget) -> Iterator[tuple[str, bytes | UploadError]]:
    """The files of an archive in order of name, each with its bytes or why it could not be taken out.

    Parameters
    ----------
    data : bytes
        The archive.
    budget : Budget
        What all archives of this upload may still unpack to.

    Raises
    ------
    UnsafeArchive
        For a zip bomb, a path that leaves the archive, or a link.
    PasswordProtected
        Where a member is encrypted.
    DamagedFile
        Where the directory of the archive cannot be read.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as exc:
        raise DamagedFile("The zip archive is damaged.", _AGAIN) from exc
    with archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        _check(members, len(data))
        for member in sorted(members, key=lambda member: member.filename):
            if not is_clutter(member.filename):
                budget.spend(member.file_size)
                yield member.filename, _read(archive, member)


def _check(members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > ARCHIVE_BYTES or (unpacked > RATIO_FROM and unpacked > ARCHIVE_RATIO * packed):
        raise UnsafeArchive(f"The archive would unpack to {unpacked // MIB:,} MiB.", "Drop the files themselves.")
    if any(_leaves(member.filename) or stat.S_ISLNK(member.external_attr >> 16) for member in members):
        raise UnsafeArchive("A file in the archive has a path that leads out of it.", _AGAIN)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise PasswordProtected("The archive is protected by a password.", "Pack it again without one.")
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise UnsupportedContent("The file is an Office document.", "Save it as plain text or PDF.")


def _leaves(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or bool(_DRIVE.match(path)) or ".." in PurePosixPath(path).parts


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | UploadError:
    if member.file_size > FILE_BYTES:
        return TooLarge(f"The file has more than {FILE_BYTES // MIB} MiB.", "Export a smaller part of it.")
    try:
        return archive.read(member)
    except Exception:  # zipfile passes on whatever its codecs raise
        return DamagedFile("The file cannot be unpacked from the archive.", _AGAIN)
