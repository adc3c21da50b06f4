"""Cases of one session on the disk: whole, sealed, without a name, and gone with the session."""

from __future__ import annotations

import gc
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import NotKept, StoreUnavailable
from engine.store.spool import Spool
from tests.engine.store.kept import case_of

WORDS = "Jane Doe was seen."


def test_a_case_comes_back_whole_with_its_names() -> None:
    spool, case = Spool(), case_of(1, words=WORDS)
    spool.put(case)
    back = spool.get(case.case_id)
    assert np.array_equal(back.images[0].pixels, case.images[0].pixels)
    assert (back.title, back.note, back.images[0].name) == (case.title, case.note, case.images[0].name)
    spool.put(replace(case, title="Another"))
    assert spool.get(case.case_id).title == "Another"


def test_nothing_can_be_read_on_the_disk_and_nothing_has_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool, case = Spool(), case_of(1, words=WORDS)
    spool.put(case)
    assert list(tmp_path.iterdir()) == []
    spool._files[case.case_id].seek(0)
    content = spool._files[case.case_id].read()
    assert b"Jane" not in content
    assert case.images[0].pixels.tobytes()[:32] not in content


def test_what_was_dropped_is_not_there_and_the_end_closes_all() -> None:
    spool = Spool()
    for number in range(3):
        spool.put(case_of(number))
    spool.drop(case_of(0).case_id)
    assert case_of(0).case_id not in spool
    with pytest.raises(NotKept):
        spool.get(case_of(0).case_id)
    held = list(spool._files.values())
    del spool
    gc.collect()
    assert all(file.closed for file in held)


def test_a_full_disk_is_said_so_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    spool, case = Spool(), case_of(1)
    spool.put(case)

    class Full:
        def write(self, _: bytes) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    monkeypatch.setattr(tempfile, "TemporaryFile", Full)
    with pytest.raises(StoreUnavailable, match="Make room"):
        spool.put(replace(case, title="Another"))
    assert spool.get(case.case_id).title == case.title
