"""The draft is editable where it is the reader's, owns up to edits, and can be taken away."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest


def _page(signed: bool) -> None:
    from datetime import UTC, datetime

    import numpy as np
    import streamlit as st

    from dashboard import keeping
    from dashboard.components.report_panel import report_panel
    from dashboard.reading import Reading
    from dashboard.state import View
    from engine import (
        TASKS,
        Analysis,
        Call,
        Case,
        Domain,
        Explanation,
        Finding,
        Image,
        Judgement,
        Method,
        Review,
        Stance,
        Window,
    )

    pixels = np.tile(np.arange(60, dtype=np.float32), (1, 40, 1))
    case = Case("abc", "MEIER^ANNA", series=((Image(pixels, "d", modality="DX", windows=(Window(30, 60),)),),))
    found = (Finding("normal", 0.8, Call.RULED_IN),)
    analysis = Analysis("chest-xray", "abc", found, Domain(True), "f" * 64, "cpu")
    explanation = Explanation(Method.RELEVANCE, "normal", 3.0, map=np.ones((40, 60), np.float32))
    reading = Reading(TASKS["chest-xray"], View("abc", "chest-xray"), analysis, explanation=explanation)
    if st.session_state.get("left"):  # another pane is shown
        st.stop()
    stance = Stance.REJECT if st.session_state.get("rejects") else Stance.AGREE
    said = (Judgement("chest-xray", "normal", stance, 0.8),)
    at = datetime(2026, 11, 20, tzinfo=UTC) if signed else None
    review = Review("abc", "r", judgements=said, comment="Fine.", signed_at=at)
    report_panel(case, [reading], review, checked={}, there=keeping.whether_kept(case.case_id))


def shown(signed: bool) -> AppTest:
    app = AppTest.from_function(_page, args=(signed,), default_timeout=60).run()
    assert not app.exception
    assert not app.error
    return app


def marks(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_the_reader_s_sections_can_be_edited() -> None:
    app = shown(signed=False)
    assert [(area.label, area.value) for area in app.text_area[1:]] == [
        ("Impression", "Chest radiograph: pneumonia in small children: normal."),
        ("Comment", "Fine."),
    ]
    assert "agrees with normal, model 0.80 (likely)." in app.text_area[0].value
    assert "DRAFT – not signed" in marks(app)
    assert re.findall(r">(Download \w+)</a>", marks(app)) == ["Download PDF", "Download HTML"]


def test_the_report_of_a_case_that_is_no_longer_kept_is_not_handed_out_though_the_page_is_drawn_again() -> None:
    shelf = shown(signed=False).session_state["shelf"]
    assert [parcel.there() for _, parcel in shelf.parcels.values()] == [False, False]


def test_an_edit_after_signing_is_owned_up_to() -> None:
    app = shown(signed=True)
    assert "EDITED" not in marks(app)
    app.text_area[1].set_value("All is well.").run()
    assert "EDITED AFTER SIGNING – Impression" in marks(app)


def test_an_unchecked_map_is_no_reason_and_pictures_have_words() -> None:
    html = marks(shown(signed=False))
    assert "This map was not checked on this case" in html
    assert html.count("<img ") == html.count("alt=") == 3
    assert "MEIER" not in html


def test_what_was_written_is_there_when_the_report_is_shown_again() -> None:
    app = shown(signed=False)
    app.text_area[1].set_value("All is well.").run()
    app.session_state["left"] = True
    app.run()
    assert not app.text_area
    app.session_state["left"] = False
    app.run()
    assert app.text_area[1].value == "All is well."


def test_what_was_written_is_offered_when_the_records_change() -> None:
    app = shown(signed=False)
    app.text_area[1].set_value("All is well.").run()
    app.session_state["rejects"] = True
    app.run()
    assert app.text_area[1].value == "Chest radiograph: pneumonia in small children: none of the findings."
    assert "All is well." in marks(app)
    next(button for button in app.button if button.label == "Put my words back").click().run()
    assert app.text_area[1].value == "All is well."
    assert "Put my words back" not in [button.label for button in app.button]
