"""The log quotes nobody, whoever writes into it; each line has its number; the file stays small and its owner's."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.logs import LOG_FILE, LOGS, kind_of, log_file, log_number, numbered, told_of

SECRET = "JANE^DOE-1970"  # noqa: S105
NUMBER = re.compile(r"[0-9A-F]{4}-[0-9A-F]{4}")

# A process in which everything goes wrong that can be logged, each time with a patient's name in its words.
ALL_GOES_WRONG = """
import asyncio, logging, sys, threading, warnings
from engine.logs import begin_logs, log_error, numbered
begin_logs()
import streamlit as st
from streamlit.logger import get_logger
SECRET = sys.argv[1]

def fail():
    try:
        raise KeyError(SECRET)
    except KeyError as exc:
        raise ValueError("a note says " + SECRET) from exc

def caught(write):
    try:
        fail()
    except ValueError as exc:
        write(exc)

class Unraisable:
    def __del__(self):
        fail()

async def loses_a_task():
    task = asyncio.ensure_future(failing())
    await asyncio.sleep(0.01)

async def failing():
    fail()

with numbered("AAAA-0001"):
    caught(lambda exc: get_logger("streamlit.app").error("Uncaught " + SECRET, exc_info=exc))
    caught(lambda exc: logging.getLogger("pydicom").warning("Invalid value %r", SECRET))
    caught(lambda exc: logging.getLogger("uvicorn.error").error(exc))
    caught(lambda exc: logging.getLogger("engine.io").warning("Read %s of %d files", SECRET, 7, exc_info=exc))
    caught(lambda exc: log_error("dashboard.components.frame", "A page failed.", exc))
    logging.getLogger("engine.io").info("Nothing %s", "wrong")
    warnings.warn("not a valid name: " + SECRET)
thread = threading.Thread(target=fail, name=SECRET)
thread.start(); thread.join()
Unraisable()
asyncio.run(loses_a_task())
st.session_state.get(SECRET)
fail()
"""


def test_whatever_goes_wrong_the_log_and_the_console_quote_nobody(own_store: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", ALL_GOES_WRONG, SECRET], capture_output=True, text=True, check=False
    )
    written = (own_store / LOGS / LOG_FILE).read_text()
    assert done.returncode == 1
    assert SECRET not in done.stdout + done.stderr + written
    lines = [json.loads(line) for line in written.splitlines()]
    kinds = [line["kind"] for line in lines]
    assert kinds.count("ValueError < KeyError") >= 7
    assert "UserWarning" in kinds
    ours = next(line for line in lines if line["logger"] == "engine.io")
    assert ours["said"] == "Read … of 7 files"
    assert ours["place"].startswith("<string>:")
    assert {line["number"] for line in lines} == {"AAAA-0001", ""}
    assert "error: dashboard.components.frame: A page failed. ValueError < KeyError (AAAA-0001)" in done.stderr


def test_a_log_that_cannot_be_written_costs_nothing_but_the_log(own_store: Path) -> None:
    (own_store / LOGS).write_text("a file where the folder should be")
    begin = "from engine.logs import begin_logs; begin_logs(); print('goes on')"
    done = subprocess.run([sys.executable, "-c", begin], capture_output=True, text=True, check=True)
    assert done.stdout == "goes on\n"
    assert "The log cannot be written: this console is all. FileExistsError EEXIST" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full, as Linux has it")
def test_a_full_disk_costs_nothing_but_the_log(own_store: Path) -> None:
    (own_store / LOGS).mkdir()
    (own_store / LOGS / LOG_FILE).symlink_to("/dev/full")
    begin = "import logging; from engine.logs import begin_logs; begin_logs()"
    begin += "; logging.getLogger('engine').error('one'); print('goes on')"
    done = subprocess.run([sys.executable, "-c", begin], capture_output=True, text=True, check=True)
    assert done.stdout == "goes on\n"
    assert "Traceback" not in done.stderr


def test_files_are_this_users_alone_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.logs._BYTES", 2_000)
    handler = log_file(tmp_path / "home")
    try:
        for number in range(300):
            handler.handle(logging.makeLogRecord({"name": "engine", "msg": "Line %d", "args": (number,)}))
    finally:
        handler.close()
    kept = sorted((tmp_path / "home" / LOGS).iterdir())
    assert len(kept) == 6
    assert all(file.stat().st_size <= 2_000 for file in kept)
    newest = (tmp_path / "home" / LOGS / LOG_FILE).read_text().splitlines()
    assert json.loads(newest[-1])["said"] == "Line 299"
    if os.name == "posix":
        assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
        for folder in (tmp_path / "home", tmp_path / "home" / LOGS):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_number_holds_for_all_within_it_and_for_nothing_else() -> None:
    assert log_number() == ""
    with numbered() as number:
        assert NUMBER.fullmatch(number)
        with numbered() as within:
            assert within == number == log_number()
        seen: list[str] = []
        thread = threading.Thread(target=lambda: seen.append(log_number()))
        thread.start()
        thread.join()
        assert seen == [""]
    assert log_number() == ""
    with numbered("1234-ABCD"):
        assert told_of(logging.makeLogRecord({"name": "engine"}))["number"] == "1234-ABCD"


def test_kinds_name_what_they_came_from_without_words() -> None:
    error = ValueError(SECRET)
    error.__cause__ = OSError(28, SECRET)
    assert kind_of(error) == "ValueError < OSError ENOSPC"


def test_no_code_of_ours_puts_words_into_a_log_before_the_filter() -> None:
    """The filter keeps the words that stand in our code: they must be literals, or figures in them."""
    root = Path(__file__).parents[2]
    call = re.compile(
        r"\b(?:logger|_log|logging)\.(?:debug|info|warning|error|exception|critical)\(\s*(f[\"']|[^\"'\s])"
    )
    for room in ("engine", "dashboard"):
        for file in (root / room).rglob("*.py"):
            assert not call.search(file.read_text("utf-8")), file.name
