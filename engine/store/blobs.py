"""Files named by the SHA-256 of their content, written whole or not at all, encrypted where a key is given.

Encryption is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce a file; the name is bound to the content, so that
two files cannot be exchanged.
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import StoreDamaged, StoreError, StoreUnavailable
from engine.words import tr

_PLAIN, _SEALED = b"ATT0", b"ATT1"
_NONCE = 12  # bytes
_KEY = 32
_SETTLED = 3600  # seconds


class Blobs:
    """A folder of files.

    Parameters
    ----------
    key : bytes or None
        32 bytes; None keeps content as it is, and cannot read what was encrypted.
    """

    def __init__(self, folder: Path, key: bytes | None = None) -> None:
        self._folder = folder
        self._cipher = AESGCM(key) if key else None

    def put(self, content: bytes) -> str:
        """Keep content; return its digest, 64 hexadecimal digits. It is on the disk when this returns.

        Raises
        ------
        StoreUnavailable
            If the disk is full or may not be written to: nothing is left behind.
        """
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        with _disk():
            with suppress(FileNotFoundError):  # taken away between the two looks: it is written anew
                if self._is_kept(digest):
                    os.utime(path)  # young again: no sweep takes it before its line is written
                    return digest
            path.parent.mkdir(parents=True, exist_ok=True)
            _sync_folder(self._folder)
            unfinished = path.with_name(f"{digest}.{secrets.token_hex(8)}.part")
            try:
                self._write(unfinished, digest, content)
                unfinished.replace(path)
                _sync_folder(path.parent)
            finally:
                unfinished.unlink(missing_ok=True)
        return digest

    def get(self, digest: str) -> bytes:
        """Return what was kept.

        Raises
        ------
        StoreDamaged
            If the file is gone, is not the one that was kept, or was encrypted with another key.
        """
        return self.open(self.raw(digest), digest)

    def raw(self, digest: str) -> bytes:
        """Return a file as it lies on the disk, encrypted or not.

        Raises
        ------
        StoreDamaged
            If it is gone.
        """
        with _disk():
            try:
                return self._path(digest).read_bytes()
            except FileNotFoundError as exc:
                raise StoreDamaged(
                    tr("A kept file is missing from the store."),
                    tr("Restore it from a backup; `attending audit verify`."),
                ) from exc

    def open(self, kept: bytes, digest: str) -> bytes:
        """Return the content of a file as `raw` gives it.

        Raises
        ------
        StoreDamaged
            If it is not the one that was kept, or was encrypted with another key.
        """
        content = self._unsealed(kept, digest)
        if hashlib.sha256(content).hexdigest() != digest:
            raise StoreDamaged(
                tr("A kept file was changed."), tr("Restore it from a backup; `attending audit verify`.")
            )
        return content

    def remove(self, digest: str) -> None:
        """Take a file away; nothing happens where there is none.

        Raises
        ------
        StoreUnavailable
            If the disk refuses: the file is still there.
        """
        with _disk():
            self._path(digest).unlink(missing_ok=True)

    def has(self, digest: str) -> bool:
        """Whether there is a file of this name."""
        with _disk():
            return self._path(digest).is_file()

    def sealed(self, digest: str) -> bool:
        """Whether a file lies encrypted on the disk; False where there is none."""
        try:
            with self._path(digest).open("rb") as file:
                return file.read(len(_SEALED)) == _SEALED
        except OSError:
            return False

    def sweep(self, kept: frozenset[str]) -> int:
        """Take away what nothing refers to, as a killed process may leave it; return how many files that were.

        Files of the last hour stay: another process may be about to refer to them.
        """
        before = time.time() - _SETTLED
        with _disk():
            files = [path for path in self._folder.glob("??/*") if path.name not in kept]
            return sum(_take_stale(path, before) for path in files)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _write(self, path: Path, digest: str, content: bytes) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            if self._cipher:
                nonce = os.urandom(_NONCE)
                file.write(_SEALED + nonce + self._cipher.encrypt(nonce, content, digest.encode()))
            else:
                file.write(_PLAIN)
                file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _is_kept(self, digest: str) -> bool:
        """Whether it is there already, can be read with this key, and is encrypted if it should be."""
        try:
            self.get(digest)
        except StoreDamaged:
            return False
        return self._cipher is None or self.sealed(digest)

    def _unsealed(self, kept: bytes, digest: str) -> bytes:
        if kept[:4] == _PLAIN:
            return kept[4:]
        if kept[:4] != _SEALED:
            raise StoreDamaged(
                tr("A kept file was changed."), tr("Restore it from a backup; `attending audit verify`.")
            )
        if self._cipher is None:
            raise StoreDamaged(
                tr("This file is encrypted, and no key was given."), tr("Set ATTENDING_KEY to the store's key.")
            )
        nonce, sealed = kept[4 : 4 + _NONCE], kept[4 + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, sealed, digest.encode())
        except (InvalidTag, ValueError) as exc:
            raise StoreDamaged(
                tr("This file was changed, or was encrypted with another key."),
                tr("Set ATTENDING_KEY to the key of the time, or restore the file from a backup."),
            ) from exc


def read_key(text: str) -> bytes:
    """Read a key as `attending store key` prints it: 32 bytes in base64 for URLs.

    Raises
    ------
    StoreError
        If it is none.
    """
    try:
        key = base64.b64decode(text.strip(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as exc:
        raise StoreError(tr("ATTENDING_KEY is no key."), tr("Make one with `attending store key`.")) from exc
    if len(key) != _KEY:
        raise StoreError(tr("ATTENDING_KEY has not 32 bytes."), tr("Make one with `attending store key`."))
    return key


def new_key() -> str:
    """Make a random key, in the form that `read_key` reads."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY)).decode()


def _take_stale(path: Path, before: float) -> bool:
    """Take a file away that is older than a moment; another process may have done so already."""
    try:
        if path.stat().st_mtime >= before:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk as well (POSIX); Windows has no such call and needs none."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk() -> Iterator[None]:
    """Translate what the disk says."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreUnavailable(
                tr("The disk of the store is full."), tr("Make room and try again; nothing was changed.")
            ) from exc
        raise StoreUnavailable(
            tr("The store's folder cannot be used."),
            tr("Give this user the right to read and write it; nothing was changed."),
        ) from exc
