"""Past cases are looked for when it is asked for, once; whether an answer stands is said in words."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st

    from dashboard.components.similar import past_images_alike, steadiness_line
    from engine import CheckpointMissing, PastCase, SimilarCases, Steadiness

    def alike() -> SimilarCases:
        st.session_state["asked"] = st.session_state.get("asked", 0) + 1
        near = tuple(PastCase((label,), distance) for label, distance in (("ill", 0.02), ("ill", 0.03), ("well", 0.04)))
        return SimilarCases(near, searched=1500, typical=0.005)

    def forgetful() -> SimilarCases:
        raise CheckpointMissing("This model keeps no memory.", "Train it again.")

    steadiness_line(Steadiness("ill", 9, 5 / 9, 0.4, 0.7))
    past_images_alike(alike, key="first")
    past_images_alike(forgetful, key="second")


def _html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_no_past_case_is_looked_for_before_the_reader_asks() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert "asked" not in app.session_state


def test_an_answer_that_does_not_hold_is_said_in_words_and_stands_out() -> None:
    html = _html(AppTest.from_function(_page, default_timeout=60).run())
    assert "The answer held in 4 of 8 small shifts (ill 0.40 to 0.70)." in html
    assert "at-alarm" in html


def test_past_cases_are_looked_for_once() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.toggle[0].set_value(True).run()
    app.run()
    assert not app.exception
    assert app.session_state["asked"] == 1
    assert "2 ill, 1 well" in "\n".join(element.value for element in app.markdown)
    assert "none is really alike" in "\n".join(element.value for element in app.caption)


def test_a_model_without_a_memory_says_so() -> None:
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.toggle[1].set_value(True).run()
    assert "keeps no memory" in _html(app)


def _notes() -> None:
    from dashboard.components.similar import past_notes_alike
    from engine import PastCase, SimilarCases

    near = (PastCase(("Urology", "Surgery"), 0.02, "mts-12"), PastCase((), 0.04, "mts-700"))
    past_notes_alike(lambda: SimilarCases(near, searched=1608, typical=0.02), key="note")


def test_past_notes_are_named_by_their_ids_when_they_are_asked_for() -> None:
    app = AppTest.from_function(_notes, default_timeout=60).run()
    assert "mts-12" not in _html(app)
    app.toggle[0].set_value(True).run()
    assert not app.exception
    assert "mts-12" in _html(app)
    assert "Urology, Surgery" in _html(app)
    assert "1,608 training notes" in app.caption[-1].value
