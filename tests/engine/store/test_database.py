"""What can befall a database and its disk: clear words, nothing half done, and nothing lost that was acknowledged."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from engine.errors import StoreDamaged, StoreError, StoreUnavailable
from engine.store.database import Database
from engine.store.schema import Base
from engine.store.store import Store
from tests.engine.store.kept import READER, case_of, line_of, review_of

ROOT = Path(__file__).parents[3]
TURNS = {"sqlite": 14, "postgresql": 4}
SIDE_BY_SIDE = 2  # writers that are killed one after the other, while they wait for each other
CASE = case_of(1).case_id

WRITE = """
import sys
from pathlib import Path
from engine.errors import StoreUnavailable
from engine.store.chain import Action
from engine.store.store import Store
try:
    Store(Path(sys.argv[1])).record("reader", Action.CASE_OPENED, "case")
except StoreUnavailable as error:
    print(error)
"""


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """One case and a draft, in SQLite."""
    store = Store(tmp_path / "store")
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    store.reviews.save(review_of(CASE))
    yield store
    store.close()


@pytest.fixture
def by_hand(sqlite_store: Store, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program on the same file."""
    connection = sqlite3.connect(tmp_path / "store" / "attending.sqlite", isolation_level=None)
    yield connection
    connection.close()


def test_migrations_make_the_tables_that_the_records_say(store: Store) -> None:
    with store._database.reading() as session:
        context = MigrationContext.configure(session.connection())
        assert compare_metadata(context, Base.metadata) == []


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("loose_umask")
@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_no_other_user_can_read_a_database_its_log_a_backup_or_an_export(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    store = Store(folder)
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    store.backup(tmp_path / "backup.zip", actor=READER)
    store.export_events(tmp_path / "events.csv", actor=READER)
    kept = [*(path for path in folder.rglob("*") if path.is_file()), *tmp_path.glob("*.*")]
    assert {"attending.sqlite", "attending.sqlite-wal", "attending.sqlite-shm", "backup.zip", "events.csv"} <= {
        path.name for path in kept
    }
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in kept} == {path.name: "0o600" for path in kept}
    store.close()


@pytest.mark.usefixtures("loose_umask")
@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_database_that_others_could_read_is_closed_to_them_when_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "store" / "attending.sqlite"
    Store(tmp_path / "store").close()
    file.chmod(0o644)
    Store(tmp_path / "store").close()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_store_of_a_newer_version_is_left_alone(store: Store, open_again: Callable[..., Store]) -> None:
    with store._database.writing() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnavailable, match="newer version"):
        open_again()


def test_a_database_that_another_program_locks_is_told_and_goes_on_later(
    by_hand: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.database._PATIENCE", 0.2)
    store = Store(tmp_path / "store")
    draft = store.reviews.latest(CASE, READER)
    assert draft is not None
    by_hand.execute("BEGIN IMMEDIATE")
    for call in (lambda: store.reviews.save(draft), lambda: store.cases.remove(CASE, actor=READER)):
        with pytest.raises(StoreUnavailable, match=r"busy with another writer.*nothing was changed"):
            call()
    assert store.reviews.latest(CASE, READER) == draft
    by_hand.execute("ROLLBACK")
    assert store.reviews.save(draft).revision == 2
    assert store.verify().whole
    store.close()


def test_a_removal_that_leaves_something_behind_says_so(
    by_hand: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program reads, SQLite cannot empty its log; a disk may refuse to take a file away."""
    monkeypatch.setattr("engine.store.database._PATIENCE", 0.2)
    store = Store(tmp_path / "store")
    store.cases.add(case_of(2), line_of(case_of(2)), actor=READER)
    by_hand.execute("BEGIN")
    by_hand.execute("SELECT COUNT(*) FROM cases").fetchone()
    with pytest.raises(StoreUnavailable, match="It is removed, but parts of it are still on the disk"):
        store.cases.remove(CASE, actor=READER)
    by_hand.execute("ROLLBACK")
    assert store.cases.line(CASE) is None
    store.cases.remove(case_of(2).case_id, actor=READER)
    assert store.verify().whole
    store.close()


@pytest.mark.skipif(os.name != "posix", reason="rights of users as POSIX has them")
@pytest.mark.parametrize("part", ["", "attending.sqlite"])
def test_a_folder_that_may_not_be_written_to_is_told(sqlite_store: Store, tmp_path: Path, part: str) -> None:
    """Rights bind root too, once it has laid its capabilities down."""
    sqlite_store.close()
    folder = tmp_path / "store"
    links = _links(folder)
    (folder / part).chmod(0o400 if part else 0o500)
    command = [sys.executable, "-c", WRITE, str(folder)]
    if os.getuid() == 0:
        command = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert "the right to" in done.stdout
    folder.chmod(0o700)
    assert _links(folder) == links


def test_a_disk_that_is_read_only_is_told(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.close()
    folder = tmp_path / "store"
    links = _links(folder)
    script = f"mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}' && exec \"$@\""
    inside = ["unshare", "--mount", "sh", "-c", script, "sh"]
    if shutil.which("unshare") is None or subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("only root can mount a read-only disk")
    command = [*inside, sys.executable, "-c", WRITE, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.stderr == ""
    assert "its rights" in done.stdout
    assert _links(folder) == links


def _links(folder: Path) -> int:
    connection = sqlite3.connect(folder / "attending.sqlite")
    (count,) = connection.execute("SELECT COUNT(*) FROM events").fetchone()
    connection.close()
    return int(count)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 4 MB, where we may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.name == "posix" and shutil.which("mount") and os.getuid() == 0
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "attending-test", str(folder)]
    if not mounted or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


FULL = r"(full|no room).*nothing was changed"


def test_a_full_disk_is_told_and_what_was_kept_stays(small_disk: Path) -> None:
    store, kept = Store(small_disk / "store"), 0

    def keep(number: int) -> int:
        case = case_of(number, words=f"{number}" * 20_000)
        return store.cases.add(case, line_of(case), actor=READER)

    with pytest.raises(StoreUnavailable, match=FULL):  # noqa: PT012
        for number in range(10_000):
            kept += keep(number)
    assert kept > 0
    assert list((small_disk / "store" / "files").rglob("*.part")) == []
    report = store.verify()
    assert report.whole
    assert report.links == kept
    store.close()


def test_the_database_on_a_full_disk_is_told_and_goes_on_with_room(small_disk: Path) -> None:
    store = Store(small_disk / "store")
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    drafts = [store.reviews.save(review_of(CASE))]
    _fill_up(small_disk / "ballast")
    with pytest.raises(StoreUnavailable, match=FULL):  # noqa: PT012
        for _ in range(1000):
            drafts.append(store.reviews.save(drafts[-1]))
    assert store.reviews.latest(CASE, READER) == drafts[-1]
    (small_disk / "ballast").unlink()
    assert store.reviews.save(drafts[-1]).revision == len(drafts) + 1
    assert store.verify().whole
    store.close()


def _fill_up(path: Path) -> None:
    try:
        with path.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        return


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "attending.sqlite").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreDamaged, match="backup"):
        Store(tmp_path)


def test_a_damaged_database_is_told(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.close()
    path = tmp_path / "store" / "attending.sqlite"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError):
        Store(tmp_path / "store").verify()


def test_a_record_that_is_no_json_is_told(sqlite_store: Store, by_hand: sqlite3.Connection) -> None:
    by_hand.execute("UPDATE reviews SET content = 'no JSON'")
    for call in (lambda: sqlite_store.reviews.latest(CASE, READER), sqlite_store.verify):
        with pytest.raises(StoreDamaged, match="backup"):
            call()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no url", "no database URL"),
        ("zebra://host/name", "driver"),
        ("postgresql+psycopg://nobody@/none?host=/nowhere/at/all", "does not answer"),
        ("sqlite:////nowhere/at/all/attending.sqlite", "cannot be opened"),
    ],
)
def test_a_wrong_url_is_told(url: str, said: str) -> None:
    with pytest.raises(StoreUnavailable, match=said):
        Database(url)


def test_errors_quote_no_content(store: Store) -> None:
    with pytest.raises(StoreError) as refused, store._database.writing() as session:
        session.connection().exec_driver_sql("INSERT INTO cases (case_id, title) VALUES ('x', 'NAMEOFAPATIENT')")
    assert "NAMEOFAPATIENT" not in str(refused.value)


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    """Where writers are born."""
    command = [sys.executable, "-m", "tests.engine.store.writer"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, **pipes) as process:
        yield process


@pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked")
def test_killed_at_any_instant_nothing_acknowledged_is_lost(
    nursery: subprocess.Popen[str], tmp_path: Path, url: str | None
) -> None:
    """From the first instant on: also the tables are made by writers that are killed."""
    folder, chance = tmp_path / "store", random.Random(0)
    acknowledged: dict[str, set[str]] = defaultdict(set)
    links = 0
    for turn in range(TURNS["postgresql" if url else "sqlite"]):
        journals = [tmp_path / f"journal-{turn}-{place}" for place in range(SIDE_BY_SIDE)]
        writers = [[str(folder), url, SIDE_BY_SIDE * turn + at, str(path)] for at, path in enumerate(journals)]
        _live_and_die(nursery, writers, journals, chance)
        for journal in journals:
            for act, case_id in map(json.loads, journal.read_text().splitlines() if journal.exists() else ()):
                acknowledged[case_id].add(act)
        store = Store(folder, url)
        report = store.verify()
        assert report.faults == ()
        assert report.links >= links
        links = report.links
        store.close()
    assert len(acknowledged) >= TURNS["postgresql" if url else "sqlite"]
    _all_is_there(Store(folder, url), acknowledged)


def _live_and_die(
    nursery: subprocess.Popen[str], writers: list[list[object]], journals: list[Path], chance: random.Random
) -> None:
    """Kill each some time after it was born, or some time after it has acknowledged some acts."""
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps(writers) + "\n")
    nursery.stdin.flush()
    for process, journal in zip(json.loads(nursery.stdout.readline()), journals, strict=True):
        acts = chance.choice((0, 5, 10, 15))
        while acts and (not journal.exists() or journal.read_bytes().count(b"\n") < acts):
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.05))
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
