"""The worklist finds, sorts and pages what is kept, tells how far the reader is, and leads to the next unseen case."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.lines import sample_line
from engine import (
    Answer,
    Box,
    Call,
    Case,
    Finding,
    Line,
    Mark,
    MarkedRegion,
    Note,
    OwnReading,
    Query,
    ReadingOrder,
    Review,
    Step,
    open_store,
    sample_index,
    speaking,
)

APP = str(Path(dashboard.__file__).parent / "app.py")


def lines(app: AppTest) -> list[dict[str, object]]:
    (table,) = [data for one in app.get("bidi_component") if "lines" in (data := json.loads(one.proto.json))]
    found: list[dict[str, object]] = table["lines"]
    return found


def test_all_samples_are_there_unseen_and_marked() -> None:
    found = lines(AppTest.from_file(APP, default_timeout=60).run())
    assert [line["case_id"] for line in found] == [entry.case_id for entry in sample_index()]
    assert all(line["mark"] == "SYNTHETIC" and line["state"] == "not seen" for line in found)


def test_the_next_unseen_case_opens_and_comes_back_seen() -> None:
    app = AppTest.from_file(APP, default_timeout=120).run()
    app.button(key="next-unseen").click().run()
    first = sample_index()[0].case_id
    assert app.session_state["attending"].current == first
    app.button(key="to-worklist").click().run()
    line = next(line for line in lines(app) if line["case_id"] == first)
    assert line["state"] == "opened"
    assert line["current"]


MANY = 120
READER = "reader"
FINDING = "zebra syndrome"


@pytest.fixture
def kept() -> list[str]:
    """So many kept notes beside the samples; every tenth was answered for."""
    store = open_store()
    store.cases.add_samples(map(sample_line, sample_index()))
    ids = [f"v{number:03d}" for number in range(MANY)]
    for number, case_id in enumerate(ids):
        case = Case(case_id, "x", note=Note("Chest pain.", case_id))
        store.cases.add(case, Line(case_id, f"Visit {case_id}", "note"), actor=READER)
        if number % 10 == 0:
            answer = Answer(case_id, "clinical-note", (Finding(FINDING, 0.7, Call.UNCERTAIN),), "d" * 64)
            store.answers.keep(answer, actor=READER, priority=number / MANY, headline=f"{FINDING} 0.70")
    return ids


def worklist(order: ReadingOrder = ReadingOrder.MODEL_FIRST) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    app.session_state["reading-order"] = order
    app.run()
    assert not app.exception
    assert not app.error
    return app


def ids(app: AppTest) -> list[object]:
    return [line["case_id"] for line in lines(app)]


def said(app: AppTest, case_id: str) -> dict[str, object]:
    return next(line for line in lines(app) if line["case_id"] == case_id)


def test_pages_hold_every_case_once(kept: list[str]) -> None:
    app = worklist()
    total, found = MANY + len(sample_index()), []
    assert f"{total} cases, {total} of them not seen, {total} waiting" in app.caption[0].value
    pages = -(-total // 50)
    for number in range(1, pages + 1):
        app.number_input[0].set_value(number).run()
        found += ids(app)
    assert app.number_input[0].max == pages
    assert sorted(found) == sorted([*kept, *(entry.case_id for entry in sample_index())])


def test_the_most_urgent_case_stands_first_and_those_without_an_answer_last(kept: list[str]) -> None:
    app = worklist()
    shown = [line["priority"] for line in lines(app)]
    answered = [value for value in shown if value is not None]
    assert answered == sorted(answered, reverse=True)
    assert len(answered) == 12
    assert shown[:12] == answered
    app.selectbox(key="worklist-order-False").set_value("Newest").run()
    assert ids(app)[0] == kept[-1]
    app.selectbox(key="worklist-order-False").set_value("Title").run()
    titles = [str(line["title"]).lower() for line in lines(app)]
    assert titles == sorted(titles)


@pytest.mark.usefixtures("kept")
def test_the_search_reads_titles_and_findings_and_takes_signs_as_they_are() -> None:
    app = worklist()
    app.text_input(key="worklist-search").set_value("visit v07").run()
    assert sorted(ids(app)) == [f"v07{digit}" for digit in range(10)]
    app.text_input(key="worklist-search").set_value("zebra").run()
    assert len(ids(app)) == 12
    for sign in ("%", "_", "' OR 1=1 --", "\\"):
        app.text_input(key="worklist-search").set_value(sign).run()
        assert not app.error
        assert not app.exception
        assert ids(app) == []
    assert "0 cases" in app.caption[0].value


def test_a_search_leads_back_to_the_first_page(kept: list[str]) -> None:
    app = worklist()
    app.number_input[0].set_value(2).run()
    app.text_input(key="worklist-search").set_value(f"visit {kept[5]}").run()
    assert ids(app) == [kept[5]]


def test_the_state_filter_goes_by_the_readers_own_review(kept: list[str]) -> None:
    store = open_store()
    store.reviews.save(Review(kept[0], READER, comment="clear"))
    store.reviews.sign(Review(kept[1], READER, comment="clear"))
    store.reviews.sign(Review(kept[2], "somebody else", comment="clear"))
    app = worklist()
    for chosen, found in (("Draft", [kept[0]]), ("Signed", [kept[1]])):
        app.button_group(key="worklist-state").set_value(chosen).run()
        assert ids(app) == found
    app.button_group(key="worklist-state").set_value("Not seen").run()
    app.text_input(key="worklist-search").set_value("visit v00").run()
    assert sorted(ids(app)) == [*kept[2:10]]


def test_the_filter_by_model_leaves_the_cases_that_it_answers(kept: list[str]) -> None:
    store = open_store()
    store.cases.asked(kept[3], ["clinical-note"])
    store.cases.asked(kept[4], ["clinical-note", "treatment"])
    app = AppTest.from_file(APP, default_timeout=120).run()
    for task, left in (("clinical-note", {kept[3], kept[4]}), ("treatment", {kept[4]}), ("splice-junction", set())):
        app.selectbox(key="worklist-task").select(task).run()
        assert set(ids(app)) == left
    app.selectbox(key="worklist-task").select("").run()
    assert len(ids(app)) == 50


def test_turning_pages_of_cases_follows_the_worklist_as_it_was_left(kept: list[str]) -> None:
    app = worklist()
    app.text_input(key="worklist-search").set_value("visit v00").run()
    app.selectbox(key="worklist-order-False").set_value("Title").run()
    assert list(app.session_state["attending"].order) == kept[:10]


def test_a_case_of_this_session_is_filtered_like_the_others() -> None:
    app = AppTest.from_file(APP, default_timeout=120).run().switch_page("views/open_case.py").run()
    app.toggle[0].set_value(False).run()
    app.button_group[0].set_value("Paste a note or a sequence").run()
    app.text_area[0].set_value("Sore throat for three days.")
    app.button[0].click().run()
    (own,) = app.session_state["attending"].mine
    app.switch_page("views/worklist.py").run()
    assert said(app, own)["mark"] == "THIS SESSION ONLY"
    assert said(app, own)["state"] == "opened"
    for task, answers in (("clinical-note", True), ("chest-xray", False)):
        app.selectbox(key="worklist-task").select(task).run()
        assert (own in ids(app)) is answers
    app.selectbox(key="worklist-task").select("").run()
    for chosen in ("Not seen", "Draft", "Signed"):
        app.button_group(key="worklist-state").set_value(chosen).run()
        assert own not in ids(app)


def _drafts(case_ids: list[str]) -> None:
    """Of three cases the reader has marked a place, recorded their own reading, and signed."""
    store, now = open_store(), datetime(2026, 3, 1, tzinfo=UTC)
    marked, read, signed = (
        Review(case_id, READER, order=ReadingOrder.READ_FIRST).took(Step.OPENED, now) for case_id in case_ids
    )
    store.reviews.save(replace(marked, regions=(MarkedRegion(Box(0, 0, 1, 1), Mark.HERE),)))
    read = replace(read, own=(OwnReading("clinical-note", (), 50),)).took(Step.READ, now)
    store.reviews.save(read)
    store.reviews.sign(replace(read, case_id=signed.case_id))


def test_read_first_hides_findings_and_priorities_until_the_reader_has_read(kept: list[str]) -> None:
    marked, read, signed = kept[10], kept[20], kept[30]
    _drafts([marked, read, signed])
    app = worklist(ReadingOrder.READ_FIRST)
    app.text_input(key="worklist-search").set_value("visit").run()
    for page in (1, 2, 3):
        app.number_input[0].set_value(page).run()
        for line in lines(app):
            if line["case_id"] in (read, signed):
                assert FINDING in str(line["finding"])
                assert line["priority"] is not None
            else:
                assert line["finding"] == "read it first"
                assert line["priority"] is None
    found = open_store().cases.page(Query(reader=READER, search="visit", states=(), size=200)).lines
    assert {line.case_id for line in found} >= {marked, read, signed}


@pytest.mark.usefixtures("kept")
def test_read_first_neither_the_order_nor_the_search_tells_the_answer() -> None:
    app = worklist(ReadingOrder.READ_FIRST)
    assert "Priority" not in app.selectbox(key="worklist-order-True").options
    assert ids(app)[0] == f"v{MANY - 1}"
    app.text_input(key="worklist-search").set_value("zebra").run()
    assert ids(app) == []


def test_read_first_the_next_unseen_case_is_not_the_most_urgent_one(kept: list[str]) -> None:
    assert worklist().session_state["attending"].next_unseen() == kept[110]
    app = worklist(ReadingOrder.READ_FIRST)
    app.button(key="next-unseen").click().run()
    assert app.session_state["attending"].current == kept[-1]


def test_a_search_in_chinese_finds_what_stands_on_the_screen() -> None:
    viral = [entry.case_id for entry in sample_index() if "viral" in entry.case_id]
    with speaking("zh_CN"):
        app = AppTest.from_file(APP, default_timeout=60)
        app.session_state["language"] = "zh_CN"
        app.run()
        for case_id in viral:
            said = Answer(case_id, "chest-xray", (Finding("viral pneumonia", 0.6, Call.RULED_IN),), "d" * 64)
            open_store().answers.keep(said, actor="models", headline="viral pneumonia 0.60")
        for typed in ("病毒性肺炎", "胸片 咳", "超声"):
            app.text_input(key="worklist-search").set_value(typed).run()
            assert not app.exception
            shown = lines(app)
            assert 0 < len(shown) < len(sample_index()), typed
            for line in shown:
                assert all(word in f"{line['title']} {line['finding']}" for word in typed.split())
            if typed == "病毒性肺炎":
                assert {line["case_id"] for line in shown} == set(viral)
