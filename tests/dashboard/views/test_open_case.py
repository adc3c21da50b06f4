"""What is dropped or pasted becomes cases, and what is refused is named with its reason."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.state import Desk

APP = str(Path(dashboard.__file__).parent / "app.py")


def page() -> AppTest:
    return AppTest.from_file(APP, default_timeout=120).run().switch_page("views/open_case.py").run()


def desk_of(app: AppTest) -> Desk:
    made: Desk = app.session_state["attending"]
    return made


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_a_dropped_note_opens() -> None:
    app = page()
    app.file_uploader[0].upload("note.txt", b"The patient has acute chest pain.").run()
    assert not app.exception
    case = desk_of(app).case()
    assert case is not None
    assert case.note is not None
    assert case.note.text == "The patient has acute chest pain."
    assert desk_of(app).order[0] == case.case_id
    assert list(desk_of(app).mine) == [case.case_id]


def test_a_refused_file_is_named_with_its_reason_beside_one_that_opens() -> None:
    app = page()
    app.file_uploader[0].upload("note.txt", b"The patient has acute chest pain.")
    app.file_uploader[0].upload("empty <b>.dcm", b"").run()
    assert desk_of(app).case() is not None
    (refusal,) = desk_of(app).refused
    html = html_of(app)
    assert "empty &lt;b&gt;.dcm" in html
    assert refusal.error.happened in html


def test_only_refused_files_keep_the_reader_here() -> None:
    app = page()
    app.file_uploader[0].upload("empty.dcm", b"").run()
    assert desk_of(app).current is None
    assert "empty.dcm" in html_of(app)
    assert app.file_uploader[0].value == []


def test_a_pasted_note_opens() -> None:
    app = page()
    app.button_group[0].set_value("Paste a note or a sequence").run()
    app.text_area[0].set_value("Sore throat for three days.")
    app.button[0].click().run()
    case = desk_of(app).case()
    assert case is not None
    assert case.note is not None
    assert case.note.text == "Sore throat for three days."


def test_a_folder_can_be_dropped() -> None:
    app = page()
    app.button_group[0].set_value("A folder").run()
    app.file_uploader[0].upload("study/notes/visit.txt", b"Cough and fever since Monday.").run()
    assert desk_of(app).case() is not None


def test_a_dropped_course_opens_with_what_was_left_out_of_it() -> None:
    app = page()
    app.file_uploader[0].upload("123.txt", b"time,HR,Temp\n0,80,36.6\n1,900,36.8\n").run()
    assert not app.exception
    case = desk_of(app).case()
    assert case is not None
    assert case.course is not None
    assert desk_of(app).line(case.case_id).kind == "course"
    html = html_of(app)
    assert "Course, 1 h, 3 observations" in html
    assert "123" not in html
    assert "HR: 1 impossible value left out (900/min at hour 1" in html
    assert "Outside what this model was made for" in html
