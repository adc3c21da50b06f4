"""Facts about models kept in the user's folder: written whole, read back, and never in the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.user_cache import cache_folder, keep, recall

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the folder is set by XDG_CACHE_HOME")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def test_what_is_kept_is_recalled_and_nothing_else_is_left(home: Path) -> None:
    keep("one", {"a": [1, 2.5]})
    assert recall("one") == {"a": [1, 2.5]}
    assert [path.name for path in cache_folder().iterdir()] == ["one.json"]
    assert cache_folder() == home / "attending"


def test_nothing_and_damaged_files_are_none() -> None:
    assert recall("absent") is None
    keep("one", 1)
    (cache_folder() / "one.json").write_text("{")
    assert recall("one") is None


def test_a_folder_that_cannot_be_made_is_no_error(home: Path) -> None:
    (home / "attending").write_text("a file in the way")
    keep("one", 1)
    assert recall("one") is None
