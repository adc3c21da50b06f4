"""The store as a whole: what verifying finds, what removing leaves, and many writers at once, over both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from engine.errors import NotKept
from engine.store.chain import Action, content_digest
from engine.store.records import pack_review
from engine.store.store import Store, open_store
from engine.store.worklist import Query
from tests.engine.store.kept import READER, answer_of, case_of, holds, line_of, review_of

Open = Callable[..., Store]
Run = Callable[[str], None]

APPENDS = """
import sys
from pathlib import Path
from engine.store.store import Store
from engine.store.chain import Action
folder, url, who = sys.argv[1:]
store = Store(Path(folder), url or None)
for number in range(50):
    store.record(who, Action.CASE_OPENED, "case", number=number)
"""


@pytest.fixture
def by_hand(tmp_path: Path, url: str | None) -> Run:
    """Change the database past the store, as its administrator could."""

    def run(statement: str) -> None:
        engine = create_engine(url or f"sqlite:///{tmp_path / 'store' / 'attending.sqlite'}")
        try:
            with engine.begin() as connection:
                assert connection.execute(text(statement)).rowcount == 1
        finally:
            engine.dispose()

    return run


@pytest.fixture
def filled(store: Store) -> Store:
    """One case with an answer, a draft and a signed review."""
    case = case_of(1)
    store.cases.add(case, line_of(case), actor=READER)
    store.answers.keep(answer_of(case.case_id), actor=READER, priority=0.7)
    store.reviews.sign(store.reviews.save(review_of(case.case_id)))
    store.reviews.save(review_of(case.case_id, reader="second@example.org"))
    assert store.verify().whole
    return store


def test_every_act_is_a_link_and_tells_nothing_of_the_patient(filled: Store) -> None:
    report = filled.verify()
    assert report.links == 5
    newest_first = [event.action for event in filled.events()]
    assert newest_first == ["review saved", "review signed", "review saved", "answer kept", "case added"]
    assert report.digest == filled.events()[0].digest
    assert filled.events(latest=1) == filled.events()[:1]
    told = " ".join(str(event.detail) for event in filled.events())
    assert "Case 1" not in told
    assert "pneumonia" not in told


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE reviews SET content = REPLACE(CAST(content AS TEXT), '80', '81'){json} WHERE version = 1", "reviews"),
        ("UPDATE reviews SET reader = 'nobody@example.org' WHERE reader = 'reader@example.org'", "reviews"),
        ("UPDATE reviews SET state = 'draft' WHERE state = 'signed'", "reviews"),
        ("UPDATE reviews SET signed_at = NULL WHERE state = 'signed'", "reviews"),
        ("UPDATE reviews SET content = 'null' WHERE state = 'signed'", "reviews"),
        ("DELETE FROM reviews WHERE state = 'signed'", "One of the reviews of case {case} is missing."),
        ("UPDATE answers SET model_digest = 'b'", "answers"),
        ("UPDATE answers SET content = REPLACE(CAST(content AS TEXT), '0.7', '0.2'){json}", "answers"),
        ("DELETE FROM answers", "One of the answers of case {case} is missing."),
        ("UPDATE cases SET blob = NULL", "Case {case} is not the one that was added."),
        ("DELETE FROM cases", "Case {case} is missing, and nothing tells that it was removed."),
        ("UPDATE events SET actor = 'nobody@example.org' WHERE place = 2", "Link 2 was changed."),
        ("UPDATE events SET detail = '[]' WHERE place = 2", "Link 2 was changed."),
        ("DELETE FROM events WHERE place = 3", "Link 3 is missing."),
        ("DELETE FROM events WHERE place = 5", "The chain ends at link 4, but was last written at link 5."),
        ("DELETE FROM chain_head", "The chain ends at link 5, but was last written at link 0."),
        (
            "INSERT INTO cases (case_id, title, kind, modality, tasks, headline, blob, {columns}, added_at) "
            "SELECT 'slipped in', title, kind, modality, tasks, headline, blob, {columns}, added_at FROM cases",
            "Case slipped in is not the one that was added.",
        ),
    ],
)
def test_what_is_changed_by_hand_is_found(
    filled: Store, by_hand: Run, url: str | None, statement: str, fault: str
) -> None:
    statement = statement.replace("{json}", "::json" if url else "").replace(
        "WHERE version = 1", "WHERE state = 'signed'"
    )
    by_hand(statement.replace("{columns}", "synthetic, waiting"))
    if fault in ("reviews", "answers"):
        fault = f"One of the {fault} of case {{case}} is not as it was written."
    assert fault.format(case=case_of(1).case_id[:16]) in filled.verify().faults


def test_an_older_word_put_back_by_hand_is_found(store: Store, by_hand: Run, url: str | None) -> None:
    """Its digest stands in the chain, but a newer one stands there too."""
    case = case_of(1)
    store.cases.add(case, line_of(case), actor=READER)
    draft = store.reviews.save(review_of(case.case_id, comment="first"))
    older = store.events(latest=1)[0].detail["content"]
    store.reviews.save(draft)
    content = """REPLACE(CAST(content AS TEXT), '"revision": 2', '"revision": 1')""" + ("::json" if url else "")
    by_hand(f"UPDATE reviews SET revision = 1, content = {content}")  # noqa: S608
    put_back = store.reviews.latest(case.case_id, READER)
    assert put_back is not None
    assert content_digest(pack_review(put_back)) == older
    assert store.verify().faults == (f"One of the reviews of case {case.case_id[:16]} is not as it was written.",)


def test_a_changed_file_is_found_only_where_files_are_read(filled: Store, tmp_path: Path) -> None:
    (file,) = (tmp_path / "store" / "files").glob("??/*")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    assert filled.verify(files=False).whole
    (fault,) = filled.verify().faults
    assert fault == f"File {file.name[:12]}: A kept file was changed."
    file.unlink()
    assert "missing" in filled.verify().faults[0]


def test_a_removed_case_is_in_no_file_any_more(store: Store, open_again: Open, tmp_path: Path, url: str | None) -> None:
    words = "SECRETWORDS of the note"
    case, stays = case_of(1, words=words), case_of(2, words="Words that stay.")
    for one in (case, stays):
        store.cases.add(one, line_of(one, title=f"TITLE of {one.title}"), actor=READER)
        store.answers.keep(answer_of(one.case_id), actor=READER, headline=f"HEADLINE of {one.title}")
        store.reviews.save(review_of(one.case_id, comment=f"COMMENT on {one.title}"))
    content = [words.encode(), case.images[0].pixels.tobytes(), b"TITLE of Case 1"]
    gone = [*content, b"HEADLINE of Case 1", b"COMMENT on Case 1"]
    before = holds(tmp_path / "store", *gone)
    assert before == set(gone if url is None else content)
    store.cases.remove(case.case_id, actor=READER)
    assert holds(tmp_path / "store", *gone) == set()
    assert store.verify().whole
    assert store.events(latest=1)[0].action == Action.CASE_REMOVED
    for missing in (store.cases.read, lambda case_id: store.cases.remove(case_id, actor=READER)):
        with pytest.raises(NotKept):
            missing(case.case_id)
    assert store.cases.line(case.case_id) is None
    assert store.reviews.of(case.case_id) == ()
    assert store.answers.of(case.case_id) == ()
    assert [line.case_id for line in open_again().cases.page(Query()).lines] == [stays.case_id]
    note = store.cases.read(stays.case_id).note
    assert note is not None
    assert note.text == "Words that stay."


def test_a_patient_goes_with_all_cases_and_nobody_else(store: Store) -> None:
    cases = [case_of(1, patient="one"), case_of(2, patient="two"), case_of(3, patient="one"), case_of(4)]
    for case in cases:
        store.cases.add(case, line_of(case), actor=READER)
    assert store.cases.remove_patient_of(cases[0].case_id, actor=READER) == 2
    assert {line.case_id for line in store.cases.page(Query()).lines} == {cases[1].case_id, cases[3].case_id}
    assert store.cases.remove_patient_of(cases[3].case_id, actor=READER) == 1
    assert {line.case_id for line in store.cases.page(Query()).lines} == {cases[1].case_id}
    with pytest.raises(NotKept):
        store.cases.remove_patient_of(cases[0].case_id, actor=READER)
    assert store.verify().whole


def test_a_case_that_was_removed_can_come_back(filled: Store) -> None:
    case = case_of(1)
    filled.cases.remove(case.case_id, actor=READER)
    assert filled.cases.add(case, line_of(case), actor=READER)
    assert not filled.cases.add(case, line_of(case), actor=READER)
    assert filled.verify().whole


def test_a_clock_that_was_set_back_is_told_and_is_no_fault(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.record(READER, Action.CASE_OPENED, "case")

    class Yesterday(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2020, 1, 1, tzinfo=UTC)

    monkeypatch.setattr("engine.store.chain.datetime", Yesterday)
    store.record(READER, Action.CASE_OPENED, "case")
    report = store.verify()
    assert report.whole
    assert report.remarks == ("The clock was set back before link 2.",)
    assert [event.place for event in store.events()] == [2, 1]


def test_threads_append_without_a_gap(store: Store) -> None:
    def append(who: int) -> None:
        for number in range(50):
            store.record(f"thread {who}", Action.CASE_OPENED, "case", number=number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(append, range(8)))
    report = store.verify()
    assert report.whole
    assert report.links == 8 * 50


def test_processes_append_without_a_gap(tmp_path: Path, url: str | None, open_again: Open) -> None:
    """They also make the tables at the same time: none is there when they begin."""
    command = [sys.executable, "-c", APPENDS, str(tmp_path / "store"), url or ""]
    started = [subprocess.Popen([*command, f"process {who}"], stderr=subprocess.PIPE) for who in range(4)]
    assert [process.communicate()[1] for process in started] == [b""] * 4
    report = open_again().verify()
    assert report.whole
    assert report.links == 4 * 50


def test_verifying_beside_writers_finds_no_fault(store: Store) -> None:
    """What is read is one moment, whatever is written meanwhile."""
    case = case_of(1)
    store.cases.add(case, line_of(case), actor=READER)
    review = review_of(case.case_id)
    with ThreadPoolExecutor(1) as thread:

        def save_many() -> None:
            said = review
            for _ in range(60):
                said = store.reviews.save(said)

        saving = thread.submit(save_many)
        while not saving.done():
            assert store.verify().faults == ()
        saving.result()


def test_open_store_reads_the_environment_once(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTENDING_KEY", "A" * 43 + "=")
    store = open_store()
    assert open_store() is store
    store.cases.add(case_of(1), line_of(case_of(1)), actor=READER)
    (file,) = (own_store / "files").glob("??/*")
    assert file.read_bytes()[:4] == b"ATT1"
    store.close()
