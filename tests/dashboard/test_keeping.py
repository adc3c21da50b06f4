"""What is kept beyond a session; and a dashboard that goes on, and says why, where nothing can be."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboard
import engine
from dashboard import cache, keeping
from dashboard.lines import kept_line
from engine import Case, Image, Note, Order, Query, ReadingOrder, Review, sample_index

APP = str(Path(dashboard.__file__).parent / "app.py")
NOTE = Case("n" * 16, "Doe_Jane.txt", note=Note("Chest pain.", "0"))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    made: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", made)
    return made


@pytest.fixture(params=["a file is in the way", "read-only", "no database", "no key"])
def unusable(request: pytest.FixtureRequest, own_store: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation whose store cannot be opened."""
    if request.param == "a file is in the way":
        (own_store / "file").write_text("")
        monkeypatch.setenv("ATTENDING_HOME", str(own_store / "file" / "home"))
    elif request.param == "read-only":
        if os.geteuid() == 0:
            monkeypatch.setenv("ATTENDING_HOME", "/proc/attending")  # nobody may write there, not even root
        own_store.chmod(0o500)
    elif request.param == "no database":
        monkeypatch.setenv("ATTENDING_DATABASE_URL", f"sqlite:///{own_store}/nowhere/at/all.sqlite")
    else:
        monkeypatch.setenv("ATTENDING_KEY", "too short")
    yield
    own_store.chmod(0o700)


@pytest.mark.usefixtures("session", "unusable")
def test_without_a_store_the_samples_are_there_and_the_reason_is_known() -> None:
    samples = tuple(entry.case_id for entry in sample_index())
    assert keeping.store() is None
    assert keeping.trouble() is not None
    assert keeping.order(Query()) == samples
    page = keeping.page(Query(first=1, size=2))
    assert [line.case_id for line in page.lines] == list(samples[1:3])
    assert page.total == len(samples)
    assert keeping.line(samples[0]) is not None
    assert keeping.line("elsewhere") is None
    assert keeping.kept_case(samples[0]) is None
    assert keeping.waiting() == 0


@pytest.mark.usefixtures("session", "unusable")
def test_without_a_store_nothing_is_kept_and_nothing_fails() -> None:
    assert not keeping.keep(NOTE)
    assert keeping.review_of("any").order is ReadingOrder.MODEL_FIRST
    assert (keeping.events(9), keeping.kept_reviews(), keeping.kept_answers()) == ((), (), ())
    keeping.remove("any")
    assert keeping.remove_patient_of("any") == 0
    with pytest.raises(engine.StoreError):
        keeping.verify()


@pytest.mark.usefixtures("unusable")
def test_without_a_store_every_page_says_why_nothing_is_kept() -> None:
    app = AppTest.from_file(APP, default_timeout=120).run()
    for page in ("worklist", "open_case", "audit"):
        app.switch_page(f"views/{page}.py").run()
        assert not app.exception
        assert not app.error
        html = "\n".join(element.proto.body for element in app.get("html"))
        assert "at-problem" in html
    app.switch_page("views/worklist.py").run()
    assert any('"lines"' in one.proto.json for one in app.get("bidi_component"))


@pytest.mark.usefixtures("session")
def test_a_store_that_comes_back_is_used_without_a_restart(own_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_store / "file").write_text("")
    monkeypatch.setenv("ATTENDING_HOME", str(own_store / "file"))
    assert keeping.trouble() is not None
    monkeypatch.setenv("ATTENDING_HOME", str(own_store))
    monkeypatch.setattr(keeping, "_AGAIN", 0.0)
    assert keeping.trouble() is None
    assert keeping.keep(NOTE)


def test_a_store_that_comes_after_the_server_is_looked_after_all_the_same(
    own_store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As a database that starts later: what is kept too long still goes, and what waits is still read."""
    (own_store / "file").write_text("")
    monkeypatch.setenv("ATTENDING_HOME", str(own_store / "file"))
    monkeypatch.setenv("ATTENDING_KEEP_DAYS", "30")
    monkeypatch.setattr(keeping, "_LATER", 0.01)
    monkeypatch.setattr(cache, "warm_up", lambda: _begun())
    begun: Queue[tuple[engine.Store, engine.Retention]] = Queue()
    monkeypatch.setattr(engine, "read_waiting", lambda kept, stop, *, retention, room: begun.put((kept, retention)))
    stop = keeping.begin_reading.__wrapped__()
    with pytest.raises(Empty):
        begun.get(timeout=0.3)
    assert "retention and the analyst wait" in caplog.text
    assert str(own_store) not in caplog.text
    monkeypatch.setenv("ATTENDING_HOME", str(own_store))
    kept, retention = begun.get(timeout=30)
    stop.set()
    assert kept is engine.open_store()
    assert isinstance(retention, engine.Retention)
    assert kept.cases.waiting() == len(sample_index())


def _begun() -> threading.Thread:
    thread = threading.Thread(target=int)
    thread.start()
    return thread


def test_nothing_waits_for_a_store_once_the_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> engine.Store:
        raise engine.StoreUnavailable("The database does not answer.", "See that it runs.")

    monkeypatch.setattr(engine, "open_store", gone)
    monkeypatch.setattr(cache, "warm_up", lambda: pytest.fail("nothing is to be read"))
    stop = keeping.begin_reading.__wrapped__()
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "analyst":
            thread.join(30)
            assert not thread.is_alive()


@pytest.mark.usefixtures("session")
def test_a_case_is_kept_once_and_read_back_without_the_name_of_its_file() -> None:
    assert keeping.keep(NOTE)
    assert not keeping.keep(NOTE)
    line = keeping.line(NOTE.case_id)
    assert line is not None
    assert line.title == kept_line(NOTE).title
    case = keeping.kept_case(NOTE.case_id)
    assert case is not None
    assert case.note is not None
    assert case.note.text == "Chest pain."
    assert keeping.waiting() == len(sample_index()) + 1
    keeping.remove(NOTE.case_id)
    assert keeping.kept_case(NOTE.case_id) is None


@pytest.mark.usefixtures("session")
def test_a_patient_is_removed_with_every_case() -> None:
    def film(case_id: str, patient: str) -> Case:
        image = Image(
            np.zeros((1, 4, 4), np.uint8), case_id, modality="DX", placement=engine.Placement(patient=patient)
        )
        return Case(case_id, "Film", ((image,),))

    for case_id, patient in (("one", "jane"), ("two", "jane"), ("three", "john"), ("four", "")):
        keeping.keep(film(case_id, patient))
    assert keeping.remove_patient_of("one") == 2
    assert keeping.line("two") is None
    assert keeping.line("three") is not None
    assert keeping.line("four") is not None


@pytest.mark.usefixtures("session")
def test_who_reads_and_in_which_order_belongs_to_the_session() -> None:
    assert keeping.reader() == keeping.SOMEBODY
    keeping.set_session("  Dr Ada ", ReadingOrder.READ_FIRST)
    assert (keeping.reader(), keeping.reading_order()) == ("Dr Ada", ReadingOrder.READ_FIRST)
    begun = keeping.review_of(sample_index()[0].case_id)
    assert (begun.reader, begun.order) == ("Dr Ada", ReadingOrder.READ_FIRST)
    assert begun.steps == ()
    keeping.set_session(" ", ReadingOrder.MODEL_FIRST)
    assert keeping.reader() == keeping.SOMEBODY


@pytest.mark.usefixtures("session")
def test_the_order_of_cases_tells_nothing_of_the_model_before_ones_own_reading() -> None:
    assert keeping.everything() == Query(reader=keeping.SOMEBODY, order=Order.PRIORITY)
    keeping.set_session("Dr Ada", ReadingOrder.READ_FIRST)
    assert keeping.everything() == Query(reader="Dr Ada", order=Order.NEWEST, blind=True)


@pytest.mark.usefixtures("session")
def test_each_reader_has_a_review_of_their_own() -> None:
    case_id = sample_index()[0].case_id
    kept = keeping.store()
    assert kept is not None
    keeping.set_session("Dr Ada", ReadingOrder.MODEL_FIRST)
    kept.reviews.save(Review(case_id, "Dr Ada", comment="clear"))
    assert keeping.review_of(case_id).comment == "clear"
    keeping.set_session("Dr Bo", ReadingOrder.MODEL_FIRST)
    assert keeping.review_of(case_id).comment == ""
    assert [review.reader for review in keeping.kept_reviews()] == ["Dr Ada"]


@pytest.mark.usefixtures("unusable")
def test_a_store_that_does_not_answer_is_asked_once_a_page(
    session: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    opened = engine.open_store
    monkeypatch.setattr(engine, "open_store", lambda: asked.append(1) or opened())
    for _ in range(5):
        assert keeping.trouble() is not None
    assert len(asked) == 1
    monkeypatch.setattr(keeping, "_AGAIN", 0.0)
    assert keeping.store() is None
    assert len(asked) == 2


@pytest.mark.usefixtures("own_store")
def test_what_is_taken_away_is_told_when_it_is_taken_and_by_whom(session: dict[str, object]) -> None:
    keeping.set_session("Dr Ada", ReadingOrder.MODEL_FIRST)
    make = keeping.recorded(lambda: b"%PDF", engine.Action.REPORT_EXPORTED, "abc", kind="PDF")
    keeping.set_session("Dr Bo", ReadingOrder.MODEL_FIRST)
    assert not [event for event in keeping.events(9) if event.action == engine.Action.REPORT_EXPORTED]
    assert make() == b"%PDF"
    (event,) = [event for event in keeping.events(9) if event.action == engine.Action.REPORT_EXPORTED]
    assert (event.actor, event.subject, event.detail) == ("Dr Ada", "abc", {"kind": "PDF"})
    assert keeping.verify().whole
