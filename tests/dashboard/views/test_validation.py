"""Validation: no reader's name, no figure without its n, and plain words where there is nothing to count."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard import keeping
from engine import Answer, Review
from tests.engine.evaluation.readers import YES, answer, drawn_study, review

VIEW = str(Path(dashboard.__file__).parent / "views" / "validation.py")
SAMPLES = {"chest-bacterial-1": True, "chest-normal-1": False, "chest-viral-1": True}


def shown(monkeypatch: pytest.MonkeyPatch, reviews: list[Review], answers: list[Answer]) -> AppTest:
    monkeypatch.setattr(keeping, "kept_reviews", lambda: tuple(reviews))
    monkeypatch.setattr(keeping, "kept_answers", lambda: tuple(answers))
    app = AppTest.from_file(VIEW, default_timeout=60).run()
    assert not app.exception
    assert not app.error
    return app


def words(app: AppTest) -> str:
    parts = [element.proto.body for element in app.get("html")]
    parts += [element.value for kind in (app.caption, app.markdown, app.info) for element in kind]
    return "\n".join(parts)


def test_without_a_review_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Open a case, judge what the model found, and sign." in words(shown(monkeypatch, [], []))


def test_samples_have_the_reference_they_were_made_with(monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = [review(case_id, "Dr Meier", not yes, yes) for case_id, yes in SAMPLES.items()]
    app = shown(monkeypatch, reviews, [answer(case_id, 0.9 if yes else 0.1) for case_id, yes in SAMPLES.items()])
    text = words(app)
    assert "**3 readings** of 3 cases (2 positive) by 1 reader." in text
    assert "Over-reliance: 0 of 0 right calls were given up where the model was wrong." in text
    assert "0.00 (no interval)" in text  # alone: every call was wrong, on too few cases for an interval
    assert "Meier" not in text
    offered = [element.proto.body for element in app.get("html") if "at-take" in element.proto.body]
    assert [re.sub("<.*?>", "", body) for body in offered] == [
        "Reviews, CSV",
        "Reviews, JSON",
        "Study pack (DECIDE-AI)",
    ]


def test_cases_without_a_reference_are_left_out_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    reviews, answers, _ = drawn_study()
    assert "No signed review of this task is of a case in the reference standard." in words(
        shown(monkeypatch, reviews, answers)
    )


def test_where_the_model_always_spoke_first_nothing_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = [review(case_id, "one", None, yes) for case_id, yes in SAMPLES.items()]
    text = words(shown(monkeypatch, reviews, []))
    assert "there is no reader alone to compare with" in text
    assert "Over-reliance" not in text


def test_subgroups_know_the_modality(monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = [review(case_id, "one", yes, yes) for case_id, yes in SAMPLES.items()]
    assert "Modality: DX" in words(shown(monkeypatch, reviews, []))


def test_drafts_are_counted_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = review("chest-normal-1", "one", True, False)
    draft = replace(signed, case_id="chest-viral-1", signed_at=None)
    assert "1 signed review of 1 case by 1 reader; 1 draft." in words(shown(monkeypatch, [signed, draft], []))


def test_a_yes_is_what_the_reader_says(monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = [review(case_id, "one", yes, yes) for case_id, yes in SAMPLES.items()]
    app = shown(monkeypatch, reviews, [])
    app.multiselect[0].set_value([YES]).run()
    assert not app.exception
    assert "(1 positive)" in words(app)  # viral pneumonia is then a no
