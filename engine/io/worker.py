"""A small pool of processes that read files for everybody: first asked, first served, and replaced where one fails.

The server itself parses nothing that a reader drops. A process is started when it is first needed, kept warm, given no
environment but what Python needs, and ended when it takes too long. `Reading` is one file in the hands of the pool.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from engine.case import Record
from engine.errors import DamagedFile, TooSlow, UploadError
from engine.io.limits import READ_FAILURES, READ_MEMORY, READ_SECONDS, READ_TURN, READERS, Budget
from engine.io.messages import (
    MALFORMED,
    Answer,
    File,
    Forget,
    Found,
    Listing,
    Member,
    Packed,
    read_answer,
    write_request,
)
from engine.words import tr

_ROOT = Path(__file__).resolve().parents[2]
_ENVIRONMENT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT")
_PIPE = 1024 * 1024  # bytes


class Worker:
    """One process that reads, used by one thread at a time.

    Parameters
    ----------
    memory : int
        Bytes of address space that it may have, where the system knows such a limit.
    seconds : float
        How long it may read one file.
    """

    def __init__(self, *, memory: int = READ_MEMORY, seconds: float = READ_SECONDS) -> None:
        self._memory, self._seconds = memory, seconds
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process; None where there is none yet."""
        return None if self._process is None else self._process.pid

    def ask(self, request: File | Member, budget: Budget | None = None) -> Answer:
        """Have one request answered.

        Parameters
        ----------
        budget : Budget, optional
            The allowance from which the answer is taken.

        Raises
        ------
        DamagedFile
            Where the process ends: a native library aborted, or asked for more memory than it may have.
        TooSlow
            Where it takes too long.
        TooLarge
            Where the answer is more than what is left of the allowance.
        UploadError
            Where no process can be started.
        """
        try:
            process = self._running()
        except OSError as exc:
            raise UploadError(
                tr("No process to read the file could be started."), tr("Drop it again in a while.")
            ) from exc
        late = threading.Event()
        timer = threading.Timer(self._seconds, _end, (process, late))
        timer.start()
        answer: Answer | None = None
        try:
            answer = _exchange(process, request, budget)
        finally:
            timer.cancel()
            timer.join()  # else it could end the process while the next file is read
            if answer is None or late.is_set():
                self.close()
        if answer is not None:
            return answer
        if late.is_set():
            raise TooSlow(
                tr("It took longer than {seconds:.0f} s to read.", seconds=self._seconds),
                tr("Export a smaller part of it."),
            )
        raise _failed()

    def forget(self) -> None:
        """Have the archive that is open closed: a process that waits holds nothing of anybody's."""
        if self._process is None or self._process.stdin is None:
            return
        try:
            write_request(self._process.stdin, Forget())
        except OSError:  # it is gone, and what it held with it
            self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was still to be written has no reader any more
                    pipe.close()
        process.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self.close()  # ended by somebody while it waited
        if self._process is None:
            kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
            threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            module = (sys.executable, "-B", "-m", "engine.io.worker_process")
            self._process = subprocess.Popen(  # noqa: S603 our own module
                [*module, str(self._memory), str(self._seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**kept, **threads, "PYTHONPATH": str(_ROOT)},
                cwd=_ROOT,
                pipesize=_PIPE,
            )
        return self._process


def _failed() -> DamagedFile:
    return DamagedFile(tr("The file made its reader fail."), tr("Export it again from its source, uncompressed."))


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()


def _exchange(process: subprocess.Popen[bytes], request: File | Member, budget: Budget | None) -> Answer | None:
    """Send a request and wait for its answer; None where the process is gone or makes no sense."""
    if process.stdin is None or process.stdout is None:
        return None
    try:
        write_request(process.stdin, request)
        return read_answer(process.stdout, budget)
    except MALFORMED:
        return None


class Readers:
    """The pool: workers go from hand to hand in the order of asking."""

    def __init__(self, size: int = READERS, *, memory: int = READ_MEMORY, seconds: float = READ_SECONDS) -> None:
        self._lock = threading.Lock()
        self._workers = [Worker(memory=memory, seconds=seconds) for _ in range(size)]
        self._idle = list(self._workers)
        self._queue: deque[Future[Worker]] = deque()

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for a worker."""
        return bool(self._queue)

    def take(self) -> Worker:
        """Return a worker for this thread alone, when it is this thread's turn."""
        with self._lock:
            if self._idle:
                return self._idle.pop(0)
            place: Future[Worker] = Future()
            self._queue.append(place)
        try:
            return place.result()
        except BaseException:  # interrupted while waiting
            with self._lock:
                still = place in self._queue
                if still:
                    self._queue.remove(place)
            if not still:
                self.give(place.result())
            raise

    def give(self, worker: Worker) -> None:
        """Hand a worker to whoever has waited longest."""
        with self._lock:
            if self._queue:
                self._queue.popleft().set_result(worker)
            else:
                self._idle.insert(0, worker)  # the warm one first

    def close(self) -> None:
        """End all processes."""
        for worker in self._workers:
            worker.close()


class Reading:
    """One file in the hands of the pool; an archive's members are asked for one by one.

    A worker that fails is replaced, and the archive goes on behind the member that it failed on. Where others wait, the
    worker is lent to them between two members.

    Parameters
    ----------
    name, content : str, bytes
        The file.
    budget : Budget
        What is left of the allowance of the drop that the file is of.
    """

    def __init__(self, pool: Readers, name: str, content: bytes, budget: Budget) -> None:
        self._pool, self._file, self._budget = pool, File(name, content), budget
        self._worker: Worker | None = None
        self._since = 0.0

    def __enter__(self) -> Reading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()

    def file(self) -> tuple[Record, ...] | Listing:
        """Read the file, or list the archive.

        Raises
        ------
        UploadError
            Where it cannot be read.
        """
        found = self._ask(self._mine(), self._file)
        if isinstance(found, Packed):
            raise _failed()
        return found

    def member(self, name: str, index: int) -> tuple[Record, ...] | Packed:
        """Read one member of the archive.

        Raises
        ------
        UploadError
            Where it cannot be read.
        """
        if self._pool.awaited and time.monotonic() - self._since > READ_TURN:
            self.pause()
        if self._worker is None:
            self.file()  # it is opened again
        found = self._ask(self._mine(), Member(name, index))
        if isinstance(found, Listing):
            raise _failed()
        return found

    def pause(self) -> None:
        """Give the worker back, with nothing in its hands, until the next member is asked for."""
        if self._worker is not None:
            worker, self._worker = self._worker, None
            worker.forget()
            self._pool.give(worker)

    def _mine(self) -> Worker:
        if self._worker is None:
            self._worker, self._since = self._pool.take(), time.monotonic()
        return self._worker

    def _ask(self, worker: Worker, request: File | Member) -> Found:
        if self._budget.failures <= 0:
            raise DamagedFile(
                tr("It was left unread: {n} files beside it made their reader fail.", n=READ_FAILURES),
                tr("Drop it by itself."),
            )
        self._budget.hold(0)
        try:
            answer = worker.ask(request, self._budget)
        except UploadError:
            self._budget.failures -= 1
            self.pause()
            raise
        if isinstance(answer, UploadError):
            raise answer
        return answer


readers = Readers()
atexit.register(readers.close)
