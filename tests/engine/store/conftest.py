"""Stores over both databases: what is asked of one is asked of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.store.store import Store

Open = Callable[..., Store]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.peers)])
def url(request: pytest.FixtureRequest) -> str | None:
    """The URL of an empty database; None is SQLite in the store's folder."""
    if request.param == "sqlite":
        return None
    return str(request.getfixturevalue("postgres").new_database())


@pytest.fixture
def open_again(tmp_path: Path, url: str | None) -> Iterator[Open]:
    """Open the same store once more, as another process would; all are closed in the end."""
    opened: list[Store] = []

    def open_one(*, key: bytes | None = None) -> Store:
        opened.append(Store(tmp_path / "store", url, key))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: Open) -> Store:
    """An empty store."""
    return open_again()
