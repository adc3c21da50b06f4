from __future__ import annotations

import io
import os
import signal
import statistics
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from engine.case import Note
from engine.errors import DamagedFile, TooLarge, TooSlow, UploadError
from engine.io import upload, worker
from engine.io.limits import MIB, READ_FAILURES, Budget
from engine.io.messages import Answer, File, Member
from engine.io.upload import Refusal, open_upload, read_upload
from engine.io.worker import Readers, Worker
from engine.io.worker_process import Reader

SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
COMPRESSED = (SHIPPED / "MR_small_jp2klossless.dcm").read_bytes()
NOTE = File("note.txt", b"Findings: none.")


def aborting() -> bytes:
    """A JPEG of which one byte of a marker makes a codec call abort(): found by changing bytes at random."""
    data = bytearray((SHIPPED / "SC_rgb_small_odd_jpeg.dcm").read_bytes())
    data[1895] = 0x32
    return bytes(data)


def black_png(side: int) -> bytes:
    """A picture that takes a kilobyte on the disk for each megabyte in memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes((3 * side + 1) * side), 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def one() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.close()


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    """A pool of one worker behind the door."""
    made = Readers(1)
    monkeypatch.setattr(upload, "readers", made)
    yield made
    made.close()


def _is_read(answer: Answer) -> bool:
    return isinstance(answer, tuple) and len(answer) == 1


def test_one_process_reads_file_after_file(one: Worker) -> None:
    assert _is_read(one.ask(NOTE))
    first = one.pid
    assert _is_read(one.ask(File("x", COMPRESSED)))
    assert one.pid == first != os.getpid()


def test_pixels_come_back_as_they_were_read_and_may_be_written_to(one: Worker) -> None:
    answer = one.ask(File("x", COMPRESSED))
    assert isinstance(answer, tuple)
    (image,) = answer
    np.testing.assert_array_equal(image.pixels[0], pydicom.dcmread(io.BytesIO(COMPRESSED)).pixel_array)  # type: ignore[union-attr]
    assert image.pixels.flags.writeable  # type: ignore[union-attr]


def test_a_codec_that_aborts_costs_one_file_and_one_process(one: Worker) -> None:
    with pytest.raises(DamagedFile, match="made its reader fail"):
        one.ask(File("x", aborting()))
    assert _is_read(one.ask(NOTE))


def test_a_process_that_was_ended_while_it_waited_is_replaced_unnoticed(one: Worker) -> None:
    one.ask(NOTE)
    first = one.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert one._process is not None
    one._process.wait()
    assert _is_read(one.ask(NOTE))
    assert one.pid != first


def test_what_takes_too_long_is_ended_and_said() -> None:
    hasty = Worker(seconds=0.0)
    with pytest.raises(TooSlow, match="longer than 0 s"):
        hasty.ask(NOTE)
    hasty.close()


def test_a_bomb_meets_the_limit_of_memory() -> None:
    """The picture passes all that is declared, and needs more than this worker has."""
    small = Worker(memory=600 * MIB)
    try:
        answer = small.ask(File("x", black_png(8_000)))
        assert isinstance(answer, TooLarge)
        assert "memory" in answer.happened
        assert _is_read(small.ask(NOTE))
    finally:
        small.close()


def test_a_worker_gets_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch, one: Worker) -> None:
    monkeypatch.setenv("ATTENDING_KEY", "of-the-store")
    one.ask(NOTE)
    given = Path(f"/proc/{one.pid}/environ")
    if given.exists():
        names = {entry.partition(b"=")[0] for entry in given.read_bytes().split(b"\0") if entry}
        assert names <= {b"LANG", b"LC_ALL", b"LD_LIBRARY_PATH", b"PATH", b"PYTHONPATH"} | {
            b"OMP_NUM_THREADS",
            b"OPENBLAS_NUM_THREADS",
        }


def test_what_a_compromised_process_says_is_not_believed(one: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    liar = b'{"records": [["Case", {}]], "arrays": []}'
    monkeypatch.setattr(worker, "_exchange", lambda process, request, budget: _said(liar))
    with pytest.raises(DamagedFile):
        one.ask(NOTE)


def _said(text: bytes) -> Answer | None:
    try:
        return worker.read_answer(io.BytesIO(len(text).to_bytes(8, "little") + text))
    except worker.MALFORMED:
        return None


def test_what_can_be_read_beside_a_crash_is_read(pool: Readers) -> None:
    inner = packed(a=b"Findings: first.", b=aborting(), c=b"Findings: second.")
    outcomes = list(open_upload("x.zip", packed(d=aborting(), e=inner, f=COMPRESSED)))
    refused = [outcome.name for outcome in outcomes if isinstance(outcome, Refusal)]
    assert refused == ["x.zip/d", "x.zip/e/b"]
    assert [outcome.name for outcome in outcomes] == ["x.zip/d", "x.zip/e/a", "x.zip/e/b", "x.zip/e/c", "x.zip/f"]


def test_an_upload_that_makes_reader_after_reader_fail_is_given_up(pool: Readers) -> None:
    members = {f"{rank}": aborting() for rank in range(READ_FAILURES + 2)}
    outcomes = [outcome for outcome in open_upload("x.zip", packed(**members)) if isinstance(outcome, Refusal)]
    failed = ["made its reader fail" in outcome.error.happened for outcome in outcomes]
    assert failed == [True] * READ_FAILURES + [False] * 2
    assert "left unread" in outcomes[-1].error.happened
    assert len(read_upload("next.txt", b"Findings: none.")) == 1


def test_who_asks_first_is_served_first(pool: Readers) -> None:
    held = pool.take()
    order: list[int] = []
    threads: list[threading.Thread] = []

    def wait(rank: int) -> None:
        taken = pool.take()
        order.append(rank)
        pool.give(taken)

    for rank in range(4):
        threads.append(threading.Thread(target=wait, args=(rank,)))
        threads[-1].start()
        while len(pool._queue) <= rank:
            time.sleep(0.001)
    pool.give(held)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3]


def test_a_long_archive_lets_others_in_between_two_files(pool: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "READ_TURN", 0.0)
    ended: list[str] = []
    outcomes = open_upload("long.zip", packed(**{f"{rank:03}": b"Findings: none." for rank in range(200)}))
    next(outcomes)  # type: ignore[call-overload]
    other = threading.Thread(target=lambda: ended.append(read_upload("short.txt", b"Findings: some.")[0].name))
    other.start()
    while not pool.awaited:
        time.sleep(0.001)
    rest = []
    for outcome in outcomes:
        rest.append(outcome)
        if len(rest) == 100:
            other.join(60)
            assert ended == ["short.txt"]
    assert len(rest) == 199
    assert all(isinstance(outcome, Note) for outcome in rest)


def test_an_upload_that_nobody_goes_on_with_gives_its_worker_back(pool: Readers) -> None:
    outcomes = open_upload("x.zip", packed(a=b"Findings: none.", b=b"Findings: none."))
    next(outcomes)  # type: ignore[call-overload]
    outcomes.close()  # type: ignore[attr-defined]
    assert len(read_upload("next.txt", b"Findings: none.")) == 1


def test_a_worker_that_is_handed_back_keeps_no_archive(pool: Readers) -> None:
    with worker.Reading(pool, "x", packed(a=b"Findings: none."), Budget()) as reading:
        reading.file()
        reading.pause()
        handed = pool.take()
        assert isinstance(handed.ask(Member("x/a", 0)), DamagedFile)
        pool.give(handed)
        assert _is_read(reading.member("x/a", 0)), "it is opened again"
    assert isinstance(pool.take().ask(Member("x/a", 0)), DamagedFile)


def test_a_worker_that_was_ended_before_it_was_handed_back_is_replaced(pool: Readers) -> None:
    with worker.Reading(pool, "x", packed(a=b"Findings: none."), Budget()) as reading:
        reading.file()
        process = pool._workers[0]._process
        assert process is not None
        process.kill()
        process.wait()
    assert len(read_upload("next.txt", b"Findings: none.")) == 1


def test_many_sessions_at_once_get_what_is_theirs() -> None:
    shared = Readers(2)
    wrong: list[str] = []

    def read(rank: int) -> None:
        for turn in range(10):
            text = f"Findings: patient {rank} at {turn}."
            with worker.Reading(shared, "x", packed(a=text.encode()), Budget()) as reading:
                reading.file()
                answer = reading.member("a", 0)
            if not (isinstance(answer, tuple) and isinstance(answer[0], Note) and answer[0].text == text):
                wrong.append(text)

    threads = [threading.Thread(target=read, args=(rank,)) for rank in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shared.close()
    assert not wrong


def test_the_way_through_the_worker_costs_little(make_dicom: Any, one: Worker) -> None:
    """A film of 2048 x 2048 with 16 bits: read here and there, in turns; the ratio is printed."""
    request = File("film", make_dicom(np.random.default_rng(0).integers(0, 4096, (1, 2048, 2048)).astype(np.uint16)))
    here = Reader()
    one.ask(request)
    alone, passed = [], []
    for _ in range(7):
        began = time.perf_counter()
        here.answer(request)
        middle = time.perf_counter()
        one.ask(request)
        alone.append(middle - began)
        passed.append(time.perf_counter() - middle)
    ratio = statistics.median(passed) / statistics.median(alone)
    sys.stdout.write(f"a film takes {ratio:.2f} times as long through a worker, {statistics.median(passed):.3f} s\n")
    assert ratio < 12


def test_where_no_process_can_be_started_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr(worker.subprocess, "Popen", full)
    with pytest.raises(UploadError, match="No process"):
        Worker().ask(NOTE)
