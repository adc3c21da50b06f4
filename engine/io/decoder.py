"""Compressed pixel data decoded in a process of its own, because a damaged codestream can abort the codecs' C and C++.

The process is started with the first compressed file, kept for the next ones, and replaced where it died or hung.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

import numpy as np

from engine.case import Pixels
from engine.errors import DamagedFile, UnsupportedContent
from engine.io.decoder_process import ARRAY, FILE, HEADER, UNKNOWN_SYNTAX

SECONDS = 120.0
"""Longest time for one file: a thousand JPEG 2000 frames of a run take one minute."""

_ROOT = Path(__file__).resolve().parents[2]
_ELSEWHERE = "Export it uncompressed."


class Decoder:
    """One decoding process, used by one thread at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def decode(self, data: bytes, *, seconds: float = SECONDS) -> Pixels:
        """Decode the pixel data of a DICOM file as `pydicom.pixels.pixel_array` does.

        Parameters
        ----------
        data : bytes
            The whole file.
        seconds : float
            How long it may take.

        Raises
        ------
        UnsupportedContent
            Where no decoder knows the transfer syntax.
        DamagedFile
            Where every decoder refused the data, or one aborted or hung on it.
        """
        with self._lock:
            process = self._running()
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            try:
                kind, payload = _exchange(process, data)
            except OSError as exc:
                self._stop()
                raise DamagedFile("The compressed image made its decoder fail.", _ELSEWHERE) from exc
            finally:
                timer.cancel()
        if kind == ARRAY:
            pixels: Pixels = np.load(BytesIO(payload), allow_pickle=False)
            return pixels
        if kind == UNKNOWN_SYNTAX:
            raise UnsupportedContent("No decoder is installed for this compression.", _ELSEWHERE)
        raise DamagedFile("The image is damaged, or compressed in a way that no decoder here knows.", _ELSEWHERE)

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.io.decoder_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
            )
        return self._process

    def _stop(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was still to be written has no reader any more
                    pipe.close()
        process.wait()


def _exchange(process: subprocess.Popen[bytes], data: bytes) -> tuple[bytes, bytes]:
    """Send one file and wait for the answer; `OSError` where the process is gone."""
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    process.stdin.write(HEADER.pack(FILE, len(data)))
    process.stdin.write(data)
    process.stdin.flush()
    header = process.stdout.read(HEADER.size)
    if len(header) < HEADER.size:
        raise BrokenPipeError
    kind, length = HEADER.unpack(header)
    payload = process.stdout.read(length)
    if len(payload) < length:
        raise BrokenPipeError
    return kind, payload


decoder = Decoder()
atexit.register(decoder.close)
