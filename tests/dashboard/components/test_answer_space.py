"""The answers that a question can have: how many, how far they reach, and found by their words."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.answer_space import in_words
from engine import shipped_card


def _page() -> None:
    from dashboard.components.answer_space import answer_space
    from engine import shipped_card

    answer_space(shipped_card("visual-question"), key="q")


def test_what_the_answers_cover_is_said_with_n_and_interval() -> None:
    card = shipped_card("visual-question")
    reach = card.metrics["open_answers_covered"]
    said = in_words(card)
    assert f"among {len(card.labels)} answers" in said
    assert f"{reach.value:.0%} are among them" in said
    assert f"n = {reach.n}" in said


@pytest.mark.parametrize(("words", "shown"), [("Axial", "axial"), ("zebra", "it can never be given")])
def test_answers_are_found_by_their_words(words: str, shown: str) -> None:
    app = AppTest.from_function(_page).run()
    app.text_input(key="q-answers").set_value(words).run()
    assert not app.exception
    said = app.get("html")[-1].proto.body
    assert shown in said
    assert "pancreas" not in said
