"""Zip archives and files packed by gzip, read in memory and never unpacked to a disk: unsafe ones are refused."""

from __future__ import annotations

import gzip
import re
import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from engine.errors import DamagedFile, PasswordProtected, TooLarge, UnsafeArchive, UnsupportedContent
from engine.io.limits import ARCHIVE_BYTES, ARCHIVE_RATIO, FILE_BYTES, MIB, RATIO_FROM
from engine.words import mark, tr

_DRIVE = re.compile(r"[A-Za-z]:")
_ENCRYPTED = 0x1
_AGAIN = mark("Pack it again, or drop the files themselves.")


def is_zip(data: bytes) -> bool:
    """True where the content is a zip archive, an empty one included."""
    return data[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")


def packed_names(data: bytes) -> frozenset[str]:
    """Names of the files in a zip archive; none where it is no archive, or its directory cannot be read."""
    if not is_zip(data):
        return frozenset()
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except Exception:  # zipfile trusts the directory: IndexError and struct.error are among what it raises
        return frozenset()


def is_gzip(data: bytes) -> bool:
    """True where the content is one file packed by gzip."""
    return data[:3] == b"\x1f\x8b\x08"


def unpack_gzip(data: bytes) -> bytes:
    """Unpack a file that was packed by gzip, or by bgzip in blocks.

    Raises
    ------
    UnsafeArchive
        For a bomb.
    DamagedFile
        Where it cannot be unpacked, or ends too early.
    """
    most = min(FILE_BYTES, max(RATIO_FROM, ARCHIVE_RATIO * len(data)))
    try:
        with gzip.GzipFile(fileobj=BytesIO(data)) as file:
            unpacked = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise DamagedFile(tr("The file cannot be unpacked."), tr(_AGAIN)) from exc
    if len(unpacked) > most:
        raise UnsafeArchive(
            tr("The file would unpack to more than {most:,} MiB.", most=most // MIB), tr("Drop a smaller part of it.")
        )
    return unpacked


def is_clutter(path: str) -> bool:
    """True for what operating systems leave beside the files that somebody meant: not worth a refusal."""
    parts = PurePosixPath(path).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts) or (
        bool(parts) and parts[-1].lower() in ("thumbs.db", "desktop.ini")
    )


class Archive:
    """An archive that is open.

    Parameters
    ----------
    data : bytes
        The archive.

    Raises
    ------
    UnsafeArchive
        For a zip bomb, a path that leaves the archive, or a link.
    PasswordProtected
        Where a member is encrypted.
    DamagedFile
        Where the directory of the archive cannot be read.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except Exception as exc:  # zipfile trusts the directory: IndexError and struct.error are among what it raises
            raise DamagedFile(tr("The zip archive is damaged."), tr(_AGAIN)) from exc
        members = [member for member in self._archive.infolist() if not member.filename.endswith("/")]
        _check(members, len(data))
        wanted = [member for member in members if not is_clutter(member.filename)]
        self._members = sorted(wanted, key=lambda member: member.filename)

    @property
    def members(self) -> tuple[tuple[str, int], ...]:
        """Path and unpacked bytes of each file, in order of path; clutter is left out."""
        return tuple((member.filename, member.file_size) for member in self._members)

    def take(self, index: int) -> bytes:
        """Unpack one member.

        Raises
        ------
        TooLarge
            Where it has more bytes than a file may have.
        DamagedFile
            Where it cannot be unpacked.
        """
        member = self._members[index]
        if member.file_size > FILE_BYTES:
            raise TooLarge(
                tr("The file has more than {most} MiB.", most=FILE_BYTES // MIB), tr("Export a smaller part of it.")
            )
        try:
            return self._archive.read(member)
        except Exception as exc:  # zipfile passes on whatever its codecs raise
            raise DamagedFile(tr("The file cannot be unpacked from the archive."), tr(_AGAIN)) from exc


def _check(members: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    if unpacked > ARCHIVE_BYTES or (unpacked > RATIO_FROM and unpacked > ARCHIVE_RATIO * packed):
        raise UnsafeArchive(
            tr("The archive would unpack to {size:,} MiB.", size=unpacked // MIB),
            tr("Drop the files themselves."),
        )
    if any(_leaves(member.filename) or stat.S_ISLNK(member.external_attr >> 16) for member in members):
        raise UnsafeArchive(tr("A file in the archive has a path that leads out of it."), tr(_AGAIN))
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise PasswordProtected(tr("The archive is protected by a password."), tr("Pack it again without one."))
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise UnsupportedContent(tr("The file is an Office document."), tr("Save it as plain text or PDF."))


def _leaves(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or bool(_DRIVE.match(path)) or ".." in PurePosixPath(path).parts
