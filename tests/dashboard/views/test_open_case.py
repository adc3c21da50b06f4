"""What is dropped or pasted becomes cases, and what is refused is named with its reason."""

from __future__ import annotations

import logging
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.lines import kept_line
from dashboard.state import Desk
from engine import StoreUnavailable, open_store
from engine.store.blobs import Blobs
from tests.browser.steps import dicom

APP = str(Path(dashboard.__file__).parent / "app.py")


def page() -> AppTest:
    return AppTest.from_file(APP, default_timeout=120).run().switch_page("views/open_case.py").run()


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()


def desk_of(app: AppTest) -> Desk:
    made: Desk = app.session_state["attending"]
    return made


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_a_dropped_note_opens() -> None:
    app = page()
    app.file_uploader[0].upload("note.txt", b"The patient has acute chest pain.").run()
    assert desk_of(app).current is None
    press(app, "Open without keeping")
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
    (refusal,) = desk_of(app).refused
    html = html_of(app)
    assert "empty &lt;b&gt;.dcm" in html
    assert refusal.error.happened in html
    press(app, "Open without keeping")
    assert desk_of(app).case() is not None


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
    press(app, "Open without keeping")
    case = desk_of(app).case()
    assert case is not None
    assert case.note is not None
    assert case.note.text == "Sore throat for three days."


def test_a_folder_can_be_dropped() -> None:
    app = page()
    app.button_group[0].set_value("A folder").run()
    app.file_uploader[0].upload("study/notes/visit.txt", b"Cough and fever since Monday.").run()
    press(app, "Open without keeping")
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


def test_a_note_is_kept_as_it_is_only_where_the_reader_vouches_for_it_and_that_is_recorded() -> None:
    app = page()
    app.file_uploader[0].upload("Doe_Jane.txt", b"Chest pain since Monday.").run()
    assert "Keep as it is" not in [button.label for button in app.button]
    app.checkbox[0].check().run()
    press(app, "Keep as it is")
    case_id = desk_of(app).current
    assert desk_of(app).mine == {}
    kept = open_store().cases.read(case_id)
    assert kept.note is not None
    assert (kept.note.text, kept.note.name) == ("Chest pain since Monday.", "")
    line = open_store().cases.line(case_id)
    assert line is not None
    assert "Doe" not in line.title
    (added,) = [event for event in open_store().events() if (event.subject, event.action) == (case_id, "case added")]
    assert "the reader has checked" in added.detail["names"]


PLANTED = {
    "name": "Abernathy",
    "given name": "Philippa",
    "date": "03/12/2019",
    "number": "00123456",
    "telephone": "(617) 236-8890",
    "mail": "philippa.a@ward.local",
    "street": "12 Maple Street",
    "hospital": "Jefferson General Hospital",
}
NOTE = (
    "Patient: Philippa Abernathy\nMRN: 00123456\n\nMrs. Abernathy was seen by Dr. Abernathy on 03/12/2019 at Jefferson "
    "General Hospital. She lives at 12 Maple Street. Call (617) 236-8890 or write to philippa.a@ward.local.\n"
    "She has had a cough for two weeks. Return on 03/26/2019.\n"
)


def test_identifiers_of_a_note_reach_neither_the_store_nor_the_log_nor_an_export(
    own_store: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    app = page()
    app.file_uploader[0].upload("Abernathy.txt", NOTE.encode()).run()
    html = html_of(app)
    assert "at-name-name" in html
    assert "Abernathy" in html
    assert all(b"Abernathy" not in path.read_bytes() for path in own_store.rglob("*") if path.is_file())
    press(app, "Replace and keep")
    assert not app.exception
    kept = open_store().cases.read(desk_of(app).current)
    assert kept.note is not None
    assert "has had a cough for two weeks. Return on " in kept.note.text
    open_store().export_events(tmp_path / "events.jsonl", actor="ward lead")
    open_store().backup(tmp_path / "backup.zip", actor="reader")
    places = [*own_store.rglob("*"), *tmp_path.rglob("*")]
    stored = b"".join(path.read_bytes() for path in places if path.is_file())
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        stored += b"".join(archive.read(name) for name in archive.namelist())
    report = html_of(app)
    for what, words in PLANTED.items():
        assert words not in kept.note.text, what
        assert words.encode() not in stored, what
        assert words not in caplog.text, what
        assert words not in report, what
    (added,) = [
        event for event in open_store().events() if (event.subject, event.action) == (kept.case_id, "case added")
    ]
    assert added.detail["names"] == "replaced by made-up ones"


def test_of_a_note_in_another_language_no_recall_is_claimed() -> None:
    app = page()
    german = "Frau Abernathy wurde am Montag mit Fieber aus dem Krankenhaus nach Hause entlassen."
    app.file_uploader[0].upload("a.txt", NOTE.encode())
    app.file_uploader[0].upload("b.txt", german.encode()).run()
    said = html_of(app)
    assert "were found: some are missed" in said
    assert "One of the notes that follow does not seem to be in English" in said
    press(app, "Replace and keep")
    said = html_of(app)
    assert "This note does not seem to be in English" in said
    assert "were found: some are missed" not in said


def test_the_reader_spares_words_and_marks_others() -> None:
    app = page()
    app.file_uploader[0].upload("note.txt", NOTE.encode()).run()
    app.multiselect[0].set_value(["03/12/2019"]).run()
    app.text_input[0].set_value("COUGH")
    press(app, "Mark them")
    assert "at-spared" in html_of(app)
    press(app, "Replace and keep")
    case = desk_of(app).case()
    assert case is not None
    assert case.note is not None
    assert "03/12/2019" in case.note.text
    assert "cough" not in case.note.text
    assert "Abernathy" not in case.note.text


def test_words_that_the_note_does_not_have_cannot_be_marked() -> None:
    app = page()
    app.file_uploader[0].upload("note.txt", b"Chest pain.").run()
    app.text_input[0].set_value("Zebra")
    press(app, "Mark them")
    assert "does not have these words" in html_of(app)


def test_several_notes_share_one_name_and_are_replaced_at_once(own_store: Path) -> None:
    app = page()
    app.file_uploader[0].upload("a.txt", b"Dr. Abernathy saw her for a cough.")
    app.file_uploader[0].upload("b.txt", b"She came back to Dr. Abernathy with fever.").run()
    press(app, "Replace in all 2 and keep")
    texts = [desk_of(app).held(case_id).note.text for case_id in desk_of(app).order[:2]]
    names = {re.search(r"Dr\. (\w+)", text)[1] for text in texts}
    assert len(names) == 1
    assert names != {"Abernathy"}
    assert desk_of(app).mine == {}


def test_with_the_toggle_off_nothing_is_kept(own_store: Path) -> None:
    app = page()
    before = {path.name for path in (own_store / "files").rglob("*")}
    app.toggle[0].set_value(False).run()
    app.file_uploader[0].upload(NAME, _film()).run()
    case_id = desk_of(app).current
    assert list(desk_of(app).mine) == [case_id]
    assert open_store().cases.line(case_id) is None
    assert {path.name for path in (own_store / "files").rglob("*")} == before
    assert open_store().reviews.all() == ()
    assert open_store().events() == ()


def test_uploads_are_let_go_of_as_soon_as_they_were_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit would hold them until the session ends."""
    managers: list[MemoryUploadedFileManager] = []
    made = MemoryUploadedFileManager.__init__

    def remembered(self: MemoryUploadedFileManager, *given: str) -> None:
        managers.append(self)
        made(self, *given)

    monkeypatch.setattr(MemoryUploadedFileManager, "__init__", remembered)
    app = page()
    app.file_uploader[0].upload(NAME, _film()).run()
    assert desk_of(app).case() is not None
    assert managers
    assert all(not files for manager in managers for files in manager.file_storage.values())


def _with_text() -> bytes:
    film = Image.new("L", (320, 200), 40)
    ImageDraw.Draw(film).text((20, 60), "DOE^JANE 4711", fill=255, font=ImageFont.load_default(28))
    return dicom(np.asarray(film, np.uint16) * 257)


def _pixels_events() -> list[tuple[str, dict[str, object]]]:
    return [(event.action, dict(event.detail)) for event in open_store().events() if event.action == "pixels checked"]


def test_text_in_the_pixels_is_asked_about_before_anything_is_kept_and_blanked() -> None:
    app = page()
    app.file_uploader[0].upload(NAME, _with_text()).run()
    assert not app.exception
    assert "Text seems to be burned into the pixels" in html_of(app)
    (case_id,) = desk_of(app).unchecked
    assert list(desk_of(app).mine) == [case_id], "until the reader has chosen it belongs to the session"
    assert open_store().cases.line(case_id) is None
    app.button("burned-in-blank").click().run()
    assert not app.exception
    kept = open_store().cases.read(case_id)
    assert kept.images[0].pixels.max() == 40 * 257
    assert "blanked" in kept.images[0].tags["DeidentificationMethod"]
    assert desk_of(app).mine == {}
    assert desk_of(app).current == case_id
    assert _pixels_events() == [("pixels checked", {"done": "blanked", "places": 1})]


def test_a_reader_may_keep_a_picture_with_its_text_or_not_keep_it() -> None:
    app = page()
    app.file_uploader[0].upload(NAME, _with_text()).run()
    (case_id,) = desk_of(app).unchecked
    app.button("burned-in-no").click().run()
    assert not app.exception
    assert open_store().cases.line(case_id) is None
    assert list(desk_of(app).mine) == [case_id]
    assert _pixels_events() == []

    again = page()
    again.file_uploader[0].upload(NAME, _with_text()).run()
    again.button("burned-in-leave").click().run()
    assert open_store().cases.read(case_id).images[0].pixels.max() == 255 * 257
    assert _pixels_events() == [("pixels checked", {"done": "kept as they are", "places": 0})]


def test_what_another_reader_kept_meanwhile_is_neither_blanked_nor_called_blanked() -> None:
    first, second = page(), page()
    for app in (first, second):
        app.file_uploader[0].upload(NAME, _with_text()).run()
    (case_id,) = desk_of(second).unchecked
    first.button("burned-in-leave").click().run()
    assert "was kept here before" not in html_of(first)
    second.button("burned-in-blank").click().run()
    assert not second.exception
    assert _pixels_events() == [("pixels checked", {"done": "kept as they are", "places": 0})]
    kept = open_store().cases.read(case_id)
    assert kept.images[0].pixels.max() == 255 * 257
    assert np.array_equal(desk_of(second).held(case_id).images[0].pixels, kept.images[0].pixels)
    assert desk_of(second).current == case_id
    assert "was kept here before" in html_of(second)
    assert "Nothing was blanked or replaced now" in html_of(second)


def test_of_a_film_that_was_kept_blanked_the_original_is_not_what_is_read_and_reported() -> None:
    first = page()
    first.file_uploader[0].upload(NAME, _with_text()).run()
    (case_id,) = desk_of(first).unchecked
    first.button("burned-in-blank").click().run()
    second = page()
    second.file_uploader[0].upload(NAME, _with_text()).run()
    assert not second.exception
    assert desk_of(second).current == case_id
    assert desk_of(second).mine == {}
    assert desk_of(second).case().images[0].pixels.max() == 40 * 257
    assert "was kept here before" in html_of(second)
    assert len(_pixels_events()) == 1


def test_answers_about_pixels_of_a_session_alone_are_not_kept_for_what_another_kept() -> None:
    app = page()
    app.file_uploader[0].upload(NAME, _with_text()).run()
    (case_id,) = desk_of(app).unchecked
    case = desk_of(app).held(case_id)
    assert open_store().cases.add(case, kept_line(case), actor="Dr Ada")
    app.button("burned-in-no").click().run()
    assert not app.exception
    assert list(desk_of(app).mine) == [case_id]
    assert desk_of(app).analyses
    assert open_store().answers.of(case_id) == ()


@pytest.mark.parametrize("choice", ["burned-in-blank", "burned-in-leave"])
def test_a_disk_that_is_full_when_a_checked_film_is_kept_takes_nothing_from_the_reader(
    monkeypatch: pytest.MonkeyPatch, choice: str
) -> None:
    app = page()
    app.file_uploader[0].upload(NAME, _with_text()).run()
    (case_id,) = desk_of(app).unchecked
    with monkeypatch.context() as full:
        full.setattr(Blobs, "put", _full)
        app.button(choice).click().run()
    assert not app.exception
    assert "The disk is full." in html_of(app)
    assert list(desk_of(app).mine) == [case_id]
    assert list(desk_of(app).unchecked) == [case_id]
    assert _pixels_events() == []
    app.run()
    app.button(choice).click().run()
    assert not app.exception
    assert desk_of(app).mine == {}
    assert desk_of(app).current == case_id
    assert len(_pixels_events()) == 1


def test_a_film_waits_for_its_reader_although_the_disk_was_full_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    app = page()
    with monkeypatch.context() as full:
        full.setattr(Blobs, "put", _full)
        app.file_uploader[0].upload(NAME, _with_text())
        app.file_uploader[0].upload("clear.dcm", _film()).run()
    (case_id,) = desk_of(app).unchecked
    assert list(desk_of(app).mine) == [case_id]
    app.run()
    app.button("burned-in-blank").click().run()
    assert not app.exception
    assert open_store().cases.read(case_id).images[0].pixels.max() == 40 * 257


def _full(blobs: Blobs, content: bytes) -> str:
    raise StoreUnavailable("The disk is full.", "Make room.")


def test_a_place_that_is_no_text_is_left_out_of_what_is_blanked() -> None:
    app = page()
    app.file_uploader[0].upload(NAME, _with_text()).run()
    (case_id,) = desk_of(app).unchecked
    app.multiselect[0].set_value([]).run()
    assert not app.exception
    assert set(desk_of(app).unchecked[case_id].values()) == {()}
    assert app.button("burned-in-blank").disabled


@pytest.mark.parametrize(("name", "content"), [(NAME, _with_text()), ("note.txt", NOTE.encode())])
def test_nothing_else_is_taken_until_the_question_is_answered_or_called_off(
    own_store: Path, name: str, content: bytes
) -> None:
    app = page()
    app.file_uploader[0].upload(name, content).run()
    assert not app.get("file_uploader")
    assert not app.get("button_group")
    press(app, "Call it off and open something else")
    assert not app.exception
    assert app.file_uploader[0].value == []
    desk = desk_of(app)
    assert (desk.naming, desk.unchecked, desk.mine, desk.current) == (None, {}, {}, None)
    assert not desk.opened
    assert not [event for event in open_store().events() if event.action == "case added"]


def test_calling_off_leaves_what_was_open_before(own_store: Path) -> None:
    app = page()
    app.toggle[0].set_value(False).run()
    app.file_uploader[0].upload(NAME, _film()).run()
    before = desk_of(app).current
    app.switch_page("views/open_case.py").run()
    app.toggle[0].set_value(True).run()
    app.file_uploader[0].upload(NAME, _with_text()).run()
    press(app, "Call it off and open something else")
    assert list(desk_of(app).mine) == [before]
