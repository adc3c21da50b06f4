"""The reader's own word is recorded once, with its time, before anything of the model is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from dashboard.components.own_reading import held_back
from engine import TASKS, OwnReading, ReadingOrder, Review, Step, open_store, sample_index

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CASE = sample_index()[0].case_id
FIRST = Review(CASE, "reader", order=ReadingOrder.READ_FIRST)


def _page() -> None:
    """Ask for the reader's own findings of a film and a note."""
    import streamlit as st

    from dashboard import keeping
    from dashboard.components.own_reading import own_reading
    from engine import TASKS, Case, ReadingOrder, sample_index

    if "set" not in st.session_state:
        keeping.set_session("", ReadingOrder.READ_FIRST)
        st.session_state["set"] = True
    own_reading(Case(sample_index()[0].case_id, "Film"), [TASKS["chest-xray"], TASKS["clinical-note"]])


def test_the_answer_waits_only_where_the_reader_reads_first_and_has_not_yet() -> None:
    assert held_back(FIRST)
    assert held_back(FIRST.took(Step.OPENED, NOW))
    assert not held_back(FIRST.took(Step.READ, NOW))
    assert not held_back(replace(FIRST, order=ReadingOrder.MODEL_FIRST))


def test_what_is_recorded_is_what_was_chosen_with_the_time() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    assert app.radio[0].options == list(TASKS["chest-xray"].labels)
    assert app.radio[0].value is None
    app.radio[0].set_value("viral pneumonia")
    app.slider[0].set_value(85)
    app.button[0].click().run()
    review = open_store().reviews.latest(CASE, "reader")
    assert review is not None
    assert review.own == (OwnReading("chest-xray", ("viral pneumonia",), 85),)  # the note was left open: no word on it
    assert not held_back(review)
    assert [timed.step for timed in review.steps] == [Step.READ, Step.ANSWERED]


def test_a_question_that_is_left_open_is_not_a_finding_of_nothing() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.button[0].click().run()
    assert open_store().reviews.latest(CASE, "reader") is None
    assert "Say first what you see" in "\n".join(element.proto.body for element in app.get("html"))
    app.checkbox[0].check()
    app.button[0].click().run()
    review = open_store().reviews.latest(CASE, "reader")
    assert review is not None
    assert review.own == (OwnReading("clinical-note", (), 50),)


def test_nothing_is_recorded_before_the_reader_says_so() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.radio[0].set_value("viral pneumonia").run()
    assert open_store().reviews.latest(CASE, "reader") is None


def test_no_figure_of_a_model_stands_beside_the_question() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert "0." not in " ".join([*app.radio[0].options, *app.multiselect[0].options])
    assert app.multiselect[0].value == []
