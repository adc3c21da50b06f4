"""Removal is asked twice, takes everything of a case or of its patient away, and is not offered for samples."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from engine import Review, open_store, sample_index


def _page() -> None:
    """Offer to remove the first of two cases of one patient, or what the session asks for."""
    import numpy as np
    import streamlit as st

    from dashboard import keeping
    from dashboard.components.removal import removal
    from engine import Case, Image, Placement

    def film(case_id: str) -> Case:
        placement = Placement(patient=st.session_state.get("patient", "jane"))
        image = Image(np.zeros((1, 4, 4), np.uint8), case_id, modality="DX", placement=placement)
        return Case(case_id, "Film", ((image,),))

    if "kept" not in st.session_state:
        st.session_state["kept"] = [keeping.keep(film(case_id)) for case_id in ("one", "two")]
    st.text(removal(film(st.session_state.get("case", "one"))) or "nothing")


def page(**session: str) -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60)
    for name, value in session.items():
        app.session_state[name] = value
    return app.run()


def button(app: AppTest, words: str) -> Button:
    return next(found for found in app.button if found.label.startswith(words))


def test_nothing_is_removed_before_the_reader_is_sure() -> None:
    app = page()
    assert button(app, "Remove this case").disabled
    assert button(app, "Remove every case").disabled
    assert "chain" in app.caption[0].value


def test_one_case_goes_with_its_reviews_and_the_chain_stays_whole() -> None:
    app = page()
    store = open_store()
    store.reviews.save(Review("one", "reader", comment="clear"))
    app.checkbox[0].check().run()
    button(app, "Remove this case").click().run()
    assert app.text[0].value == "The case was removed."
    assert store.cases.line("one") is None
    assert store.cases.line("two") is not None
    assert store.reviews.of("one") == ()
    assert store.verify().whole


def test_every_case_of_the_patient_goes() -> None:
    app = page()
    app.checkbox[0].check().run()
    button(app, "Remove every case").click().run()
    assert app.text[0].value == "2 cases were removed."
    assert open_store().cases.line("two") is None


def test_files_that_do_not_say_whose_they_are_are_removed_one_by_one() -> None:
    app = page(patient="")
    app.checkbox[0].check().run()
    assert not button(app, "Remove this case").disabled
    assert button(app, "Remove every case").disabled


@pytest.mark.parametrize("case_id", ["of-this-session", sample_index()[0].case_id])
def test_samples_and_cases_of_the_session_are_not_offered(case_id: str) -> None:
    app = page(case=case_id)
    assert not app.button
    assert app.text[0].value == "nothing"


def test_a_case_that_was_removed_meanwhile_is_told() -> None:
    app = page()
    app.checkbox[0].check().run()
    open_store().cases.remove("one", actor="another")
    button(app, "Remove this case").click().run()
    assert not app.exception
    assert not app.button
