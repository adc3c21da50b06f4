"""When things go wrong before a reader: planted names are nowhere, and nothing acknowledged is lost."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pydicom
import pytest
from playwright.sync_api import Error, Page, expect

import sample_data
from engine import Store
from tests.browser.conftest import DASHBOARD, end, furnished, start_server
from tests.browser.steps import PATIENCE_MS, file, film, of_kind, upload, upload_note, viewer_of

pytestmark = pytest.mark.browser

KILLS = int(os.environ.get("ATTENDING_KILLS", "3"))
SAMPLES = Path(sample_data.__file__).parent / "cases"

# What names a patient, by where it is planted; no word of it may be anywhere but on the screen of who opened the file.
NAME, NUMBER, ACCESSION, PLACE, UID = "Zzyxmann", "PAT77831K", "ACC99172Q", "Quibbleton", "1.2.826.0.1.99887766"
FILE, NOTE, QUESTION, LETTERS, COMMENT = "Wexlerfile", "Ploverthwaite", "Mirabellow", "Snickerdoodle", "Frobnitzword"
PLANTED = (NAME, NUMBER, ACCESSION, PLACE, UID, FILE, NOTE, QUESTION, LETTERS)
BREAKS = f"CHIEF COMPLAINT: Chest pain. {NOTE} of {PLACE}, {NUMBER}. PLAN: Aspirin. This one breaks the program."

# A dashboard with a fault in it: the map of some notes fails, and quotes the note.
FAULTY = """
import runpy
import engine
engine.begin_logs()
from engine import pipeline
explain = pipeline.explain_case
def fails(case, *args, **kwargs):
    if case.note is not None and "breaks the program" in case.note.text:
        raise ValueError(f"unreadable: {case.note.text}")
    return explain(case, *args, **kwargs)
pipeline.explain_case = fails
runpy.run_module("dashboard", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page(width=1280, height=720)


@pytest.fixture
def serve(tmp_path: Path, home: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[bytes], str]]]:
    """Start a dashboard on this test's own folder; what still runs in the end is ended."""
    folder, running = furnished(tmp_path, home), []

    def start(*program: str) -> tuple[subprocess.Popen[bytes], str]:
        own = {name: str(folder / place) for name, place in (("TMPDIR", "tmp"), ("XDG_CACHE_HOME", "cache"))}
        for place in own.values():
            Path(place).mkdir(exist_ok=True)
        process, address = start_server(DASHBOARD, folder, program, own)
        running.append(process)
        return process, address

    yield start
    for process in running:
        if process.poll() is None:
            end(process)


def planted_film() -> bytes:
    """A film that names its patient wherever the Standard has a place for it."""
    dataset = pydicom.dcmread(io.BytesIO(film(512)))
    dataset.PatientName, dataset.PatientID, dataset.AccessionNumber = f"{NAME}^Jane", NUMBER, ACCESSION
    dataset.InstitutionName, dataset.PatientAddress, dataset.StudyDescription = PLACE, PLACE, f"Chest of {NAME}"
    dataset.StudyInstanceUID, dataset.StudyID = UID, ACCESSION
    dataset.add_new(0x00091010, "LO", NAME)
    content = io.BytesIO()
    dataset.save_as(content)
    return content.getvalue()


def test_planted_names_are_nowhere_after_a_full_run(
    page: Page, serve: Callable[..., tuple[object, str]], tmp_path: Path
) -> None:
    _, address = serve("-c", FAULTY)
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.on("framenavigated", lambda frame: urls.append(frame.url))

    upload(page, address, file(f"{FILE}.dcm", planted_film()))
    viewer_of(page)
    page.locator(".at-findings").first.wait_for(timeout=PATIENCE_MS)
    page.get_by_role("tab", name="Your verdict").click()
    page.get_by_label("Comment").fill(f"Seen by {COMMENT}")
    page.get_by_role("button", name="Sign as reader").click()
    page.get_by_role("tab", name="Report").click()
    with page.expect_download(timeout=PATIENCE_MS) as taken:
        page.get_by_role("link", name="Download PDF").click()
    assert not any(word in taken.value.suggested_filename for word in PLANTED)

    upload(page, address, file(f"{FILE}.bin", (SAMPLES / "breast-benign-1" / "image.png").read_bytes()))
    page.get_by_label("Question").fill(f"Is {QUESTION} a mass?")
    page.get_by_label("Question").press("Enter")
    page.locator(".question-map[data-ready='1']").wait_for(timeout=PATIENCE_MS)

    upload(page, address, file(f"{FILE}.fasta", f">{LETTERS} {NAME}\n{'ACGTAGGTAAGT' * 20}\n".encode()))
    page.get_by_role("tab", name="Your verdict").wait_for(timeout=PATIENCE_MS)
    upload(page, address, file(f"{FILE}.dcm", planted_film()[:3000]))
    expect(page.get_by_text(f"{FILE}.dcm").first).to_be_visible(timeout=PATIENCE_MS)

    upload_note(page, address, file(f"{FILE}.txt", BREAKS.encode()))
    fault = page.get_by_text("This is our fault, not yours").first
    fault.wait_for(timeout=PATIENCE_MS)
    page.screenshot(path=tmp_path.parent / "error-page.png")
    told = fault.inner_text()
    number = re.search(r"Say the number ([0-9A-F]{4}-[0-9A-F]{4}) when you report it", told)
    assert number is not None
    log = (tmp_path / "home" / "logs" / "attending.jsonl").read_text()
    line = next(line for line in map(json.loads, log.splitlines()) if line["number"] == number[1])
    assert line["kind"] == "ValueError"

    page.close()
    everywhere = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "streamlit.log" in everywhere
    for word in PLANTED:
        assert word not in told
        assert not [url for url in urls if word in url]
        assert [str(path) for path in everywhere if word.encode() in path.read_bytes()] == []
    kept = [path for path in everywhere if COMMENT.encode() in path.read_bytes()]
    assert {path.name for path in kept} <= {"attending.sqlite", "attending.sqlite-wal"}


def test_a_tab_closed_in_the_middle_of_an_upload_leaves_nothing_behind(
    page: Page, new_page: Callable[..., Page], serve: Callable[..., tuple[object, str]], tmp_path: Path
) -> None:
    _, address = serve()
    page.goto(f"{address}/open_case")
    page.get_by_text("Drop one or many files here").wait_for(timeout=PATIENCE_MS)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    with page.expect_request(lambda request: request.method == "PUT", timeout=PATIENCE_MS):
        page.locator("input[type=file]").set_input_files([file(f"{FILE}.dcm", film(1024))])
    page.wait_for_timeout(1000)
    page.close()

    later = new_page()
    upload(later, address, file("another.dcm", film(512)))
    viewer_of(later)
    later.locator(".at-findings").first.wait_for(timeout=PATIENCE_MS)
    assert later.locator(".at-problem, [data-testid='stAlertContentError']").count() == 0
    log = (tmp_path / "home" / "logs" / "attending.jsonl").read_text()
    assert [line for line in map(json.loads, log.splitlines()) if line["level"] == "error"] == []
    store = Store(tmp_path / "home")
    added = [event for event in store.events() if event.action == "case added"]
    assert len(added) == 1
    assert store.verify().whole
    store.close()


def test_killed_while_a_reader_writes_nothing_acknowledged_is_lost(
    new_page: Callable[..., Page], serve: Callable[..., tuple[subprocess.Popen[bytes], str]], tmp_path: Path
) -> None:
    chance, acknowledged = random.Random(0), 0
    for turn in range(KILLS):
        process, address = serve()
        page = new_page(width=1280, height=720)
        acknowledged, words = _write_until_killed(page, address, process, chance.uniform(0, 3), acknowledged)
        page.context.close()
        store = Store(tmp_path / "home")
        assert store.verify().whole
        kept = store.reviews.latest(of_kind(images=False, note=True), "reader")
        store.close()
        assert kept is not None
        assert kept.revision >= acknowledged, turn
        assert kept.comment in words
        with pytest.raises(OSError):  # nobody listens there any more
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=5)  # noqa: S310
        acknowledged = kept.revision
    sys.stdout.write(f"killed {KILLS} times; {acknowledged} changes acknowledged, none lost\n")


def _write_until_killed(
    page: Page, address: str, process: subprocess.Popen[bytes], seconds: float, before: int
) -> tuple[int, list[str]]:
    """Change a comment again and again; the last change that was acknowledged, and what may be kept: it or the next."""
    page.goto(address)
    page.locator(f"tr[data-case='{of_kind(images=False, note=True)}']").click(timeout=PATIENCE_MS)
    page.get_by_role("tab", name="Your verdict").click(timeout=PATIENCE_MS)
    comment = page.get_by_label("Comment")
    expect(comment).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)  # that the film was opened is a change too
    words = [comment.input_value()]
    killer = threading.Timer(seconds, process.send_signal, (signal.SIGKILL,))
    acknowledged, number = before, 0
    while not killer.finished.is_set():
        words.append(f"change {number} after {before}")
        with suppress(Error):
            comment.fill(words[-1], timeout=5000)
            comment.press("Control+Enter", timeout=5000)
        acknowledged = _next_change(page, acknowledged, PATIENCE_MS / 1000 if number == 0 else 5)
        if number == 0:
            killer.start()  # some time after a first change was acknowledged
        number += 1
    process.wait(timeout=10)
    return acknowledged, words[-3:]


def _next_change(page: Page, before: int, seconds: float) -> int:
    """Wait until the page says that a later change is saved; the change that it names in the end."""
    deadline, seen = time.monotonic() + seconds, before
    while seen <= before and time.monotonic() < deadline:
        said = page.get_by_text("Saved as a draft, change").all_inner_texts()
        seen = max((int(re.findall(r"\d+", words)[0]) for words in said), default=before)
        time.sleep(0.02)
    return seen
