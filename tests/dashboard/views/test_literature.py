"""The library is filled on the page, searched by a question, and may be emptied again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard

APP = str(Path(dashboard.__file__).parent / "app.py")
QUESTION = "Does treatment of high blood pressure prevent stroke?"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work_at_once: None) -> AppTest:
    monkeypatch.setenv("ATTENDING_HOME", str(tmp_path))
    return AppTest.from_file(APP, default_timeout=120).run().switch_page("views/literature.py").run()


def told(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_an_empty_library_says_so_and_can_be_filled(app: AppTest) -> None:
    assert "Your library is empty" in told(app)
    assert not app.text_area
    app.button(key="literature-sample").click().run()
    assert "40 new, 0 known already" in told(app)
    assert "40 abstracts in the library" in told(app)
    app.button(key="literature-empty").click().run()
    assert "40 abstracts were taken out." in told(app)
    assert "Your library is empty" in told(app)


def test_a_question_gets_a_category_and_ranked_abstracts(app: AppTest) -> None:
    app.button(key="literature-sample").click().run()
    app.text_area(key="literature-question").set_value(QUESTION)
    app.button[-1].click().run()
    for _ in range(200):
        if "most alike of" in told(app):
            break
        time.sleep(0.1)
        app.run()
    assert not app.exception
    assert "8 most alike of 40 abstracts, every one compared" in told(app)
    assert "Category" in told(app)
