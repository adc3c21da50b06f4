from __future__ import annotations

import signal
import socket
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from engine.case import Image
from engine.errors import DamagedFile
from engine.io.messages import File, Forget, Listing, Member, Packed, read_answer, write_request
from engine.io.worker_process import Reader, _forbid, serve
from tests.engine.io.test_archive import make_zip

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = Path(pydicom.__file__).parent / "data" / "test_files"
FILE = (SHIPPED / "CT_small.dcm").read_bytes()


def test_requests_are_answered_in_turn() -> None:
    requests, answers = BytesIO(), BytesIO()
    for request in (File("a", b"\0"), File("b", FILE), File("c", make_zip({"d": FILE})), Member("c/d", 0)):
        write_request(requests, request)
    requests.seek(0)
    serve(requests, answers)
    answers.seek(0)
    refused, read, listed, member = (read_answer(answers) for _ in range(4))
    assert type(refused).__name__ == "UnknownFormat"
    assert isinstance(read, tuple)
    assert isinstance(read[0], Image)
    assert listed == Listing((("d", len(FILE)),))
    assert isinstance(member, tuple)
    assert member[0].name == "c/d"


def test_an_archive_that_is_forgotten_is_let_go_of() -> None:
    requests, answers = BytesIO(), BytesIO()
    for request in (File("c", make_zip({"d": FILE})), Forget(), Member("c/d", 0), Forget(), File("b", FILE)):
        write_request(requests, request)
    requests.seek(0)
    serve(requests, answers)
    answers.seek(0)
    listed, member, read = (read_answer(answers) for _ in range(3))
    assert listed == Listing((("d", len(FILE)),))
    assert isinstance(member, DamagedFile)
    assert isinstance(read, tuple)
    assert not answers.read(), "what is forgotten is not answered"


def test_an_archive_in_an_archive_comes_out_unread() -> None:
    reader, inner = Reader(), make_zip({"a": FILE})
    reader.answer(File("x", make_zip({"inner.zip": inner})))
    assert reader.answer(Member("x/inner.zip", 0)) == Packed(inner)


def test_a_member_of_no_archive_is_a_refusal_and_no_crash() -> None:
    assert isinstance(Reader().answer(Member("x", 0)), DamagedFile)


def test_a_fault_of_a_reader_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.io.worker_process.read_content", lambda *_: 1 / 0)
    answer = Reader().answer(File("x", FILE))
    assert isinstance(answer, DamagedFile)
    assert "ZeroDivisionError" in str(answer)


DEEDS = (
    "import socket; socket.create_connection(('127.0.0.1', 9))",
    "import socket; socket.getaddrinfo('localhost', 9)",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
    "import os; os.system('true')",
    "open('written-by-a-reader', 'w')",
    "import os; os.open('written-by-a-reader', os.O_CREAT | os.O_WRONLY)",
    "import os; os.remove('pyproject.toml')",
    "import os; os.fork()",
)
CODE = """
import sys
from engine.io.worker_process import _forbid
sys.addaudithook(_forbid)
for rank, deed in enumerate(sys.argv[1:]):
    try:
        exec(deed)
    except PermissionError:
        continue
    sys.stdout.write(f"{rank} was done\\n")
"""


def test_what_no_reader_needs_is_forbidden(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE, *DEEDS]
    answer = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, check=True
    )
    assert answer.stdout == ""
    assert not list(tmp_path.iterdir())


def test_reading_a_file_is_not_forbidden() -> None:
    assert _forbid("open", (__file__, "r", 0)) is None  # type: ignore[func-returns-value]
    with pytest.raises(PermissionError):
        _forbid("socket.connect", (socket.AF_INET, ("127.0.0.1", 9)))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit of processor time")
def test_a_process_whose_server_is_gone_does_not_run_for_ever() -> None:
    code = "from engine.io.worker_process import _limit_time\n_limit_time(0.1)\nwhile True: pass"
    answer = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, timeout=100, check=False)
    assert answer.returncode == -signal.SIGXCPU
