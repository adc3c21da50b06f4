"""Findings are said in words that never exceed the model's own calls."""

from __future__ import annotations

import itertools

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.findings import likelihood, sentence
from engine import Call, Finding


def test_words_follow_the_probability() -> None:
    words = [likelihood(p / 100) for p in range(101)]
    order = ["very unlikely", "unlikely", "about as likely as not", "more likely than not", "likely", "very likely"]
    assert [word for word, _ in itertools.groupby(words)] == order


@pytest.mark.parametrize(
    ("calls", "start"),
    [
        ((Call.RULED_IN, Call.RULED_OUT), "Ruled in: a 0.60"),
        ((Call.UNCERTAIN, Call.UNCERTAIN), "No firm answer. Possible: a 0.60, b 0.40"),
        ((Call.RULED_OUT, Call.RULED_OUT), "Every label is ruled out"),
    ],
)
def test_the_sentence_says_what_was_called(calls: tuple[Call, Call], start: str) -> None:
    findings = (Finding("a", 0.6, calls[0]), Finding("b", 0.4, calls[1]))
    assert sentence(findings).startswith(start)


def test_many_labels_are_counted() -> None:
    said = sentence([Finding(f"label {i}", 0.9, Call.RULED_IN) for i in range(5)])
    assert said.endswith("and 2 more.")


def _page(inside: bool, count: int) -> None:
    from dashboard.components.findings import findings_table, headline
    from engine import Analysis, Call, Domain, Finding

    found = tuple(
        Finding(f"<b>label {i}</b>", 0.9 - i / 100, Call.RULED_OUT if i else Call.RULED_IN) for i in range(count)
    )
    analysis = Analysis("task", "case", found, Domain(inside, ("It is a photograph.",)), "ab", "cpu")
    headline(analysis, "Chest radiograph")
    findings_table(analysis, "Chest radiograph")


def shown(inside: bool = True, count: int = 3) -> str:
    app = AppTest.from_function(_page, args=(inside, count)).run()
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def test_labels_are_escaped() -> None:
    html = shown()
    assert "&lt;b&gt;label 0" in html
    assert "<b>label" not in html


def test_inside_the_domain_calls_are_made() -> None:
    html = shown()
    assert "ruled in" in html
    assert "abstains" not in html


def test_outside_the_domain_the_model_abstains_and_says_why() -> None:
    html = shown(inside=False)
    assert "It is a photograph." in html
    assert "abstains" in html
    assert "ruled in" not in html
    assert html.count("no call") == 3


def test_labels_that_are_ruled_out_fold_away_where_there_are_many() -> None:
    assert "<details>" not in shown(count=6)
    many = shown(count=20)
    assert "19 more labels" in many
    assert all(f"label {i}&lt;" in many for i in range(20))
