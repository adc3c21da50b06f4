"""Backup and restore between both databases: everything comes back, nothing by halves, nothing over what is there."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import StoreDamaged, StoreError, StoreUnavailable
from engine.store.backup import restore_backup
from engine.store.store import Store
from engine.store.worklist import Line, Order, Query
from tests.engine.store.kept import READER, answer_of, case_of, holds, line_of, review_of

Open = Callable[..., Store]
KEY = bytes(range(32))


@pytest.fixture
def filled(store: Store) -> Store:
    """Three cases, one of them removed again, a sample, and words on them."""
    for number in range(3):
        case = case_of(number, patient="one", words=f"WORDS of note {number}")
        store.cases.add(case, line_of(case), actor=READER)
        store.answers.keep(answer_of(case.case_id), actor=READER, priority=number / 3, headline="viral 0.70")
        store.reviews.sign(store.reviews.save(review_of(case.case_id, comment="ü \U0001f600 \0")))
        store.reviews.amend(case.case_id, READER)
    store.cases.add_samples([Line("sample", "A sample", "film", synthetic=True)])
    store.cases.remove(case_of(0).case_id, actor=READER)
    return store


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def other_url(request: pytest.FixtureRequest) -> str | None:
    """An empty database to restore to."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def elsewhere(tmp_path: Path, other_url: str | None) -> Iterator[Open]:
    """Open the store that was restored to."""
    opened: list[Store] = []

    def open_one(key: bytes | None = None) -> Store:
        opened.append(Store(tmp_path / "elsewhere", other_url, key))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


def everything(store: Store) -> object:
    lines = store.cases.page(Query(READER, order=Order.TITLE)).lines
    cases = [store.cases.read(line.case_id).images[0].pixels.tobytes() for line in lines if not line.synthetic]
    return lines, cases, store.answers.all(), store.reviews.all()


def test_everything_comes_back_in_either_database(
    filled: Store, elsewhere: Open, other_url: str | None, tmp_path: Path
) -> None:
    out = tmp_path / "backup.zip"
    report = filled.backup(out, actor=READER)
    assert filled.events(latest=1)[0].action == "backup made"
    assert out.stat().st_mode & 0o077 == 0
    assert restore_backup(out, tmp_path / "elsewhere", other_url, None, actor=READER) == report
    back = elsewhere()
    assert everything(back) == everything(filled)
    assert back.verify().whole
    assert back.events()[0].action == "store restored"
    assert back.events()[1:] == filled.events()[1:]
    assert (tmp_path / "elsewhere" / "secret").read_bytes() == (tmp_path / "store" / "secret").read_bytes()
    assert back.cases.remove_patient_of(case_of(1).case_id, actor=READER) == 2
    assert not holds(tmp_path, b"WORDS of note 0")


def test_what_is_restored_goes_on_growing(
    filled: Store, elsewhere: Open, other_url: str | None, tmp_path: Path
) -> None:
    """Numbers that a database gives by itself begin after those that were restored."""
    filled.backup(tmp_path / "backup.zip", actor=READER)
    restore_backup(tmp_path / "backup.zip", tmp_path / "elsewhere", other_url, None, actor=READER)
    back = elsewhere()
    back.reviews.save(review_of(case_of(1).case_id, reader="second@example.org"))
    back.answers.keep(answer_of(case_of(1).case_id, model="c" * 64), actor=READER)
    assert back.verify().whole


def test_a_backup_replaces_nothing(filled: Store, store: Store, tmp_path: Path, url: str | None) -> None:
    out = tmp_path / "backup.zip"
    filled.backup(out, actor=READER)
    content, links = out.read_bytes(), store.verify().links
    with pytest.raises(StoreUnavailable, match="there already"):
        filled.backup(out, actor=READER)
    with pytest.raises(StoreUnavailable, match="not empty"):
        restore_backup(out, tmp_path / "store", url, None, actor=READER)
    assert out.read_bytes() == content
    assert store.verify().links == links
    assert store.verify().whole


def test_a_store_that_is_not_whole_is_not_backed_up(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "store" / "files").joinpath(*_path(filled)).write_bytes(b"ATT0changed")
    with pytest.raises(StoreDamaged, match="changed"):
        filled.backup(tmp_path / "backup.zip", actor=READER)
    assert list(tmp_path.glob("backup*")) == []


def _path(store: Store) -> tuple[str, str]:
    blob = str(next(event for event in store.events() if event.action == "case added").detail["blob"])
    return blob[:2], blob


@pytest.mark.parametrize(
    ("member", "content"),
    [
        ("manifest.json", None),
        ("manifest.json", b"[]"),
        ("manifest.json", b'{"format": "attending-backup-9", "schema": "0001"}'),
        ("manifest.json", b'{"format": "attending-backup-1", "schema": "0099"}'),
        ("secret", None),
        ("tables/events.jsonl", None),
        ("tables/events.jsonl", b""),
        ("tables/reviews.jsonl", b""),
        ("tables/reviews.jsonl", b"{"),
        ("tables/reviews.jsonl", b"[1]"),
        ("tables/reviews.jsonl", b'{"signed_at": 7}'),
        ("tables/cases.jsonl", b'{"case_id": "slipped in", "added_at": "2026-01-01T00:00:00+00:00", "zebra": 1}'),
        ("tables/chain_head.jsonl", b'{"head_id": 1, "place": 7, "digest": ""}'),
        ("files", None),
        ("files", b"ATT0changed"),
        ("files", b""),
    ],
)
def test_an_archive_that_is_not_whole_leaves_nothing(
    filled: Store, tmp_path: Path, member: str, content: bytes | None
) -> None:
    filled.backup(tmp_path / "backup.zip", actor=READER)
    with zipfile.ZipFile(tmp_path / "backup.zip") as good, zipfile.ZipFile(tmp_path / "bad.zip", "w") as bad:
        for name in good.namelist():
            changed = name.split("/")[0] == member or name == member
            if not changed or content is not None:
                bad.writestr(name, good.read(name) if not changed else content or b"")
    with pytest.raises(StoreError) as refused:
        restore_backup(tmp_path / "bad.zip", tmp_path / "new", None, None, actor=READER)
    assert refused.value.advice
    assert not holds(tmp_path / "new", b"WORDS of note")
    empty = Store(tmp_path / "new")
    assert (empty.cases.page(Query()).total, empty.verify().links) == (0, 0)
    empty.close()


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup.zip").write_bytes(content)
    with pytest.raises(StoreDamaged, match="no whole backup"):
        restore_backup(tmp_path / "backup.zip", tmp_path / "new", None, None, actor=READER)
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        restore_backup(tmp_path / "none.zip", tmp_path / "new", None, None, actor=READER)


def test_a_cut_archive_is_refused(filled: Store, tmp_path: Path) -> None:
    filled.backup(tmp_path / "backup.zip", actor=READER)
    content = (tmp_path / "backup.zip").read_bytes()
    for share in (0.2, 0.5, 0.9, 0.999):
        (tmp_path / "cut.zip").write_bytes(content[: int(share * len(content))])
        with pytest.raises(StoreDamaged):
            restore_backup(tmp_path / "cut.zip", tmp_path / "new", None, None, actor=READER)


def test_encrypted_files_stay_encrypted_and_need_their_key(open_again: Open, tmp_path: Path) -> None:
    store, out = open_again(key=KEY), tmp_path / "backup.zip"
    case = case_of(1, words="SECRETWORDS")
    store.cases.add(case, line_of(case), actor=READER)
    with pytest.raises(StoreDamaged, match="no key"):
        open_again().backup(out, actor=READER)
    store.backup(out, actor=READER)
    assert not holds(tmp_path, b"SECRETWORDS")
    for wrong in (None, bytes(32)):
        with pytest.raises(StoreDamaged):
            restore_backup(out, tmp_path / "new", None, wrong, actor=READER)
    restore_backup(out, tmp_path / "new", None, KEY, actor=READER)
    back = Store(tmp_path / "new", None, KEY)
    assert back.cases.read(case.case_id).note == case.note.__class__("SECRETWORDS", case.case_id)
    back.close()


def test_files_kept_in_clear_are_encrypted_when_restored_with_a_key(filled: Store, tmp_path: Path) -> None:
    assert filled.facts().sealed == 0
    filled.backup(tmp_path / "backup.zip", actor=READER)
    restore_backup(tmp_path / "backup.zip", tmp_path / "new", None, KEY, actor=READER)
    back = Store(tmp_path / "new", None, KEY)
    assert (back.facts().files, back.facts().sealed) == (2, 2)
    assert not holds(tmp_path / "new", b"WORDS of note")
    back.close()


def test_backups_taken_while_others_write_and_remove_are_whole(filled: Store, tmp_path: Path) -> None:
    def busy() -> None:
        for number in range(10, 40):
            case = case_of(number)
            filled.cases.add(case, line_of(case), actor=READER)
            filled.reviews.save(review_of(case.case_id))
            if number % 2:
                filled.cases.remove(case.case_id, actor=READER)

    with ThreadPoolExecutor(1) as thread:
        work, made = thread.submit(busy), 0
        while not work.done():
            filled.backup(tmp_path / f"backup-{made}.zip", actor=READER)
            made += 1
        work.result()
    assert filled.verify().whole
    for number in {0, made // 2, made - 1}:
        restore_backup(tmp_path / f"backup-{number}.zip", tmp_path / f"new-{number}", None, None, actor=READER)
        back = Store(tmp_path / f"new-{number}")
        assert back.verify().whole
        back.close()


def test_the_archive_is_plain_json_lines(filled: Store, tmp_path: Path) -> None:
    filled.backup(tmp_path / "backup.zip", actor=READER)
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert archive.namelist()[-1] == "manifest.json"
        (first, *_) = archive.read("tables/events.jsonl").splitlines()
        assert json.loads(first)["action"] == "case added"
        assert "answer_id" not in json.loads(archive.read("tables/answers.jsonl").splitlines()[0])
