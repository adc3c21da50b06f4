"""The audit page tells what happened link by link, names no patient, and finds what was changed behind its back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from engine import Action, Case, Line, Note, Review, open_store, speaking

APP = str(Path(dashboard.__file__).parent / "app.py")


def _happened() -> None:
    store = open_store()
    case = Case("n" * 16, "Doe_Jane.txt", note=Note("Jane Doe has a cough.", "0", name="Doe_Jane.txt"))
    store.cases.add(case, Line(case.case_id, "Note", "note"), actor="<b>Dr Ada</b>")
    store.reviews.sign(Review(case.case_id, "Dr Ada", comment="Jane Doe is well."))


def page() -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).run().switch_page("views/audit.py").run()
    assert not app.exception
    assert not app.error
    return app


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_where_nothing_has_happened_the_page_says_so() -> None:
    assert page().info[0].value == "Nothing has happened yet."


def test_what_happened_is_told_newest_first_without_a_word_of_the_patient() -> None:
    _happened()
    html = html_of(page())
    assert html.index("review signed") < html.index("case added")
    assert "&lt;b&gt;Dr Ada&lt;/b&gt;" in html
    assert "<b>Dr Ada</b>" not in html
    assert "Jane" not in html
    assert "cough" not in html


def test_a_whole_chain_is_found_whole_with_its_last_hash() -> None:
    _happened()
    app = page()
    assert "Whole:" not in html_of(app)
    app.button(key="verify").click().run()
    html = html_of(app)
    assert "Whole: 2 links" in html
    assert open_store().verify().digest in html


def test_a_review_that_was_changed_in_the_database_is_found(own_store: Path) -> None:
    _happened()
    app = page()
    with sqlite3.connect(own_store / "attending.sqlite") as database:
        database.execute("UPDATE reviews SET content = replace(content, 'is well', 'is ill')")
    app.button(key="verify").click().run()
    html = html_of(app)
    assert "Not whole, 1 faults" in html or "Not whole, 1 fault" in html
    assert "reviews" in html


def test_a_link_that_was_changed_is_found(own_store: Path) -> None:
    _happened()
    with sqlite3.connect(own_store / "attending.sqlite") as database:
        database.execute("UPDATE events SET actor = 'nobody' WHERE place = 1")
    app = page()
    app.button(key="verify").click().run()
    assert 'role="alert"' in html_of(app)


def test_what_was_decided_and_about_which_case_stands_whole_and_only_digests_are_cut() -> None:
    store = open_store()
    store.record("Dr Ada", Action.PIXELS_CHECKED, "chest-bacterial-1", done="kept as they are", content="a" * 64)
    html = html_of(page())
    assert "chest-bacterial-1<" in html
    assert f"done kept as they are, content {'a' * 12}<" in html
    with speaking("zh_CN"):
        app = AppTest.from_file(APP, default_timeout=60)
        app.session_state["language"] = "zh_CN"
        assert "处理 按原样保存，内容 aaaaaaaaaaaa<" in html_of(app.run().switch_page("views/audit.py").run())
