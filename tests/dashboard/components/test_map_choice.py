"""The picker of maps: the default first, every other method behind one click, and one clear sentence for each."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from dashboard.components.map_choice import _MEANING
from dashboard.state import Question
from engine import Method

BEST, *OTHERS = Method


def _page() -> None:
    import streamlit as st

    from dashboard.components.map_choice import map_choice
    from engine import Method

    st.session_state["asked"] = map_choice(["normal", "viral", "bacterial"], tuple(Method), 2, key="k")


def _asked(app: AppTest) -> Question:
    assert not app.exception
    question: Question = app.session_state["asked"]
    return question


def _more() -> AppTest:
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.button_group[0].set_value("More methods").run()
    return app


def test_the_default_comes_first_and_speaks_for_the_first_label() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert _asked(app) == Question(BEST, "normal")
    assert app.caption[0].value == _MEANING[BEST]


def test_a_label_can_be_compared_with_any_other() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.selectbox(key="k-label").set_value("viral").run()
    assert app.selectbox(key="k-rather-than").options == ["(no comparison)", "normal", "bacterial"]
    app.selectbox(key="k-rather-than").set_value("bacterial").run()
    assert _asked(app) == Question(BEST, "viral", rather_than="bacterial")
    app.selectbox(key="k-label").set_value("bacterial").run()
    assert _asked(app).rather_than is None


def test_every_other_method_is_behind_one_click() -> None:
    app = _more()
    for method in OTHERS:
        app.selectbox(key="k-other").set_value(method).run()
        asked = _asked(app)
        assert asked.method is method
        assert (asked.label is not None) == method.by_label
        assert ("blue against" in app.caption[0].value) == method.signed


def test_attention_is_asked_for_by_head() -> None:
    app = _more()
    app.selectbox(key="k-other").set_value(Method.ATTENTION).run()
    app.selectbox(key="k-head").set_value(1).run()
    assert _asked(app) == Question(Method.ATTENTION, head=1)


def test_every_method_is_explained_in_words() -> None:
    assert set(_MEANING) == set(Method)


def single() -> None:
    """Ask about the only label of a model."""
    import streamlit as st

    from dashboard.components.map_choice import map_choice
    from engine import Method

    st.text(map_choice(["death"], [Method.RELEVANCE, Method.ROLLOUT], 2, key="m").label)


def test_the_only_label_is_not_asked_for() -> None:
    app = AppTest.from_function(single).run()
    assert not app.selectbox
    assert app.text[0].value == "death"
