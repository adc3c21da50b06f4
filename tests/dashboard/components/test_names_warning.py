from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def _page(text: str) -> None:
    from dashboard.components.names_warning import names_warning

    names_warning("The comment", text, key="warned")


def told(text: str) -> str:
    app = AppTest.from_function(_page, args=(text,), default_timeout=60).run()
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_a_comment_that_names_somebody_is_told() -> None:
    said = told("Discussed with Dr. Okonkwo, call 617-236-8890")
    assert "The comment may name somebody" in said
    assert "Okonkwo (name)" in said


@pytest.mark.parametrize("text", ["", "clear", "a nodule", "ok", "agree, pneumonia", "Left base hazy"])
def test_what_a_reader_usually_writes_interrupts_nobody(text: str) -> None:
    assert told(text) == ""


def _printed() -> None:
    import streamlit as st

    from dashboard.components.names_warning import other_words
    from engine import Case, Note

    text = "Discussed with Dr. Okonkwo. Lungs clear."
    for place, words in other_words(Case("1", "", note=Note(text, "d")), key="printed").items():
        st.text(f"{text[place.start : place.end]} is printed as {words}")


def test_a_report_of_a_note_that_is_not_kept_prints_other_names() -> None:
    app = AppTest.from_function(_printed, default_timeout=60).run()
    assert not app.exception
    (said,) = (element.value for element in app.text)
    assert said.startswith("Okonkwo is printed as ")
    assert not said.endswith("Okonkwo")
