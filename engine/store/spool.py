"""Cases that belong to one session alone and are not at hand: out of memory, in files that nobody else can open.

The files have no name and are gone with the process, whatever ends it. What is written is sealed with AES-256-GCM
under a key that only this object holds, so that the blocks which the disk keeps say nothing.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.case import Case
from engine.errors import NotKept, StoreUnavailable
from engine.store.records import pack_case, unpack_case
from engine.words import tr

_NONCE = 12  # bytes


class Spool:
    """Puts cases away and gives them back; for one session, whose end ends it."""

    def __init__(self) -> None:
        self._key = AESGCM(AESGCM.generate_key(256))
        self._files: dict[str, IO[bytes]] = {}
        weakref.finalize(self, _close_all, self._files)

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._files

    def put(self, case: Case) -> None:
        """Put a case away; one that was there is replaced.

        Raises
        ------
        StoreUnavailable
            If the disk is full or may not be written to: then nothing changes.
        """
        nonce = os.urandom(_NONCE)
        sealed = self._key.encrypt(nonce, pack_case(case, names=True), case.case_id.encode())
        try:
            file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open: it has no name to open it by
            try:
                file.write(nonce + sealed)
                file.flush()
            except OSError:
                file.close()
                raise
        except OSError as exc:
            raise StoreUnavailable(tr("A case cannot be put on the disk."), tr("Make room where TMPDIR lies.")) from exc
        self.drop(case.case_id)
        self._files[case.case_id] = file

    def get(self, case_id: str) -> Case:
        """Give a case back; it stays where it is.

        Raises
        ------
        NotKept
            If it is not here, or is not what was put here.
        """
        try:
            file = self._files[case_id]
            file.seek(0)
            content = file.read()
            return unpack_case(self._key.decrypt(content[:_NONCE], content[_NONCE:], case_id.encode()))
        except (KeyError, OSError, InvalidTag) as exc:
            raise NotKept(tr("This case is not here any more."), tr("Open its files again.")) from exc

    def drop(self, case_id: str) -> None:
        """Forget a case."""
        file = self._files.pop(case_id, None)
        if file is not None:
            file.close()


def _close_all(files: dict[str, IO[bytes]]) -> None:
    while files:
        files.popitem()[1].close()
