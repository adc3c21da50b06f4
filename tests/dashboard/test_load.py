"""A real server with several sessions at once: each reader sees their own patient, and memory is given back."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dashboard.load.films import Film, films
from dashboard.load.readers import Pace, Tally, _check, read_together
from dashboard.load.server import Server, own_server
from dashboard.load.session import LoadError, ReaderSession, reading
from engine.cli import main

pytestmark = pytest.mark.slow
FILMS_MEGABYTES = 12  # of a large film as Streamlit holds it while it is read


@pytest.fixture(scope="module")
def patients() -> list[Film]:
    return films(2)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MALLOC_TRIM_THRESHOLD_", str(2**20))  # glibc keeps no freed blocks: what is resident is held
        with own_server() as started:
            yield started


def upload(server: Server, film: Film) -> ReaderSession:
    session = ReaderSession(server.address)
    session.go_to("open_case")
    session.upload("-upload-files-", "film.png", film.content)
    return session


def test_two_patients_at_once_are_never_mixed(server: Server, patients: list[Film]) -> None:
    assert patients[0].said != patients[1].said
    tally = read_together(server.address, patients, seconds=1.0, pace=Pace(thinking=False))
    assert tally.wrong == []
    assert tally.visits >= 2
    assert tally.unfinished + len(tally.seconds["its badge"]) == tally.visits


def test_another_patients_answer_would_be_found_out(server: Server, patients: list[Film]) -> None:
    session = upload(server, patients[0])
    _check(session, patients[0])
    with pytest.raises(LoadError, match="not that of the session's own film"):
        _check(session, replace(patients[0], said=patients[1].said))
    session.close()


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_sessions_that_end_give_their_memory_back(server: Server, patients: list[Film]) -> None:
    def visit(number: int) -> None:
        with reading(server.address) as session:
            session.go_to("open_case")
            session.upload("-upload-files-", "film.png", patients[number % 2].content)
            _check(session, patients[number % 2])

    for number in range(4):
        visit(number)
    before = server.memory()
    for number in range(8):
        visit(number)
    grown = server.memory() - before
    assert not math.isnan(grown)
    assert grown < 8 * FILMS_MEGABYTES / 2, f"8 sessions left {grown:.1f} MB behind"


def test_a_failure_is_counted_and_not_hidden(patients: list[Film]) -> None:
    tally = Tally()
    assert tally.timed("a step", lambda: "done") == "done"
    assert len(tally.seconds["a step"]) == 1
    found = read_together("http://127.0.0.1:9", patients[:1], seconds=0.05, pace=Pace(thinking=False))
    assert found.visits == 0
    assert found.wrong


def test_a_load_needs_readers_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "load", "--sessions", "0"]) == 2
    assert "readers and time" in capsys.readouterr().err
