"""The process in which compressed pixel data is decoded: a codec that aborts takes down this one, not the server.

It is started by `engine.io.decoder` as ``python -m engine.io.decoder_process``, reads whole DICOM files from its
standard input and writes arrays in NumPy's own format (NEP 1), each message behind its kind and length.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from io import BytesIO
from typing import BinaryIO

import numpy as np
from pydicom.pixels.utils import pixel_array

from engine.io.dicom_file import read_dataset
from engine.io.limits import DECODED_BYTES
from engine.io.seam import quiet

HEADER = struct.Struct("<cQ")
"""Kind and length of a message."""

FILE, ARRAY, UNKNOWN_SYNTAX, DAMAGED = b"F", b"A", b"U", b"D"

_MEMORY = 6 * DECODED_BYTES


def main() -> None:
    """Answer requests until the standard input ends."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # codecs write what they think of a file to both
    os.dup2(nowhere, 2)
    _limit_memory()
    with quiet():
        serve(sys.stdin.buffer, replies)


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer each request of a stream on another."""
    while header := requests.read(HEADER.size):
        _, length = HEADER.unpack(header)
        kind, payload = answer(requests.read(length))
        replies.write(HEADER.pack(kind, len(payload)))
        replies.write(payload)
        replies.flush()


def answer(data: bytes) -> tuple[bytes, bytes]:
    """Decode the pixel data of one DICOM file, or say why not."""
    try:
        pixels = pixel_array(read_dataset(data))
    except NotImplementedError:
        return UNKNOWN_SYNTAX, b""
    except Exception:  # whatever the decoders raise, the answer is that they could not
        return DAMAGED, b""
    buffer = BytesIO()
    np.save(buffer, pixels, allow_pickle=False)
    return ARRAY, buffer.getvalue()


def _limit_memory() -> None:
    """Let a codestream that asks for absurd memory fail here, where the system knows such limits."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


if __name__ == "__main__":
    main()
