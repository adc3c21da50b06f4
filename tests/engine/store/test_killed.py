"""Killed at any instant: whatever was acknowledged is there, the chain is whole, and the next one goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.store.store import Store
from tests.engine.store.kept import READER

ROOT = Path(__file__).parents[3]
TURNS = {"sqlite": 14, "postgresql": 4}
SIDE_BY_SIDE = 2  # writers that are killed one after the other, while they wait for each other

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    """Where writers are born."""
    command = [sys.executable, "-m", "tests.engine.store.writer"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, **pipes) as process:
        yield process


def test_nothing_acknowledged_is_lost(nursery: subprocess.Popen[str], tmp_path: Path, url: str | None) -> None:
    """From the first instant on: also the tables are made by writers that are killed."""
    folder, chance = tmp_path / "store", random.Random(0)
    acknowledged: dict[str, set[str]] = defaultdict(set)
    links = 0
    for turn in range(TURNS["postgresql" if url else "sqlite"]):
        journals = [tmp_path / f"journal-{turn}-{place}" for place in range(SIDE_BY_SIDE)]
        writers = [[str(folder), url, SIDE_BY_SIDE * turn + at, str(path)] for at, path in enumerate(journals)]
        _live_and_die(nursery, writers, chance)
        for journal in journals:
            for act, case_id in map(json.loads, journal.read_text().splitlines() if journal.exists() else ()):
                acknowledged[case_id].add(act)
        store = Store(folder, url)
        report = store.verify()
        assert report.faults == ()
        assert report.links >= links
        links = report.links
        store.close()
    assert len(acknowledged) > 2 * TURNS["postgresql" if url else "sqlite"]
    _all_is_there(Store(folder, url), acknowledged)


def _live_and_die(nursery: subprocess.Popen[str], writers: list[list[object]], chance: random.Random) -> None:
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps(writers) + "\n")
    nursery.stdin.flush()
    for process in json.loads(nursery.stdout.readline()):
        time.sleep(chance.uniform(0.02, 0.6))
        os.kill(process, signal.SIGKILL)
    assert json.loads(nursery.stdout.readline()) == [signal.SIGKILL] * SIDE_BY_SIDE


def _all_is_there(store: Store, acknowledged: dict[str, set[str]]) -> None:
    told = {event.subject for event in store.events(latest=1_000_000) if event.action == "case removed"}
    for case_id, acts in acknowledged.items():
        if case_id in told:
            continue  # removed, acknowledged or not
        assert "removed" not in acts
        assert store.cases.read(case_id).case_id == case_id
        assert "answer" not in acts or store.answers.of(case_id)
        review = store.reviews.latest(case_id, READER)
        assert "draft" not in acts or review is not None
        assert "signed" not in acts or (review is not None and review.signed)
    store.close()
