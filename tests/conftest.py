"""What every test may ask for: a store of its own, the public data where it is there, a real PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Server

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is set up for many tests does not touch the user's own data either."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ATTENDING_HOME", str(tmp_path_factory.mktemp("homes")))
        environment.delenv("ATTENDING_DATABASE_URL", raising=False)
        environment.delenv("ATTENDING_KEY", raising=False)
        yield


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for what is kept, so that no test writes to the user's own; the store in it is closed again."""
    from engine.store.store import open_store

    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ATTENDING_HOME", str(folder))
    open_store.cache_clear()
    yield folder
    if open_store.cache_info().currsize:
        open_store().close()
    open_store.cache_clear()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of the public data sets; the test is skipped, saying so, where it is absent."""
    folder = Path(os.environ.get("ATTENDING_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the public data sets are not at {folder}: set ATTENDING_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One PostgreSQL for all tests; each makes a schema of its own."""
    server = Server()
    yield server
    server.close()
