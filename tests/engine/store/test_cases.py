"""Kept cases over both databases: kept once, read back, hidden patients, and who adds while another removes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from os import utime
from pathlib import Path

import pytest

from engine.case import Case
from engine.errors import NotKept, StoreDamaged
from engine.io.group import read_uploads
from engine.io.patient import patient_key
from engine.io.pseudonyms import Pseudonyms
from engine.store.chain import Action
from engine.store.records import pack_case
from engine.store.store import Store
from tests.engine.io.planted import MARKER, leaks, planted
from tests.engine.store.kept import READER, case_of, holds, line_of

Open = Callable[..., Store]


def test_a_case_is_kept_once_under_the_title_of_its_line(store: Store, open_again: Open) -> None:
    case = case_of(1)
    assert store.cases.add(case, line_of(case, title="DX 1"), actor=READER)
    assert not store.cases.add(case, line_of(case, title="another"), actor=READER)
    back = open_again().cases.read(case.case_id)
    assert back.title == "DX 1"
    assert (back.images[0].pixels == case.images[0].pixels).all()
    assert back.images[0].name == ""
    assert store.verify().links == 1


def test_what_was_done_to_pixels_is_told_of_the_case_that_was_kept_and_of_no_other(store: Store) -> None:
    case, blanked, left = case_of(1), {"done": "blanked", "places": 2}, {"done": "kept as they are", "places": 0}
    assert store.cases.add(case, line_of(case), actor=READER, pixels=left)
    assert not store.cases.add(case, line_of(case), actor="another", pixels=blanked)
    told, added = store.events()
    assert (added.action, told.action, told.actor, told.detail) == (
        Action.CASE_ADDED,
        Action.PIXELS_CHECKED,
        READER,
        left,
    )
    assert store.verify().whole


def test_many_who_add_the_same_case_keep_it_once(store: Store) -> None:
    case = case_of(1)
    with ThreadPoolExecutor(8) as threads:
        added = list(threads.map(lambda _: store.cases.add(case, line_of(case), actor=READER), range(8)))
    assert added.count(True) == 1
    assert store.verify().whole


def test_who_adds_while_another_removes_always_finds_the_file(store: Store) -> None:
    case = case_of(1)

    def add(_: int) -> None:
        store.cases.add(case, line_of(case), actor=READER)

    def remove(_: int) -> None:
        try:
            store.cases.remove(case.case_id, actor=READER)
        except NotKept:
            return

    with ThreadPoolExecutor(4) as threads:
        work = [threads.submit((add, remove)[turn % 2], turn) for turn in range(60)]
        for done in work:
            done.result()
    assert store.verify().whole
    store.cases.add(case, line_of(case), actor=READER)
    assert store.cases.read(case.case_id).case_id == case.case_id


def test_a_file_taken_between_writing_and_telling_is_written_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the same case had been removed by somebody else in that moment."""
    case, put = case_of(1), store._blobs.put
    taken: list[str] = []

    def put_and_lose(content: bytes) -> str:
        digest = put(content)
        if not taken:
            taken.append(digest)
            store._blobs.remove(digest)
        return digest

    monkeypatch.setattr(store._blobs, "put", put_and_lose)
    store.cases.add(case, line_of(case), actor=READER)
    assert taken
    assert store.cases.read(case.case_id).case_id == case.case_id


def test_patients_are_hashed_under_the_secret_of_the_installation(store: Store, tmp_path: Path) -> None:
    case = case_of(1, patient="the key of a patient")
    store.cases.add(case, line_of(case), actor=READER)
    database = store._database
    with database.reading() as session:
        (patient,) = session.connection().exec_driver_sql("SELECT patient FROM cases").scalars()
    assert len(patient) == 64
    assert not holds(tmp_path / "store", b"of a patient.dcm", b"of a patient.txt")
    assert (tmp_path / "store" / "secret").stat().st_mode & 0o077 == 0


def test_opening_sweeps_what_a_killed_process_left(store: Store, open_again: Open, tmp_path: Path) -> None:
    case = case_of(1)
    store.cases.add(case, line_of(case), actor=READER)
    left = store._blobs.put(b"its line was never written")
    for path in (tmp_path / "store" / "files").glob("??/*"):
        utime(path, (time.time() - 7200,) * 2)
    again = open_again()
    assert not again._blobs.has(left)
    assert again.cases.read(case.case_id).case_id == case.case_id


def test_a_key_hides_cases_and_another_key_says_so(open_again: Open, tmp_path: Path) -> None:
    case = case_of(1, words="SECRETWORDS")
    open_again(key=bytes(32)).cases.add(case, line_of(case), actor=READER)
    assert not holds(tmp_path / "store" / "files", b"SECRETWORDS", case.images[0].pixels.tobytes())
    for key in (None, bytes(range(32))):
        store = open_again(key=key)
        with pytest.raises(StoreDamaged):
            store.cases.read(case.case_id)
        assert not store.verify().whole
    assert open_again(key=bytes(32)).verify().whole


def test_what_is_not_kept_cannot_be_read(store: Store) -> None:
    with pytest.raises(NotKept):
        store.cases.read("none")


def test_other_cases_of_the_same_patient_are_found(store: Store) -> None:
    cases = [case_of(1, patient="a"), case_of(2, patient="b"), case_of(3, patient="a"), case_of(4), case_of(5)]
    for case in cases:
        store.cases.add(case, line_of(case), actor=READER)
    assert store.cases.same_patient(cases[0].case_id) == (cases[2].case_id,)
    assert store.cases.same_patient(cases[1].case_id) == ()
    assert store.cases.same_patient(cases[3].case_id) == (), "two unknown patients are not the same one"
    assert store.cases.same_patient("never kept") == ()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    path = tmp_path / f"{MARKER}.dcm"
    path.write_bytes(planted(PatientID="4711"))
    (found,) = read_uploads([(path.name, path)]).cases
    return found


def test_no_marker_is_in_any_byte_of_store_backup_and_export(store: Store, case: Case, tmp_path: Path) -> None:
    assert store.cases.add(case, line_of(case, title="DX"), actor=READER)
    store.backup(tmp_path / "backup.zip", actor=READER)
    store.export_events(tmp_path / "events.jsonl", actor="ward lead")
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    files += [tmp_path / "backup.zip", tmp_path / "events.jsonl"]
    assert sum(path.stat().st_size for path in files) > 1000
    assert {path.name: leaks(path.read_bytes()) for path in files if leaks(path.read_bytes())} == {}


def test_a_key_that_can_be_guessed_from_a_short_number_is_not_kept(store: Store, case: Case, tmp_path: Path) -> None:
    guess = patient_key(tmp_path / f"{MARKER}.dcm")
    assert guess is not None
    study = case.images[0].placement.study
    store.cases.add(case, line_of(case, title="DX"), actor=READER)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    for plain in (guess, study, hashlib.sha256(b"4711").hexdigest()[:16]):
        assert plain.encode() not in kept
    place = store.cases.read(case.case_id).images[0].placement
    assert len(place.patient) == len(place.study) == len(place.series) == 64


def test_an_opened_case_and_a_kept_one_know_each_other(store: Store, case: Case) -> None:
    store.cases.add(case, line_of(case, title="DX"), actor=READER)
    known = store.cases.known_here(case)
    assert known.images[0].placement == store.cases.read(case.case_id).images[0].placement
    assert store.cases.known_here(known) is known, "a key is given once"
    assert Pseudonyms(b"another").case(case).images[0].placement.patient != known.images[0].placement.patient


def test_a_store_of_an_earlier_version_is_read_under_the_keys_of_today(
    store: Store, open_again: Open, tmp_path: Path
) -> None:
    old, new = case_of(1, patient="one"), case_of(2, patient="one")
    store.cases.add(old, line_of(old), actor=READER)
    (blob,) = (path for path in (tmp_path / "store" / "files").rglob("*") if path.is_file())
    plain = pack_case(old)
    assert plain != blob.read_bytes(), "what is kept today holds other keys"
    today = open_again()
    today.cases.add(new, line_of(new), actor=READER)
    assert today.cases.same_patient(old.case_id) == (new.case_id,)
    earlier = today.cases.known_here(old).images[0].placement.patient
    assert earlier == today.cases.read(new.case_id).images[0].placement.patient
