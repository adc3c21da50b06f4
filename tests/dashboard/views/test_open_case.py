"""What is dropped or pasted becomes cases, and what is refused is named with its reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.state import Desk
from engine import open_store
from tests.browser.steps import dicom

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


PATIENT, NUMBER, NAME = "Doe^Jane", "12345", "Doe_Jane_1970.dcm"


def _film() -> bytes:
    return dicom(np.random.default_rng(0).integers(0, 65535, (96, 80), np.uint16))


def test_a_film_is_kept_and_nothing_in_the_store_names_the_patient(own_store: Path) -> None:
    app = page()
    app.file_uploader[0].upload(NAME, _film()).run()
    assert not app.exception
    case = desk_of(app).case()
    assert case is not None
    assert desk_of(app).mine == {}
    kept = open_store().cases.read(case.case_id)
    assert np.array_equal(kept.images[0].pixels, case.images[0].pixels)
    assert PATIENT not in str(kept.images[0].tags)
    stored = b"".join(path.read_bytes() for path in own_store.rglob("*") if path.is_file())
    assert case.case_id.encode() in stored
    for secret in (PATIENT, NUMBER, NAME, "Doe", "Jane"):
        assert secret.encode() not in stored
        assert secret.encode("utf-16-le") not in stored


def test_a_film_that_is_dropped_again_is_there_once() -> None:
    content = _film()
    app = page()
    app.file_uploader[0].upload(NAME, content).run()
    first = desk_of(app).current
    again = page()
    again.file_uploader[0].upload("another name.dcm", content).run()
    assert desk_of(again).current == first
    assert list(desk_of(again).order).count(first) == 1


def test_a_note_is_kept_only_where_the_reader_vouches_for_it() -> None:
    app = page()
    app.checkbox[0].check().run()
    app.file_uploader[0].upload("Doe_Jane.txt", b"Chest pain since Monday.").run()
    case_id = desk_of(app).current
    assert desk_of(app).mine == {}
    kept = open_store().cases.read(case_id)
    assert kept.note is not None
    assert (kept.note.text, kept.note.name) == ("Chest pain since Monday.", "")
    line = open_store().cases.line(case_id)
    assert line is not None
    assert "Doe" not in line.title


def test_with_the_toggle_off_nothing_is_kept(own_store: Path) -> None:
    app = page()
    before = {path.name for path in (own_store / "files").rglob("*")}
    app.toggle[0].set_value(False).run()
    assert not app.checkbox
    app.file_uploader[0].upload(NAME, _film()).run()
    case_id = desk_of(app).current
    assert list(desk_of(app).mine) == [case_id]
    assert open_store().cases.line(case_id) is None
    assert {path.name for path in (own_store / "files").rglob("*")} == before
    assert open_store().reviews.all() == ()
    assert open_store().events() == ()
