"""The process in which files are read: what crashes, hangs or bloats it costs one file, never the server.

It is started by `engine.io.worker` as ``python -m engine.io.worker_process MEMORY SECONDS``, answers the requests of
its standard input on its standard output, and needs neither network, nor a place to write, nor any secret.
"""

from __future__ import annotations

import math
import os
import sys
from contextlib import suppress
from typing import IO, Any

from engine.errors import DamagedFile, TooLarge, UploadError
from engine.io.archive import Archive
from engine.io.content import is_archive, read_content
from engine.io.messages import Answer, File, Forget, Listing, Member, Packed, read_request, write_answer
from engine.io.seam import quiet
from engine.words import tr

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_FORBIDDEN = (
    "ctypes.dlopen",
    "os.exec",
    "os.fork",
    "os.link",
    "os.mkdir",
    "os.posix_spawn",
    "os.putenv",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.system",
    "os.truncate",
    "socket.",
    "subprocess.Popen",
)


class Reader:
    """Reads one request after another; an archive stays open for requests about its members until it is forgotten."""

    def __init__(self) -> None:
        self._archive: Archive | None = None

    def forget(self) -> None:
        """Let go of the archive that is open."""
        self._archive = None

    def answer(self, request: File | Member) -> Answer:
        """Read what is asked for, or say why it cannot be read: nothing is raised for any content."""
        try:
            return self._read(request)
        except UploadError as error:
            return error
        except MemoryError:
            return TooLarge(tr("The file needs more memory than there is."), tr("Export a smaller part of it."))
        except Exception as exc:  # a fault of ours: the file is refused, and the next one is read
            return DamagedFile(
                tr("The file cannot be read ({name}).", name=type(exc).__name__), tr("Export it again from its source.")
            )

    def _read(self, request: File | Member) -> Answer:
        if isinstance(request, File):
            self.forget()
            found = read_content(request.name, request.content)
            if not isinstance(found, Archive):
                return found
            self._archive = found
            return Listing(found.members)
        if self._archive is None:
            raise LookupError("no archive is open")
        content = self._archive.take(request.index)
        if is_archive(content):
            return Packed(content)
        records = read_content(request.name, content)
        return Listing(records.members) if isinstance(records, Archive) else records


def serve(requests: IO[bytes], answers: IO[bytes], seconds: float = math.inf) -> None:
    """Answer each request of a stream on another, each within so many seconds of processor time."""
    reader = Reader()
    while (request := read_request(requests)) is not None:
        if isinstance(request, Forget):
            reader.forget()
            continue
        _limit_time(seconds)
        write_answer(answers, reader.answer(request))
        del request  # not held while the next is awaited


def main(memory: int, seconds: float) -> None:
    """Answer the requests of the standard input until it ends."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # codecs write what they think of a file to both
    os.dup2(nowhere, 2)
    _limit("RLIMIT_AS", memory)
    _limit("RLIMIT_CORE", 0)  # a core file would hold the patient's file
    _limit("RLIMIT_FSIZE", 0)
    sys.addaudithook(_forbid)
    with quiet():
        serve(sys.stdin.buffer, answers, seconds)


def _forbid(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse what no reader needs: a connection, another process, a file that is written."""
    if event.startswith(_FORBIDDEN):
        raise PermissionError(event)
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITES:
        raise PermissionError(event)


def _limit(name: str, value: int) -> None:
    """Set a limit for good, where the system knows such limits (Windows does not)."""
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        resource.setrlimit(getattr(resource, name), (value, value))


def _limit_time(seconds: float) -> None:
    """Let the system end this process where one request takes too much processor time and nobody else does."""
    if not math.isfinite(seconds):
        return
    with suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
