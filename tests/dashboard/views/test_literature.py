"""The Literature page without a model: an empty library says so, what is taken and what is left out is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import cache
from engine import Library

APP = str(Path(dashboard.__file__).parent / "app.py")


@pytest.fixture(autouse=True)
def _own_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library(tmp_path / "literature")
    monkeypatch.setattr(cache, "library", lambda: library)
    return library


def page() -> AppTest:
    return AppTest.from_file(APP, default_timeout=120).run().switch_page("views/literature.py").run()


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_an_empty_library_is_filled_with_the_samples(_own_library: Library) -> None:
    app = page()
    assert "Your library is empty" in html_of(app)
    app.button(key="literature-sample").click().run()
    assert not app.exception
    assert len(_own_library) == 40
    assert "40 new, 0 known already" in html_of(app)
    assert "40 abstracts in the library" in html_of(app)
    app.button(key="literature-empty").click().run()
    assert len(_own_library) == 0


def test_a_row_that_is_left_out_is_named(_own_library: Library) -> None:
    app = page()
    app.file_uploader[0].upload("mine.csv", b"title,abstract\nOn gout,It hurts.\nNothing,\n").run()
    assert len(_own_library) == 1
    assert "row 3 was left out: it has no abstract" in html_of(app)
